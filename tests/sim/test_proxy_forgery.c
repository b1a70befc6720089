/* SPDX-License-Identifier: MIT */
/*
 * Attacks on proxies by what stands in words, pages and registers (attacks P1 to P13, P20 to P22,
 * T23). What is right says recheck_chain.
 */
#include "proxy_world.h"

#include "recheck.h"

#include <arch/mmu.h>
#include <kernel/notification.h>
#include <kernel/vspace.h>
#include <string.h>

#define ALL   ((uint16_t)R4_RIGHTS_DEFINED)
#define GRANT word_index(MARKED_PAGE, 0)
#define USE   word_index(PLAIN_PAGE, 3)

/* Words loaded and swapped since count_words; what is not there is loaded from memory of zeros. */
static struct {
    uint32_t loads;
    uint32_t user_loads;
    uint32_t swaps;
    const uint64_t *at[64]; /* of user memory */
} counted;

static void count(enum host_word_access access, const uint64_t *word)
{
    if (access == HOST_WORD_SWAP) {
        counted.swaps++;
        return;
    }
    counted.loads++;
    if (is_user_word(word)) {
        counted.at[counted.user_loads % 64u] = word;
        counted.user_loads++;
    }
}

static void count_words(void)
{
    memset(&counted, 0, sizeof(counted));
    host.on_word = count;
}

static void expect_each_once(void)
{
    for (uint32_t i = 0; i < counted.user_loads; i++) {
        for (uint32_t n = 0; n < i; n++) {
            assert_ptr_not_equal(counted.at[i], counted.at[n]);
        }
    }
}

static uint64_t *use_word(uint32_t d)
{
    return &domain[d].word[PAGE_WORDS + 3u];
}

static void start(uint32_t domains)
{
    proxy_world(domains);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    *use_word(1) = use(0, GRANT, 5);
}

static struct pd *pd_of_domain(uint32_t d)
{
    return pd_of(&domain[d].t->pd_slot);
}

static uint64_t bits(void)
{
    return notification_of(domain_slot(0, ROOT_SLOT))->bits;
}

/* Many calls: the checks after each entry are left out. */
static void hurry(void)
{
    sim.is_checking = false;
    sim.isolate_every = 0;
}

/* ------------------------------------------------------------------------------------------------
 * Random words
 */

#define WORDS 4u /* that the random words stand in and name, in each page */

/* What a GRANT names, or a USE. */
static uint32_t random_index(bool is_grant)
{
    switch (rng_below(&sim.rng, 40)) {
    case 0:
        return rng_below(&sim.rng, 300);
    case 1:
        return (uint32_t)rng_next(&sim.rng) & 0xffffffu;
    case 2:
        return word_index(ABSENT_PAGE, 0);
    case 3:
        return word_index(PLAIN_PAGE, rng_below(&sim.rng, WORDS));
    default:
        break;
    }
    if (is_grant && rng_below(&sim.rng, 2) == 0) {
        return ROOT_SLOT;
    }
    return word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, WORDS / 2u) + is_grant);
}

/* What a call names. */
static uint32_t random_start(void)
{
    return rng_below(&sim.rng, 8) == 0
               ? random_index(false) | R4_INDEX_WORD
               : word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, WORDS / 2u) + 1u);
}

/*
 * Most of them are what programs write, or nearly: GRANTs in even places, USEs in odd ones. The
 * others are anything.
 */
static uint64_t random_word(bool is_even)
{
    const bool is_grant = (rng_below(&sim.rng, 16) == 0) != is_even;
    uint64_t word =
        proxy_make(is_grant ? R4_PROXY_KIND_GRANT : R4_PROXY_KIND_USE,
                   PEER_SLOT(rng_below(&sim.rng, 4)), random_index(is_grant),
                   (uint16_t)(rng_next(&sim.rng) & 0xfffu), (uint8_t)rng_below(&sim.rng, 16));

    if (is_grant && rng_below(&sim.rng, 4) == 0) {
        word |= R4_PROXY_ONCE_MASK;
    }
    if (rng_below(&sim.rng, 16) == 0) {
        word ^= UINT64_C(1) << rng_below(&sim.rng, 64);
    }
    return rng_below(&sim.rng, 16) == 0 ? rng_next(&sim.rng) : word;
}

/* A notification for each domain to grant. */
static void start_random(void)
{
    proxy_world(4);
    for (uint32_t d = 1; d < 4; d++) {
        SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[d].table, ROOT_SLOT,
                 0x40);
    }
}

static void scramble(uint32_t domains)
{
    const uint32_t page = rng_below(&sim.rng, 2);
    const uint32_t n = page * PAGE_WORDS + rng_below(&sim.rng, WORDS);

    domain[rng_below(&sim.rng, domains)].word[n] = random_word(n % 2u == 0);
}

static bool agrees(const struct recheck *r, enum r4_err err, const struct cap_ref *ref)
{
    if (r->err != err || err != R4_OK) {
        return r->err == err;
    }
    return r->root == ref->slot && r->rights == ref->rights && r->ttl == ref->ttl &&
           r->near_rights == ref->near_rights && r->is_once == ref->is_once &&
           r->session == ref->session;
}

static void test_P3_a_million_random_words(void **state)
{
    uint32_t found = 0;
    uint32_t deep = 0;

    (void)state;
    start_random();
    for (uint32_t i = 0; i < 1000000; i++) {
        const uint32_t d = rng_below(&sim.rng, 4);
        const uint32_t index = random_start();
        const struct proxy_start from = {
            .peer = rng_below(&sim.rng, 4) == 0 ? PEER_SLOT(rng_below(&sim.rng, 5)) : 0,
            .index = index};
        struct once_words once = {0};
        struct cap_ref ref;
        uint32_t about = 0;
        struct recheck r;
        enum r4_err err;

        scramble(4);
        r = recheck_chain(sim.of[0].cluster, pd_of_domain(d), from.peer, index, recheck_now);
        err = proxy_resolve(sim.of[0].cluster, pd_of_domain(d), from, &once, &ref, &about);
        if (!agrees(&r, err, &ref)) {
            fail_msg("word %u: the kernel says %d, it is %d", i, (int)err, (int)r.err);
        }
        found += err == R4_OK;
        deep += err == R4_OK && r.hops > 1;
    }
    printf("random words: %u chains led somewhere, %u of them by more than one hop\n", found, deep);
    /* The generator is good enough to meet what is right. */
    assert_true(found > 10000 && deep > 30);
}

/* The bits of every domain's notification, 16 each, which are taken away. */
static uint64_t take_all_bits(void)
{
    uint64_t all = 0;

    for (uint32_t d = 0; d < 4; d++) {
        struct notification *n = notification_of(domain_slot(d, ROOT_SLOT));

        all |= n->bits << 16 * d;
        n->bits = 0;
    }
    return all;
}

static uint32_t granter_of(const struct slot *root)
{
    uint32_t d = 0;

    while (domain_slot(d, ROOT_SLOT) != root) {
        d++;
    }
    return d;
}

/* The same through the kernel's door: signals arrive where the chain leads, and nowhere else. */
static void test_P3_random_words_in_calls(void **state)
{
    uint32_t done = 0;

    (void)state;
    start_random();
    run(1);
    hurry();
    for (uint32_t i = 0; i < 30000; i++) {
        const uint32_t index = random_start();
        struct recheck r;
        struct sim_reply reply;

        scramble(4);
        r = recheck_chain(sim.of[0].cluster, pd_of_domain(1), 0, index, recheck_now);
        reply = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0);
        assert_int_equal(reply.err == R4_OK, r.err == R4_OK &&
                                                 slot_type(r.root) == R4_TYPE_NOTIFICATION &&
                                                 (r.rights & R4_RIGHT_SIGNAL) != 0);
        assert_int_equal(take_all_bits(),
                         reply.err != R4_OK ? 0 : UINT64_C(0x40) << 16 * granter_of(r.root));
        done += reply.err == R4_OK;
    }
    assert_true(done > 10);
}

/* ------------------------------------------------------------------------------------------------
 * Refusals
 */

/* The first USE and its GRANT, by what is kept and by the walk; zeros in place of what is not there. */
#define REFUSAL_LOADS 4u

static void test_P5_every_refusal_loads_as_much(void **state)
{
    const uint64_t fresh = (start(2), domain[0].word[0]);
    const uint64_t reason[] = {
        use(0, word_index(PLAIN_PAGE, 0), 5),   use(0, word_index(ABSENT_PAGE, 0), 5),
        use(0, word_index(WINDOW_PAGES, 0), 5), use(0, R4_INDEX_WORD | 0x7fffff, 5),
        use(0, word_index(MARKED_PAGE, 9), 5),  use(0, GRANT, 5),
    };

    (void)state;
    domain[0].word[PAGE_WORDS] = fresh;
    domain[0].word[0] = grant(0, ROOT_SLOT, ALL, 5);
    for (size_t i = 0; i < sizeof(reason) / sizeof(reason[0]); i++) {
        *use_word(1) = reason[i];
        run(1);
        count_words();
        expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
        assert_int_equal(counted.loads, REFUSAL_LOADS);
        assert_int_equal(counted.swaps, 0);
    }
    domain[0].word[0] = fresh;
    *use_word(1) = use(0, GRANT, 5);
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    count_words();
    expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(counted.loads, REFUSAL_LOADS);
}

static void erase(void)
{
    domain[0].word[0] = 0;
}

static void rewrite(void)
{
    domain[0].word[0] = grant(2, ROOT_SLOT, ALL, 5);
}

static void unmark(void)
{
    SIM_ROOT(0, FRAME_UNMARK, domain[0].frame[MARKED_PAGE]);
}

static void unmap(void)
{
    SIM_ROOT(0, FRAME_UNMAP, domain[0].frame[MARKED_PAGE]);
}

static void cut(void)
{
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, PEER_SLOT(1));
}

static void end_domain(void)
{
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
}

/* The caller's chain is kept when the reason comes. */
static void test_P5_every_refusal_loads_as_much_after_a_success(void **state)
{
    static void (*const reason[])(void) = {erase, rewrite, unmark, unmap, cut, end_domain};

    (void)state;
    for (size_t i = 0; i < sizeof(reason) / sizeof(reason[0]); i++) {
        start(3);
        run(1);
        for (uint32_t n = 0; n < 2; n++) {
            expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
        }
        reason[i]();
        for (uint32_t n = 0; n < 2; n++) {
            count_words();
            expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
            assert_int_equal(counted.loads, REFUSAL_LOADS);
            expect_each_once();
        }
        host.on_word = NULL;
        (void)sim_teardown(state);
        (void)sim_setup(state);
    }
}

static void test_P6_indices_at_the_end_of_a_window(void **state)
{
    const uint32_t last = word_index(WINDOW_PAGES - 1u, PAGE_WORDS - 1u);
    const uint64_t call = r4_call_with_index(R4_CALL_NOTIFICATION_SIGNAL, USE);
    const uint64_t word[6] = {0};

    (void)state;
    start(2);
    refused(1, R4_E_UNMAPPED, 0, NOTIFICATION_SIGNAL, last, 0);
    refused(1, R4_E_INDEX, 0, NOTIFICATION_SIGNAL, last + 1u, 0);
    refused(1, R4_E_INDEX, 0, NOTIFICATION_SIGNAL, 0xffffff, 0);
    /* As far as 8 * index of 32 bits would wrap to word 0. */
    refused(1, R4_E_INDEX, 0, NOTIFICATION_SIGNAL, R4_INDEX_WORD | 0x400000, 0);
    for (unsigned bit = 56; bit < 64; bit++) {
        assert_int_equal(sim_call_raw(domain[1].t, call | UINT64_C(1) << bit, word).err,
                         R4_E_INDEX);
    }
    for (unsigned bit = 10; bit < 16; bit++) {
        assert_int_equal(sim_call_raw(domain[1].t, call | UINT64_C(1) << bit, word).err,
                         R4_E_INDEX);
    }
    *use_word(1) = use(0, last, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, last + 1u, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, last + 1u, ALL, 4);
    *use_word(1) = use(0, GRANT, 3);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(bits(), 0);
}

/* How many (peer, index) lead anywhere, for a domain. */
static uint32_t hits(uint32_t d)
{
    uint32_t found = 0;

    for (uint32_t peer = 1; peer < 256; peer++) {
        for (uint32_t n = 0; n < WINDOW_PAGES * PAGE_WORDS; n++) {
            const struct proxy_start from = {.peer = peer, .index = R4_INDEX_WORD | n};
            struct cap_ref ref;
            uint32_t about = 0;

            found += proxy_resolve(sim.of[0].cluster, pd_of_domain(d), from, NULL, &ref, &about) ==
                     R4_OK;
        }
    }
    return found;
}

static void test_T23_D11_guessing_finds_nothing(void **state)
{
    (void)state;
    start(3);
    assert_int_equal(hits(1), 1);
    assert_int_equal(hits(2), 0);
    assert_int_equal(hits(0), 0);
}

/* Another cluster grants to every peer there is: no one here can name it. */
static void test_P7_nothing_comes_from_another_cluster(void **state)
{
    uint64_t *word;
    uint32_t frame;

    (void)state;
    proxy_world(2);
    frame = sim_map_frame(1, R4_INIT_SLOT_PD, R4_PAGE_BITS, R4_ROOT_WINDOW,
                          R4_RIGHT_READ | R4_RIGHT_WRITE);
    SIM_ROOT(1, FRAME_MARK, frame);
    word = arch_dmap_ptr((struct paddr){sim_slot(sim.of[1].root, frame)->object});
    for (uint32_t i = 0; i < PAGE_WORDS; i++) {
        word[i] = proxy_make(R4_PROXY_KIND_GRANT, i % 256u, R4_INIT_SLOT_MONITOR, ALL, 3);
    }
    assert_int_equal(hits(0), 0);
    assert_int_equal(hits(1), 0);
}

/* ------------------------------------------------------------------------------------------------
 * Marks
 */

static void test_P8_no_other_way_to_a_marked_page(void **state)
{
    struct thread *root = sim.of[0].root;
    const uint32_t copy = (start(2), sim_slots_take(0, 1));
    const uint32_t frame = domain[0].frame[MARKED_PAGE];
    const uint32_t plain = domain[0].frame[PLAIN_PAGE];

    (void)state;
    expect_refused(root, R4_E_MARKED, 0, CAP_COPY, frame, 0, copy);
    expect_refused(root, R4_E_MARKED, 0, CAP_DERIVE, frame, 0, copy, R4_RIGHT_READ);
    expect_refused(root, R4_E_MAPPED, 0, FRAME_MAP, frame, domain[1].pd,
                   WINDOW_BASE + 3 * R4_PAGE_BYTES, R4_RIGHT_READ);
    /* The copy maps nothing: another writable mapping could come at any time. */
    SIM_ROOT(0, CAP_COPY, plain, 0, copy);
    expect_refused(root, R4_E_SHARED, 0, FRAME_MARK, plain, 0);
    expect_refused(root, R4_E_STATE, 0, FRAME_MARK, copy, 0);
    SIM_ROOT(0, CAP_DELETE, copy, 0);
    expect_ok(root, FRAME_MARK, plain, 0);
    SIM_ROOT(0, FRAME_UNMAP, plain, 0);
    expect_refused(root, R4_E_STATE, 0, FRAME_MARK, plain, 0);
    assert_true(slot_is_empty(sim_slot(root, copy)));
}

/* Device memory lies behind the arena: the test dies if the kernel looks at it. */
static void test_P9_device_and_shared_memory_are_not_read(void **state)
{
    const uint64_t va = (start(2), WINDOW_BASE + ABSENT_PAGE * R4_PAGE_BYTES);
    const uint32_t device = sim_slots_take(0, 1);
    const uint32_t frames[] = {device, R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES};

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].device, R4_TYPE_FRAME, R4_PAGE_BITS, 0, device, 1);
    for (uint32_t i = 0; i < 2; i++) {
        SIM_ROOT(0, FRAME_MAP, frames[i], domain[1].pd, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
        expect_refused(sim.of[0].root, R4_E_TYPE, 0, FRAME_MARK, frames[i], 0);
        refused(1, R4_E_UNMAPPED, 0, NOTIFICATION_SIGNAL, word_index(ABSENT_PAGE, 0), 0);
        SIM_ROOT(0, FRAME_UNMAP, frames[i], 0);
        SIM_ROOT(0, FRAME_MAP, frames[i], domain[0].pd, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
        *use_word(1) = use(0, word_index(ABSENT_PAGE, 0), 5);
        refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
        /* As the USE to which a GRANT leads. */
        domain[0].word[0] = grant(1, word_index(ABSENT_PAGE, 0), ALL, 5);
        *use_word(1) = use(0, GRANT, 5);
        refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
        SIM_ROOT(0, FRAME_UNMAP, frames[i], 0);
    }
}

static uint64_t leaf_at(uint32_t d, uint64_t va)
{
    return *vspace_walk(pd_of_domain(d), va, 1).entry;
}

static void test_P10_D4_only_mark_sets_the_bit(void **state)
{
    const uint64_t va = (start(2), WINDOW_BASE + PLAIN_PAGE * R4_PAGE_BYTES);
    const uint32_t frame = domain[0].frame[PLAIN_PAGE];
    struct thread *root = sim.of[0].root;

    (void)state;
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    for (unsigned bit = 0; bit < 64; bit++) {
        const struct sim_reply reply =
            SIM_CALL(root, FRAME_MAP, frame, domain[0].pd, va, R4_RIGHT_READ | UINT64_C(1) << bit);

        if (reply.err == R4_OK) {
            assert_int_equal(leaf_at(0, va) & ARCH_PTE_MARK, 0);
            assert_int_not_equal(leaf_at(0, va) & ARCH_PTE_OWN, 0);
            SIM_ROOT(0, FRAME_UNMAP, frame, 0);
        }
        assert_int_equal(leaf_at(0, va), 0);
    }
    SIM_ROOT(0, FRAME_MAP, frame, domain[0].pd, va, R4_RIGHT_READ);
    SIM_ROOT(0, FRAME_MARK, frame);
    assert_int_not_equal(leaf_at(0, va) & ARCH_PTE_MARK, 0);
    SIM_ROOT(0, FRAME_UNMARK, frame);
    assert_int_equal(leaf_at(0, va) & ARCH_PTE_MARK, 0);
    SIM_ROOT(0, FRAME_MARK, frame);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_int_equal(leaf_at(0, va), 0);
    SIM_ROOT(0, FRAME_MAP, frame, domain[0].pd, va, R4_RIGHT_READ);
    assert_int_equal(leaf_at(0, va) & ARCH_PTE_MARK, 0);
}

/* The page of the GRANT becomes something else at once: none of it is taken for a word. */
static void test_P11_a_marked_page_that_became_an_object(void **state)
{
    static const struct {
        enum r4_type type;
        uint8_t bits;
        uint32_t count;
    } into[] = {{R4_TYPE_THREAD, 0, 4},
                {R4_TYPE_PAGE_TABLE, 0, 2},
                {R4_TYPE_PD, 0, 1},
                {R4_TYPE_FRAME, R4_PAGE_BITS, 2}};
    const uint32_t untyped = (start(2), domain[0].frame[0] - 1u);
    const uint32_t slots = sim_slots_take(0, 4);

    (void)state;
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    for (size_t i = 0; i < sizeof(into) / sizeof(into[0]); i++) {
        SIM_ROOT(0, CAP_REVOKE, untyped, 0);
        refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
        SIM_ROOT(0, UNTYPED_RETYPE, untyped, into[i].type, into[i].bits, 0, slots, into[i].count);
        for (uint32_t n = 0; n < PAGE_WORDS; n++) {
            *use_word(1) = use(0, word_index(MARKED_PAGE, n), 5);
            if (n % 64 == 0) {
                refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
            }
        }
    }
    assert_int_equal(bits(), 0x40);
}

/* ------------------------------------------------------------------------------------------------
 * Time of check
 */

static uint32_t flips;

/* Before each load another program has written the other value. */
static void flip(enum host_word_access access, const uint64_t *word)
{
    (void)access;
    flips += is_user_word(word);
    domain[0].word[0] = flips % 3 == 0 ? grant(1, ROOT_SLOT, R4_RIGHT_SIGNAL, 5)
                                       : grant(1, ROOT_SLOT + 1u, R4_RIGHT_RECEIVE, 5);
}

static void test_P13_a_word_that_flips_is_one_of_its_values(void **state)
{
    const uint32_t second = (start(2), sim_make(0, R4_TYPE_NOTIFICATION, 0, 1));
    uint32_t done = 0;

    (void)state;
    SIM_ROOT(0, CAP_MINT, second, domain[0].table, ROOT_SLOT + 1u, 0x80);
    run(1);
    hurry();
    host.on_word = flip;
    for (uint32_t i = 0; i < 100000; i++) {
        const struct sim_reply reply = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);

        assert_true(reply.err == R4_OK || reply.err == R4_E_RIGHTS);
        done += reply.err == R4_OK;
    }
    assert_int_equal(flips, 200000);
    assert_true(done > 0 && done < 100000);
    assert_int_equal(notification_of(domain_slot(0, ROOT_SLOT + 1u))->bits, 0);
}

/* A signal that loads each word of the chain, once. */
static void signal_by(uint32_t d, uint32_t index, uint32_t hops)
{
    count_words();
    expect_ok(domain[d].t, NOTIFICATION_SIGNAL, index, 0);
    assert_int_equal(counted.user_loads, 2u * hops);
    assert_int_equal(counted.swaps, 0);
    expect_each_once();
}

/* Word `n` of what make_chain wrote, from the root to the caller. */
static uint64_t *chain_word(uint32_t n)
{
    const uint32_t hop = n / 2u;

    return n % 2u == 0 ? &domain[hop].word[2u * hop] : &domain[hop + 1u].word[2u * hop + 1u];
}

/* Each word is loaded once: when nothing is kept, when all agrees, and wherever a word does not. */
static void test_P13_P19_one_load_for_each_word(void **state)
{
    uint32_t end;

    (void)state;
    proxy_world(16);
    for (uint32_t hops = 1; hops < 15; hops++) {
        const uint32_t index = make_chain(hops, ROOT_SLOT, 13, &end);

        run(end);
        signal_by(end, index, hops);
        signal_by(end, index, hops);
        for (uint32_t n = 0; n < 2u * hops; n++) {
            *chain_word(n) ^= (uint64_t)R4_RIGHT_RECEIVE << R4_PROXY_RIGHTS_LO;
            signal_by(end, index, hops);
            signal_by(end, index, hops);
        }
    }
}

/* The same where the walk is refused at the word that has changed, or leads elsewhere from there. */
static void test_P13_one_load_where_a_kept_chain_breaks(void **state)
{
    const uint32_t hops = 5;
    uint32_t end;
    uint32_t index;

    (void)state;
    proxy_world(hops + 1u);
    index = make_chain(hops, ROOT_SLOT, 10, &end);
    run(end);
    for (uint32_t n = 0; n < 2u * hops; n++) {
        const uint64_t whole = *chain_word(n);

        signal_by(end, index, hops);
        *chain_word(n) =
            n % 2u == 0 ? r4_proxy_with_index(whole, 77) : r4_proxy_with_peer(whole, 9);
        count_words();
        (void)SIM_CALL(domain[end].t, NOTIFICATION_SIGNAL, index, 0);
        assert_int_equal(counted.user_loads, 2u * hops - n);
        expect_each_once();
        *chain_word(n) = whole;
    }
}

/* A chain that is kept leads to what the root's slot holds now. */
static void test_P18_another_capability_in_the_roots_slot(void **state)
{
    const uint32_t other = (start(2), sim_make(0, R4_TYPE_NOTIFICATION, 0, 1));
    const struct slot *root = domain_slot(0, ROOT_SLOT);

    (void)state;
    run(1);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, ROOT_SLOT);
    expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_MINT, other, domain[0].table, ROOT_SLOT, 0x80);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(notification_of(root)->bits, 0x80);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, ROOT_SLOT);
    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[0].table, ROOT_SLOT, 0x8);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(notification_of(root)->bits, 0x8);
}

/* ------------------------------------------------------------------------------------------------
 * Whose table, whose memory
 */

static void test_P20_words_cost_the_kernel_nothing(void **state)
{
    const struct sim_count before = (start(2), run(1), sim_count(0));
    const struct memory_account account = sim.of[0].cluster->memory;

    (void)state;
    for (uint32_t i = 0; i < PAGE_WORDS; i++) {
        domain[0].word[i] = grant(1, ROOT_SLOT, ALL, 5);
    }
    for (uint32_t i = 0; i < PAGE_WORDS; i += 16) {
        *use_word(1) = use(0, word_index(MARKED_PAGE, i), 5);
        expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    }
    assert_int_equal(sim_count(0).slots, before.slots);
    assert_memory_equal(&account, &sim.of[0].cluster->memory, sizeof(account));
}

/* Domain 1 is a server and has what its client, domain 0, names; it never gets its own instead. */
static void test_P21_P22_a_clients_index_is_not_ones_own(void **state)
{
    const uint64_t word[6] = {0};
    const uint64_t call = r4_call_with_peer(R4_CALL_NOTIFICATION_SIGNAL, PEER_SLOT(0));

    (void)state;
    start(2);
    SIM_ROOT(0, CAP_COPY, domain[0].pd, domain[1].table, 20);
    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[1].table, ROOT_SLOT, 4);
    domain[1].word[8] = grant(1, ROOT_SLOT, ALL, 5);
    run(1);
    /* The other domain's capability is no way into its table. */
    expect_refused(domain[1].t, R4_E_TYPE, 0, NOTIFICATION_SIGNAL, 20, 0);
    for (uint32_t n = 1; n < 256; n++) {
        assert_int_equal(sim_call_raw(domain[1].t, r4_call_with_index(call, n), word).err,
                         R4_E_WORD);
    }
    assert_int_equal(
        sim_call_raw(domain[1].t, r4_call_with_index(call, word_index(MARKED_PAGE, 8)), word).err,
        R4_E_PROXY);
    assert_int_equal(notification_of(domain_slot(1, ROOT_SLOT))->bits, 0);
    assert_int_equal(sim_call_raw(domain[1].t, r4_call_with_index(call, GRANT), word).err, R4_OK);
    assert_int_equal(bits(), 0x40);
}

/* What programs may read is not what the kernel believes. */
static void test_P28_views_are_for_readers_only(void **state)
{
    (void)state;
    start(2);
    sim.is_checking = false;
    table_view(pd_table(pd_of_domain(0)), ROOT_SLOT)->meta = 0;
    table_view(pd_table(pd_of_domain(1)), PEER_SLOT(0))->badge = 0;
    run(1);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    table_view(pd_table(pd_of_domain(1)), 90)->meta = slot_meta(R4_TYPE_NOTIFICATION, ALL, 3, 5);
    expect_refused(domain[1].t, R4_E_EMPTY, 0, NOTIFICATION_SIGNAL, 90, 0);
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
        TEST(test_P3_a_million_random_words),
        TEST(test_P3_random_words_in_calls),
        TEST(test_P5_every_refusal_loads_as_much),
        TEST(test_P5_every_refusal_loads_as_much_after_a_success),
        TEST(test_P6_indices_at_the_end_of_a_window),
        TEST(test_T23_D11_guessing_finds_nothing),
        TEST(test_P7_nothing_comes_from_another_cluster),
        TEST(test_P8_no_other_way_to_a_marked_page),
        TEST(test_P9_device_and_shared_memory_are_not_read),
        TEST(test_P10_D4_only_mark_sets_the_bit),
        TEST(test_P11_a_marked_page_that_became_an_object),
        TEST(test_P13_a_word_that_flips_is_one_of_its_values),
        TEST(test_P13_P19_one_load_for_each_word),
        TEST(test_P13_one_load_where_a_kept_chain_breaks),
        TEST(test_P18_another_capability_in_the_roots_slot),
        TEST(test_P20_words_cost_the_kernel_nothing),
        TEST(test_P21_P22_a_clients_index_is_not_ones_own),
        TEST(test_P28_views_are_for_readers_only),
    };

    return cmocka_run_group_tests_name("proxy forgery", tests, NULL, NULL);
}
