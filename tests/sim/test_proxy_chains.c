/* SPDX-License-Identifier: MIT */
/*
 * Attacks on chains of proxies: their length, their rights, what they are linked to, words for one
 * use, domains that come and go (attacks P14 to P19, P23 to P27, T19).
 */
#include "proxy_world.h"

#include "recheck.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/notification.h>
#include <kernel/untyped.h>

#define ALL         ((uint16_t)R4_RIGHTS_DEFINED)
#define ONCE        R4_PROXY_ONCE_MASK
#define GRANT       word_index(MARKED_PAGE, 0)
#define USE         word_index(PLAIN_PAGE, 3)
#define SECOND_USE  word_index(PLAIN_PAGE, 4)
#define LINKED_SLOT 50u

static uint64_t *plain_word(uint32_t d, uint32_t n)
{
    return &domain[d].word[PAGE_WORDS + n];
}

static void start(uint32_t domains)
{
    proxy_world(domains);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    *plain_word(1, 3) = use(0, GRANT, 5);
}

static struct pd *pd_of_domain(uint32_t d)
{
    return pd_of(&domain[d].t->pd_slot);
}

static uint64_t take_bits(void)
{
    struct notification *n = notification_of(domain_slot(0, ROOT_SLOT));
    const uint64_t bits = n->bits;

    n->bits = 0;
    return bits;
}

/* Another GRANT of domain 0's for domain 1: its slot `n`, the USE at SECOND_USE. */
static void grant_second(uint32_t n, uint64_t once)
{
    domain[0].word[2] = grant(1, n, ALL, 3) | once;
    *plain_word(1, 4) = use(0, word_index(MARKED_PAGE, 2), 3);
}

/* ------------------------------------------------------------------------------------------------
 * Length
 */

static uint32_t loads;

static void count(enum host_word_access access, const uint64_t *word)
{
    loads += access == HOST_WORD_LOAD && is_user_word(word);
}

/* GRANT to USE to GRANT..., round and round through `length` domains. */
static void make_circle(uint32_t length, uint8_t ttl)
{
    for (uint32_t d = 0; d < length; d++) {
        const uint32_t from = (d + length - 1u) % length;
        const uint32_t to = (d + 1u) % length;

        domain[d].word[1] = use(from, GRANT, (uint8_t)((ttl + d) & 15u));
        domain[d].word[0] = grant(to, word_index(MARKED_PAGE, 1), ALL, (uint8_t)((ttl + d) & 15u));
    }
}

static void test_P17_circles_end_within_the_bound(void **state)
{
    (void)state;
    proxy_world(7);
    sim.audit_every = 64;
    host.on_word = count;
    for (uint32_t length = 2; length <= 7; length++) {
        for (uint8_t ttl = 0; ttl < 16; ttl++) {
            make_circle(length, ttl);
            run(1);
            loads = 0;
            const struct sim_reply reply =
                SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1), 0);

            assert_true(reply.err == R4_E_PROXY || reply.err == R4_E_TTL);
            assert_true(loads <= 2u * R4_HOPS_MAX + 2u);
        }
    }
    /* A peer with oneself, length 1. */
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, 100, domain[0].pd, 101);
    for (uint8_t ttl = 0; ttl < 16; ttl++) {
        domain[0].word[1] = proxy_make(R4_PROXY_KIND_USE, 100, GRANT, ALL, ttl);
        domain[0].word[0] =
            proxy_make(R4_PROXY_KIND_GRANT, 101, word_index(MARKED_PAGE, 1), ALL, ttl);
        run(0);
        loads = 0;
        expect_refused(domain[0].t, R4_E_TTL, 0, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1),
                       0);
        assert_true(loads <= 3);
    }
}

/* A chain through a peer with oneself works like any other. */
static void test_a_peer_with_oneself(void **state)
{
    (void)state;
    proxy_world(2);
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, 100, domain[0].pd, 101);
    domain[0].word[0] = proxy_make(R4_PROXY_KIND_GRANT, 101, ROOT_SLOT, ALL, 5);
    domain[0].word[1] = proxy_make(R4_PROXY_KIND_USE, 100, GRANT, ALL, 5);
    done(0, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1), 0);
    assert_int_equal(take_bits(), 0x40);
    /* The other way there is no GRANT. */
    domain[0].word[1] = proxy_make(R4_PROXY_KIND_USE, 101, GRANT, ALL, 5);
    refused(0, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1), 0);
}

/* The longest chain of a root with the longest life: 15 GRANTs in 15 domains. */
static void test_P19_the_longest_chain(void **state)
{
    uint32_t end;
    uint32_t index;

    (void)state;
    proxy_world(16);
    /* A capability that boot made has the longest life of all. */
    SIM_ROOT(0, CAP_MOVE, R4_INIT_SLOT_MONITOR, domain[0].table, 20);
    index = make_chain(15, 20, 14, &end);
    assert_int_equal(end, 15);
    run(end);
    host.on_word = count;
    loads = 0;
    expect_ok(domain[end].t, CAP_IDENTIFY, index, 0);
    assert_int_equal(loads, 30);
    refused(end, R4_E_TTL, 0, CAP_COPY, index, 0, LINKED_SLOT);
    /* One more would need a time to live below 0. */
    domain[15].word[40] = grant(0, index, ALL, 0);
    domain[0].word[41] = use(15, word_index(MARKED_PAGE, 40), 0);
    refused(0, R4_E_TTL, 0, CAP_IDENTIFY, word_index(MARKED_PAGE, 41), 0);
}

/*
 * The most words for one use that a call can come to: three chains of 15, or a last one of 16, which
 * is refused only when its last GRANT has been read. The sanitizer watches the place for them.
 */
static void test_P19_D8_room_for_the_words_of_three_chains(void **state)
{
    struct once_words once = {0};
    struct cap_ref ref;
    uint32_t about = 0;
    uint32_t end;

    (void)state;
    proxy_world(16);
    SIM_ROOT(0, CAP_MOVE, R4_INIT_SLOT_MONITOR, domain[0].table, 20);
    for (uint32_t chain = 0; chain < 3; chain++) {
        const uint32_t hops = chain < 2 ? 15 : 16;
        const struct proxy_start from = {.index = make_chain(hops, 20, (uint8_t)(hops - 1u), &end)};

        for (uint32_t n = 0; n < hops; n++) {
            domain[n % 16u].word[2u * n] |= ONCE;
        }
        assert_int_equal(proxy_resolve(sim.of[0].cluster, pd_of(&domain[end].t->pd_slot), from,
                                       &once, &ref, &about),
                         chain < 2 ? R4_OK : R4_E_PROXY);
    }
    assert_true(once.count <= ONCE_WORDS_MAX);
}

/* ------------------------------------------------------------------------------------------------
 * Rights
 */

/* The index of the last USE of a chain of 5, and each of its words. */
static uint64_t *chain_word(uint32_t n)
{
    const uint32_t hop = n / 2u;

    return n % 2u == 0 ? &domain[hop].word[2u * hop] : &domain[hop + 1u].word[2u * hop + 1u];
}

static void test_P24_D6_every_element_needs_link(void **state)
{
    uint32_t end;
    uint32_t index;

    (void)state;
    proxy_world(6);
    index = make_chain(5, ROOT_SLOT, 10, &end);
    for (uint32_t n = 0; n < 10; n++) {
        const uint64_t whole = *chain_word(n);

        *chain_word(n) = whole & ~((uint64_t)R4_RIGHT_LINK << R4_PROXY_RIGHTS_LO);
        refused(end, n >= 8 ? R4_E_RIGHTS : R4_E_PROXY, 0, CAP_LINK, index, LINKED_SLOT);
        refused(end, n >= 8 ? R4_E_RIGHTS : R4_E_PROXY, 0, CAP_COPY, index, 0, LINKED_SLOT);
        assert_true(slot_is_empty(domain_slot(end, LINKED_SLOT)));
        done(end, NOTIFICATION_SIGNAL, index, 0);
        *chain_word(n) = whole;
    }
    /* The real capability too. */
    done(0, CAP_DERIVE, ROOT_SLOT, 0, 20, ALL & ~R4_RIGHT_LINK);
    *chain_word(0) = grant(1, 20, ALL, 10);
    refused(end, R4_E_PROXY, 0, CAP_LINK, index, LINKED_SLOT);
    *chain_word(0) = grant(1, ROOT_SLOT, ALL, 10);
    done(end, CAP_LINK, index, LINKED_SLOT);
    /* From now on the words do not matter, the root does. */
    for (uint32_t n = 0; n < 10; n++) {
        *chain_word(n) = 0;
    }
    done(end, NOTIFICATION_SIGNAL, LINKED_SLOT, 0);
    done(0, CAP_REVOKE, ROOT_SLOT, 0);
    refused(end, R4_E_EMPTY, 0, NOTIFICATION_SIGNAL, LINKED_SLOT, 0);
}

static uint16_t random_rights(void)
{
    /* Two of three bits. */
    return (uint16_t)((rng_next(&sim.rng) | rng_next(&sim.rng)) & R4_RIGHTS_DEFINED);
}

static void test_P27_rights_never_grow(void **state)
{
    uint32_t linked = 0;

    (void)state;
    proxy_world(6);
    sim.audit_every = 16;
    for (uint32_t i = 0; i < 2000; i++) {
        const uint32_t hops = 1u + rng_below(&sim.rng, 5);
        uint32_t end;
        const uint32_t index = make_chain(hops, ROOT_SLOT, 10, &end);
        uint16_t passed = slot_rights(domain_slot(0, ROOT_SLOT));
        struct sim_reply reply;

        for (uint32_t n = 0; n < 2u * hops; n++) {
            const uint16_t rights = random_rights();

            *chain_word(n) = r4_proxy_with_rights(*chain_word(n), rights);
            passed &= rights;
        }
        run(end);
        reply = SIM_CALL(domain[end].t, CAP_IDENTIFY, index, 0);
        assert_int_equal(reply.err, R4_OK);
        assert_int_equal(r4_cap_view_rights(reply.word[0]), passed);
        reply = SIM_CALL(domain[end].t, CAP_LINK, index, LINKED_SLOT);
        assert_int_equal(reply.err == R4_OK, (passed & R4_RIGHT_LINK) != 0);
        if (reply.err == R4_OK) {
            linked++;
            assert_int_equal(slot_rights(domain_slot(end, LINKED_SLOT)), passed);
            assert_int_equal(slot_ttl(domain_slot(end, LINKED_SLOT)), 10u - hops + 1u);
            expect_ok(domain[end].t, CAP_DELETE, LINKED_SLOT, 0);
        }
    }
    assert_true(linked > 50);
}

/* ------------------------------------------------------------------------------------------------
 * Long operations and words that change
 */

#define CHILDREN 60u

static void make_children(void)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);

    SIM_ROOT(0, CAP_COPY, table, domain[0].table, 21);
    for (uint32_t i = 1; i <= CHILDREN; i++) {
        done(0, CAP_COPY, ROOT_SLOT, 21, i);
    }
}

static uint32_t children(void)
{
    const struct slot *top = domain_slot(0, ROOT_SLOT);
    uint32_t n = 0;

    for (const struct slot *s = derive_next(top, top); s != NULL; s = derive_next(top, s)) {
        n++;
    }
    return n;
}

/* Stopped at its nth preemption point; false: it came to its end before. */
static bool stop_revoke(uint32_t nth)
{
    const uint64_t word[6] = {0};
    bool is_done;

    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, nth);
    sim_load_call(domain[1].t, r4_call_with_index(R4_CALL_CAP_REVOKE, USE), word);
    is_done = sim_enter_call(domain[1].t);
    sim_no_fault_points(0);
    return !is_done;
}

static void test_P14_ungrant_and_fence_at_each_preemption_point(void **state)
{
    uint32_t nth = 1;

    (void)state;
    start(2);
    for (;; nth++) {
        uint32_t left;

        make_children();
        domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
        run(1);
        if (!stop_revoke(nth)) {
            break;
        }
        left = children();
        assert_true(left > 0);
        domain[0].word[0] = 0;
        SIM_ROOT(0, FENCE, 0, 0);
        assert_true(sim_enter_call(domain[1].t));
        assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
        assert_int_equal(children(), left);
        /* What is left goes with the next revoke. */
        done(0, CAP_REVOKE, ROOT_SLOT, 0);
        assert_int_equal(children(), 0);
        done(0, CAP_DELETE, 21, 0);
    }
    assert_true(nth > 2);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_OK);
}

/* A retype through a chain into a table through another one: each restart asks both again. */
static void test_P14_P15_a_retype_whose_words_change(void **state)
{
    const uint64_t word[6] = {R4_TYPE_CAP_TABLE, 19, SECOND_USE, 100, 1};
    const uint32_t untyped = (start(2), sim_make(0, R4_TYPE_UNTYPED, 20, 1));

    (void)state;
    SIM_ROOT(0, CAP_MOVE, untyped, domain[0].table, 20);
    SIM_ROOT(0, CAP_COPY, domain[0].table, domain[0].table, 22);
    domain[0].word[0] = grant(1, 20, ALL, 5);
    for (uint32_t what = 0; what < 3; what++) {
        grant_second(22, 0);
        domain[0].word[0] = grant(1, 20, R4_RIGHT_MODIFY, 5);
        run(1);
        sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
        sim_load_call(domain[1].t, r4_call_with_index(R4_CALL_UNTYPED_RETYPE, USE), word);
        assert_false(sim_enter_call(domain[1].t));
        sim_no_fault_points(0);
        if (what == 0) {
            domain[0].word[2] = 0;
        } else if (what == 1) {
            domain[0].word[0] = grant(1, 20, R4_RIGHT_LINK, 5);
        } else {
            /* Wider than when it began. */
            domain[0].word[0] = grant(1, 20, ALL, 5);
        }
        while (!sim_enter_call(domain[1].t)) {
        }
        assert_int_equal(sim_reply_of(domain[1].t).err, what == 0   ? R4_E_PROXY
                                                        : what == 1 ? R4_E_RIGHTS
                                                                    : R4_OK);
        assert_int_equal(sim_reply_of(domain[1].t).detail, what == 0 ? 3 : 0);
        assert_int_equal(slot_is_empty(domain_slot(0, 100)), what != 2);
    }
}

/* A retype goes on where it stopped: so each time it stops at its next point. */
static void test_P14_a_retype_at_each_preemption_point(void **state)
{
    const uint64_t word[6] = {R4_TYPE_CAP_TABLE, 19, 0, 100, 1};
    const uint64_t call = r4_call_with_index(R4_CALL_UNTYPED_RETYPE, USE);
    const uint64_t once = grant(1, 20, R4_RIGHT_MODIFY, 5) | ONCE;
    uint32_t points = 0;

    (void)state;
    start(2);
    SIM_ROOT(0, CAP_MOVE, sim_make(0, R4_TYPE_UNTYPED, 20, 1), domain[0].table, 20);
    run(1);
    for (;;) {
        domain[0].word[0] = once;
        sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
        sim_load_call(domain[1].t, call, word);
        if (sim_enter_call(domain[1].t)) {
            break;
        }
        sim_no_fault_points(0);
        points++;
        assert_int_equal(domain[0].word[0], once);
        domain[0].word[0] = 0;
        assert_true(sim_enter_call(domain[1].t));
        assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
        assert_true(slot_is_empty(domain_slot(1, 100)));
        assert_false(derive_has_children(domain_slot(0, 20)));
    }
    assert_true(points > 3);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_OK);
    assert_int_equal(domain[0].word[0], 0);
    assert_int_equal(slot_type(domain_slot(1, 100)), R4_TYPE_CAP_TABLE);
}

/* What the refused waiter does not get, the next one does: from a program or from a device. */
static void test_P14_the_waiter_behind_an_erased_word(void **state)
{
    const uint32_t line = 5;

    (void)state;
    start(3);
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, line, R4_IRQ_MODE_EDGE, domain[0].table, 30);
    done(0, IRQ_BIND, 30, ROOT_SLOT);
    for (uint32_t by_device = 0; by_device < 2; by_device++) {
        domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
        domain[0].word[2] = grant(2, ROOT_SLOT, ALL, 5);
        *plain_word(2, 3) = use(0, word_index(MARKED_PAGE, 2), 5);
        run(1);
        expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
        run(2);
        expect_waiting(domain[2].t, NOTIFICATION_WAIT, USE);
        domain[0].word[0] = 0;
        run(0);
        if (by_device == 0) {
            expect_ok(domain[0].t, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
        } else {
            host_line_edge(&sim.of[0].cluster->irqs.arch, line);
            sim_settle();
        }
        assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
        assert_int_equal(sim_reply_of(domain[2].t).err, R4_OK);
        assert_int_equal(sim_reply_of(domain[2].t).word[0], 0x40);
    }
    assert_int_equal(take_bits(), 0);
}

/* What the words say now counts: no right to receive, or another notification. */
static void test_P14_the_waiter_whose_words_say_something_else(void **state)
{
    (void)state;
    for (unsigned elsewhere = 0; elsewhere < 2; elsewhere++) {
        sim_end();
        sim_start(2, 2);
        start(2);
        SIM_ROOT(0, CAP_MOVE, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[0].table, 20);
        domain[0].word[0] = grant(1, ROOT_SLOT, R4_RIGHT_RECEIVE | R4_RIGHT_SIGNAL, 5);
        run(1);
        expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
        domain[0].word[0] = elsewhere != 0 ? grant(1, 20, R4_RIGHT_RECEIVE | R4_RIGHT_SIGNAL, 5)
                                           : grant(1, ROOT_SLOT, R4_RIGHT_SIGNAL, 5);
        done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
        sim_settle();
        assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
        assert_int_equal(notification_of(domain_slot(0, ROOT_SLOT))->bits, 0x40);
    }
}

static void test_T19_a_refused_retype_through_a_chain_fills_nothing(void **state)
{
    (void)state;
    start(2);
    SIM_ROOT(0, CAP_MOVE, sim_make(0, R4_TYPE_UNTYPED, 14, 1), domain[0].table, 20);
    SIM_ROOT(0, CAP_COPY, domain[0].table, domain[0].table, 22);
    domain[0].word[0] = grant(1, 20, ALL, 5);
    grant_second(22, 0);
    done(0, CAP_COPY, ROOT_SLOT, 0, 102);
    refused(1, R4_E_OCCUPIED, 4, UNTYPED_RETYPE, USE, R4_TYPE_NOTIFICATION, 0, SECOND_USE, 100, 5);
    refused(1, R4_E_MEMORY, 0, UNTYPED_RETYPE, USE, R4_TYPE_FRAME, R4_PAGE_BITS, SECOND_USE, 110,
            5);
    for (uint32_t n = 100; n < 116; n++) {
        assert_int_equal(slot_is_empty(domain_slot(0, n)), n != 102);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Words for one use
 */

static void test_D8_once_in_an_argument(void **state)
{
    (void)state;
    start(2);
    SIM_ROOT(0, CAP_COPY, domain[0].table, domain[0].table, 22);
    grant_second(22, ONCE);
    refused(1, R4_E_RANGE, 2, CAP_COPY, USE, SECOND_USE, 0);
    assert_int_equal(domain[0].word[2], grant(1, 22, ALL, 3) | ONCE);
    done(1, CAP_COPY, USE, SECOND_USE, 100);
    assert_int_equal(domain[0].word[2], 0);
    refused(1, R4_E_PROXY, 1, CAP_COPY, USE, SECOND_USE, 101);
    assert_true(slot_is_empty(domain_slot(0, 101)));
}

/* Twice in one call is not one use: refused, and the word is as it was. */
static void test_D8_one_word_twice_in_a_call(void **state)
{
    uint64_t word;

    (void)state;
    start(2);
    SIM_ROOT(0, CAP_COPY, domain[0].table, domain[0].table, 22);
    grant_second(22, ONCE);
    word = domain[0].word[2];
    *plain_word(1, 5) = *plain_word(1, 4);
    refused(1, R4_E_PROXY, 0, CAP_MOVE, SECOND_USE, SECOND_USE, 100);
    assert_int_equal(domain[0].word[2], word);
    refused(1, R4_E_PROXY, 0, CAP_COMPARE, SECOND_USE, word_index(PLAIN_PAGE, 5));
    assert_int_equal(domain[0].word[2], word);
    done(1, CAP_COMPARE, SECOND_USE, USE);
    assert_int_equal(domain[0].word[2], 0);
}

/* Who waits through a word that became one for one use does not use it up: it is refused. */
static void test_P16_a_waiter_and_a_word_for_one_use(void **state)
{
    (void)state;
    start(2);
    run(1);
    expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5) | ONCE;
    done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
    assert_int_equal(take_bits(), 0x40);
    /* Waiting through it is its use, also when the granter takes back what is no longer there. */
    run(1);
    expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
    assert_int_equal(domain[0].word[0], 0);
    done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_OK);
}

static void test_D8_a_call_that_is_not_done_uses_nothing(void **state)
{
    (void)state;
    start(2);
    make_children();
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5) | ONCE;
    run(1);
    assert_true(stop_revoke(1));
    assert_int_equal(domain[0].word[0], grant(1, ROOT_SLOT, ALL, 5) | ONCE);
    assert_true(sim_enter_call(domain[1].t));
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_OK);
    assert_int_equal(domain[0].word[0], 0);
    assert_int_equal(children(), 0);
}

/* ------------------------------------------------------------------------------------------------
 * Domains that come and go
 */

static struct asid_table *asids(void)
{
    return &sim.of[0].cluster->asids;
}

static void destroy_domain(uint32_t d)
{
    SIM_ROOT(0, CAP_REVOKE, domain[d].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[d].pd, 0);
}

/* A new domain with the same number, window and words. */
static void test_P23_a_new_domain_with_an_old_number(void **state)
{
    const uint32_t untyped = (start(2), sim_make(0, R4_TYPE_UNTYPED, R4_PD_SIZE_BITS, 1));
    const uint32_t pd = sim_slots_take(0, 1);
    const uint32_t old = pd_of_domain(0)->asid;
    uint32_t used = 0;
    uint32_t frame;
    uint64_t *word;

    (void)state;
    run(1);
    destroy_domain(0);
    sim.audit_every = 256;
    do {
        SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_PD, 0, 0, pd, 1);
        SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
        if (r4_asid_index(sim_pd_at(sim.of[0].root, pd)->asid) == r4_asid_index(old)) {
            break;
        }
        SIM_ROOT(0, CAP_DELETE, pd, 0);
        used++;
    } while (used < R4_ASIDS_MAX);
    assert_int_equal(r4_asid_index(sim_pd_at(sim.of[0].root, pd)->asid), r4_asid_index(old));
    assert_int_not_equal(sim_pd_at(sim.of[0].root, pd)->asid, old);
    SIM_ROOT(0, PD_CONFIGURE, pd, domain[0].table, WINDOW_BASE, R4_PAGE_BYTES);
    frame = sim_map_frame(0, pd, R4_PAGE_BITS, WINDOW_BASE, R4_RIGHT_READ | R4_RIGHT_WRITE);
    SIM_ROOT(0, FRAME_MARK, frame);
    word = arch_dmap_ptr((struct paddr){sim_slot(sim.of[0].root, frame)->object});
    word[0] = grant(1, ROOT_SLOT, ALL, 5);
    assert_int_equal(sim_pd_at(sim.of[0].root, pd)->window_base, WINDOW_BASE);
    expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
}

/* The last generation of a number: then it is never given out again, and old words lead nowhere. */
static void test_P23_a_number_whose_generations_are_used_up(void **state)
{
    uint32_t index;

    (void)state;
    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        if (asids()->entry[i].pd == NULL) {
            asids()->entry[i].generation = UINT16_MAX;
        }
    }
    start(2);
    index = r4_asid_index(pd_of_domain(0)->asid);
    assert_int_equal(r4_asid_generation(pd_of_domain(0)->asid), UINT16_MAX);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    destroy_domain(0);
    assert_int_equal(asids()->entry[index].generation, 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    for (uint32_t i = asids()->free_head; i != 0; i = asids()->entry[i].next_free) {
        assert_int_not_equal(i, index);
    }
}

static int end(void **state)
{
    host.on_word = NULL;
    return sim_teardown(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_P17_circles_end_within_the_bound),
        TEST(test_a_peer_with_oneself),
        TEST(test_P19_the_longest_chain),
        TEST(test_P19_D8_room_for_the_words_of_three_chains),
        TEST(test_P24_D6_every_element_needs_link),
        TEST(test_P27_rights_never_grow),
        TEST(test_P14_ungrant_and_fence_at_each_preemption_point),
        TEST(test_P14_P15_a_retype_whose_words_change),
        TEST(test_P14_a_retype_at_each_preemption_point),
        TEST(test_P14_the_waiter_behind_an_erased_word),
        TEST(test_P14_the_waiter_whose_words_say_something_else),
        TEST(test_T19_a_refused_retype_through_a_chain_fills_nothing),
        TEST(test_D8_once_in_an_argument),
        TEST(test_D8_one_word_twice_in_a_call),
        TEST(test_P16_a_waiter_and_a_word_for_one_use),
        TEST(test_D8_a_call_that_is_not_done_uses_nothing),
        TEST(test_P23_a_new_domain_with_an_old_number),
        TEST(test_P23_a_number_whose_generations_are_used_up),
    };

    return cmocka_run_group_tests_name("proxy chains", tests, NULL, NULL);
}
