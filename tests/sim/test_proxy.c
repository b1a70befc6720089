/* SPDX-License-Identifier: MIT */
/*
 * Directed scenarios: what comes through a chain of proxies and what does not. Names cite the
 * attacks that they answer.
 */
#include "proxy_world.h"

#include <arch/mmu.h>
#include <kernel/notification.h>

#define SEND  R4_RIGHT_SIGNAL
#define ALL   R4_RIGHTS_DEFINED
#define GRANT word_index(MARKED_PAGE, 0)
#define USE   word_index(PLAIN_PAGE, 3)

static uint64_t *use_word(uint32_t d)
{
    return &domain[d].word[PAGE_WORDS + 3u];
}

static uint64_t bits(void)
{
    return notification_of(domain_slot(0, ROOT_SLOT))->bits;
}

/* Domain 0 grants its notification to domain 1, which has a USE for it. */
static void start_pair(void)
{
    proxy_world(2);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    *use_word(1) = use(0, GRANT, 5);
}

static void test_D2_delegate_and_take_back_are_stores(void **state)
{
    (void)state;
    start_pair();
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(bits(), 0x40);
    domain[0].word[0] = 0;
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, SEND, 5);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    refused(1, R4_E_RIGHTS, 0, NOTIFICATION_POLL, USE, 0);
}

static void test_D10_peer_and_index_without_a_use(void **state)
{
    const uint64_t word[6] = {0};
    const uint64_t call =
        r4_call_with_peer(r4_call_with_index(R4_CALL_NOTIFICATION_SIGNAL, GRANT), PEER_SLOT(0));
    const uint64_t slot = r4_call_with_index(call, ROOT_SLOT);

    (void)state;
    start_pair();
    run(1);
    assert_int_equal(sim_call_raw(domain[1].t, call, word).err, R4_OK);
    /* A slot of the other domain is nobody's to name. */
    assert_int_equal(sim_call_raw(domain[1].t, slot, word).err, R4_E_WORD);
    domain[0].word[0] = 0;
    assert_int_equal(sim_call_raw(domain[1].t, call, word).err, R4_E_PROXY);
}

static void test_P1_a_use_of_what_nobody_granted(void **state)
{
    (void)state;
    start_pair();
    *use_word(1) = use(0, word_index(MARKED_PAGE, 1), 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(bits(), 0);
}

static void test_P2_a_grant_of_what_one_does_not_have(void **state)
{
    (void)state;
    start_pair();
    domain[0].word[0] = grant(1, ROOT_SLOT + 1u, ALL, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, 0, ALL, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, 0x7fffff, ALL, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_P4_P5_every_foreign_reason_is_one_error(void **state)
{
    (void)state;
    start_pair();
    domain[0].word[PAGE_WORDS] = domain[0].word[0];
    *use_word(1) = use(0, word_index(PLAIN_PAGE, 0), 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, word_index(ABSENT_PAGE, 0), 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, word_index(WINDOW_PAGES, 0), 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, R4_INDEX_WORD | 0x7fffff, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, GRANT, 5);
    domain[0].word[0] = grant(0, ROOT_SLOT, ALL, 5);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
}

/* About one's own words and slots the answers are exact. */
static void test_own_words_have_exact_errors(void **state)
{
    (void)state;
    start_pair();
    refused(1, R4_E_INDEX, 0, NOTIFICATION_SIGNAL, word_index(WINDOW_PAGES, 0), 0);
    refused(1, R4_E_UNMAPPED, 0, NOTIFICATION_SIGNAL, word_index(ABSENT_PAGE, 0), 0);
    refused(1, R4_E_EMPTY, 0, NOTIFICATION_SIGNAL, word_index(PLAIN_PAGE, 0), 0);
    *use_word(1) = grant(0, 5, ALL, 3);
    refused(1, R4_E_WORD, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, GRANT, 5) | R4_PROXY_ONCE_MASK;
    refused(1, R4_E_WORD, 0, NOTIFICATION_SIGNAL, USE, 0);
    for (unsigned bit = 60; bit < 64; bit++) {
        *use_word(1) = use(0, GRANT, 5) | UINT64_C(1) << bit;
        refused(1, R4_E_WORD, 0, NOTIFICATION_SIGNAL, USE, 0);
    }
    *use_word(1) = use(0, ROOT_SLOT, 5);
    refused(1, R4_E_WORD, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = proxy_make(R4_PROXY_KIND_USE, 0, GRANT, ALL, 5);
    refused(1, R4_E_INDEX, R4_DETAIL_PEER, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = proxy_make(R4_PROXY_KIND_USE, 256, GRANT, ALL, 5);
    refused(1, R4_E_INDEX, R4_DETAIL_PEER, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = proxy_make(R4_PROXY_KIND_USE, PEER_SLOT(9), GRANT, ALL, 5);
    refused(1, R4_E_EMPTY, R4_DETAIL_PEER, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_MONITOR, domain[1].table, 5);
    *use_word(1) = proxy_make(R4_PROXY_KIND_USE, 5, GRANT, ALL, 5);
    refused(1, R4_E_TYPE, R4_DETAIL_PEER, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, GRANT, 6);
    refused(1, R4_E_TTL, 0, NOTIFICATION_SIGNAL, USE, 0);
    *use_word(1) = use(0, GRANT, 5);
    refused(1, R4_E_TYPE, 0, FRAME_UNMAP, USE, 0);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_P18_D3_time_to_live_falls_strictly(void **state)
{
    uint32_t end;

    (void)state;
    start_pair();
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, slot_ttl(domain_slot(0, ROOT_SLOT)));
    refused(1, R4_E_TTL, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 15);
    refused(1, R4_E_TTL, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 0);
    *use_word(1) = use(0, GRANT, 0);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    refused(1, R4_E_TTL, 0, CAP_COPY, USE, 0, 40);
    /* The longest chain that the root's time to live allows. */
    const uint8_t most = (uint8_t)(slot_ttl(domain_slot(0, ROOT_SLOT)) - 1u);
    const uint32_t index = make_chain(most + 1u, ROOT_SLOT, most, &end);

    done(end, NOTIFICATION_SIGNAL, index, 0);
}

/* Circles of length 1 and 2 end, whatever their words say. */
static void test_P17_circles_end(void **state)
{
    (void)state;
    start_pair();
    for (uint8_t ttl = 0; ttl < 16; ttl++) {
        domain[0].word[0] = grant(1, word_index(MARKED_PAGE, 1), ALL, ttl);
        domain[0].word[1] = use(1, word_index(MARKED_PAGE, 0), ttl < 15 ? ttl + 1 : 15);
        domain[1].word[0] = grant(0, word_index(MARKED_PAGE, 1), ALL, ttl < 14 ? ttl + 1 : 14);
        domain[1].word[1] = use(0, GRANT, ttl < 15 ? ttl + 2 & 15 : 15);
        *use_word(1) = use(0, GRANT, ttl);
        refused(1, ttl == 15 ? R4_E_TTL : R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    }
}

static void test_P23_a_recycled_asid_revives_nothing(void **state)
{
    const uint64_t link = (start_pair(), domain_slot(1, PEER_SLOT(0))->extra);
    struct asid_table *asids = &sim.of[0].cluster->asids;

    (void)state;
    sim.audit_every = 0; /* the auditor knows better */
    asids->entry[r4_asid_index(r4_peer_asid(link))].generation++;
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    asids->entry[r4_asid_index(r4_peer_asid(link))].generation--;
    done(1, NOTIFICATION_SIGNAL, USE, 0);
}

/* One end cuts both ways and leaves a tombstone, so that a slot used again re-aims no old word. */
static void test_D11_deleting_an_end_cuts_both_ways(void **state)
{
    (void)state;
    start_pair();
    domain[1].word[0] = grant(0, R4_INIT_SLOT_PD, ALL, 1);
    done(0, CAP_DELETE, PEER_SLOT(1), 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(slot_type(domain_slot(1, PEER_SLOT(0))), R4_TYPE_PEER);
    assert_int_equal(domain_slot(1, PEER_SLOT(0))->extra, 0);
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, PEER_SLOT(1),
             domain[1].pd, 60);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    done(1, CAP_DELETE, PEER_SLOT(0), 0);
    refused(1, R4_E_EMPTY, R4_DETAIL_PEER, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_peers_stay_where_they_are(void **state)
{
    (void)state;
    start_pair();
    refused(1, R4_E_TYPE, 0, CAP_MOVE, PEER_SLOT(0), 0, 50);
    refused(1, R4_E_RIGHTS, 0, CAP_COPY, PEER_SLOT(0), 0, 50);
    refused(1, R4_E_RIGHTS, 0, CAP_REVOKE, PEER_SLOT(0), 0);
    run(1);
    expect_refused(sim.of[0].root, R4_E_TYPE, 1, CAP_TABLE_TAKE, domain[1].table, PEER_SLOT(0),
                   sim_slots_take(0, 1));
}

static void test_D9_modify_is_needed_to_change_the_source(void **state)
{
    (void)state;
    start_pair();
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL & ~R4_RIGHT_MODIFY, 5);
    refused(1, R4_E_RIGHTS, 0, CAP_DELETE, USE, 0);
    refused(1, R4_E_RIGHTS, 0, CAP_MOVE, USE, 0, 50);
    refused(1, R4_E_RIGHTS, 0, CAP_REVOKE, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    done(1, CAP_MOVE, USE, 0, 50);
    assert_true(slot_is_empty(domain_slot(0, ROOT_SLOT)));
    assert_int_equal(slot_type(domain_slot(1, 50)), R4_TYPE_NOTIFICATION);
}

static void test_D6_D7_link_makes_a_real_capability(void **state)
{
    (void)state;
    start_pair();
    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_MONITOR, domain[1].table, 5);
    domain[0].word[0] = grant(1, ROOT_SLOT, SEND, 5);
    refused(1, R4_E_RIGHTS, 0, CAP_LINK, USE, 50);
    domain[0].word[0] = grant(1, ROOT_SLOT, SEND | R4_RIGHT_LINK, 5);
    refused(1, R4_E_RANGE, 1, CAP_LINK, USE, 0);
    refused(1, R4_E_OCCUPIED, 1, CAP_LINK, USE, PEER_SLOT(0));
    refused(1, R4_E_STATE, 0, CAP_LINK, 5, 50);
    assert_true(slot_is_empty(domain_slot(1, 50)));
    *use_word(1) = use(0, GRANT, 4);
    done(1, CAP_LINK, USE, 50);
    assert_int_equal(slot_ttl(domain_slot(1, 50)), 4);
    assert_int_equal(slot_rights(domain_slot(1, 50)), SEND | R4_RIGHT_LINK);
    assert_ptr_equal(derive_first_child(domain_slot(0, ROOT_SLOT)), domain_slot(1, 50));
    /* Intermediates revoke no more; the root does. */
    domain[0].word[0] = 0;
    done(1, NOTIFICATION_SIGNAL, 50, 0);
    done(0, CAP_REVOKE, ROOT_SLOT, 0);
    refused(1, R4_E_EMPTY, 0, NOTIFICATION_SIGNAL, 50, 0);
}

static void test_D8_once_is_used_up_by_success_only(void **state)
{
    const uint64_t word = R4_PROXY_ONCE_MASK;

    (void)state;
    start_pair();
    domain[0].word[0] = grant(1, ROOT_SLOT, SEND | R4_RIGHT_LINK, 5) | word;
    refused(1, R4_E_RIGHTS, 0, NOTIFICATION_POLL, USE, 0);
    refused(1, R4_E_TYPE, 0, FRAME_UNMAP, USE, 0);
    refused(1, R4_E_ONCE, 0, CAP_COPY, USE, 0, 50);
    refused(1, R4_E_ONCE, 0, CAP_LINK, USE, 50);
    assert_int_equal(domain[0].word[0], grant(1, ROOT_SLOT, SEND | R4_RIGHT_LINK, 5) | word);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(domain[0].word[0], 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_signalling_needs_a_minted_badge(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    (void)state;
    start_pair();
    SIM_ROOT(0, CAP_COPY, n, domain[0].table, 17);
    domain[0].word[0] = grant(1, 17, ALL, 5);
    refused(1, R4_E_BADGE, 0, NOTIFICATION_SIGNAL, USE, 0);
    done(1, CAP_LINK, USE, 50);
    assert_int_equal(domain_slot(1, 50)->extra,
                     R4_SESSION_IS_SESSION_MASK | GRANT |
                         (uint64_t)r4_asid_index(sim_pd_at(sim.of[0].root, domain[0].pd)->asid)
                             << R4_SESSION_ASID_LO |
                         (uint64_t)r4_asid_generation(sim_pd_at(sim.of[0].root, domain[0].pd)->asid)
                             << R4_SESSION_GENERATION_LO);
    refused(1, R4_E_BADGE, 0, NOTIFICATION_SIGNAL, 50, 0);
    done(1, CAP_MINT, USE, 0, 51, 0x8);
    done(1, NOTIFICATION_SIGNAL, 51, 0);
}

/* A receiver that waits through an erased word is refused when something comes; the next one has it. */
static void test_P14_a_waiter_through_an_erased_word(void **state)
{
    struct thread *waiter;

    (void)state;
    start_pair();
    waiter = domain[1].t;
    run(1);
    expect_waiting(waiter, NOTIFICATION_WAIT, USE);
    domain[0].word[0] = 0;
    done(0, FENCE, 0, 0);
    assert_int_equal(waiter->state, R4_THREAD_STATE_WAITING);
    done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
    assert_int_equal(sim_reply_of(waiter).err, R4_E_PROXY);
    assert_int_equal(bits(), 0x40);
}

/* How many wait through chains is bounded, and so is the signal that refuses them all. */
static void test_only_so_many_wait_through_chains(void **state)
{
    struct thread *t[R4_CHAIN_WAITERS_MAX + 1u];

    (void)state;
    start_pair();
    for (uint32_t i = 0; i <= R4_CHAIN_WAITERS_MAX; i++) {
        t[i] =
            sim_thread_at(sim.of[0].root, sim_make_thread(0, domain[1].pd, 1, (uint8_t)(30u + i)));
        sim_settle();
        if (i < R4_CHAIN_WAITERS_MAX) {
            expect_waiting(t[i], NOTIFICATION_WAIT, USE);
        } else {
            expect_refused(t[i], R4_E_LIMIT, 0, NOTIFICATION_WAIT, USE, 0);
        }
    }
    domain[0].word[0] = 0;
    SIM_ROOT(0, CAP_TABLE_TAKE, domain[0].table, ROOT_SLOT, 900);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, 900, 0);
    for (uint32_t i = 0; i < R4_CHAIN_WAITERS_MAX; i++) {
        assert_int_equal(sim_reply_of(t[i]).err, R4_E_PROXY);
    }
    assert_int_equal(notification_of(sim_slot(sim.of[0].root, 900))->bits, 0x40);
}

/* At a signal nothing is looked at for those who used a word for one use: they are in nobody's way. */
static void test_waits_by_words_for_one_use_do_not_count(void **state)
{
    const uint64_t word = grant(1, ROOT_SLOT, ALL, 5);
    struct thread *t;

    (void)state;
    start_pair();
    for (uint32_t i = 0; i < R4_CHAIN_WAITERS_MAX + 3u; i++) {
        const bool is_once = i == 0 || i > R4_CHAIN_WAITERS_MAX;

        t = sim_thread_at(sim.of[0].root, sim_make_thread(0, domain[1].pd, 1, (uint8_t)(30u + i)));
        sim_settle();
        domain[0].word[0] = is_once ? word | R4_PROXY_ONCE_MASK : word;
        expect_waiting(t, NOTIFICATION_WAIT, USE);
        assert_int_equal(domain[0].word[0], is_once ? 0 : word);
    }
    t = sim_thread_at(sim.of[0].root, sim_make_thread(0, domain[1].pd, 1, 50));
    sim_settle();
    domain[0].word[0] = word;
    expect_refused(t, R4_E_LIMIT, 0, NOTIFICATION_WAIT, USE, 0);
}

static void test_waiting_through_a_chain_that_stays(void **state)
{
    (void)state;
    start_pair();
    run(1);
    expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
    done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_OK);
    assert_int_equal(sim_reply_of(domain[1].t).word[0], 0x40);
}

/* A signal may have to resolve the chain of each that waits so: there are not many. */
static void test_few_wait_through_chains_at_once(void **state)
{
    const uint32_t last = R4_CHAIN_WAITERS_MAX + 1u;

    (void)state;
    proxy_world(last + 1u);
    for (uint32_t d = 1; d <= last; d++) {
        domain[0].word[d] = grant(d, ROOT_SLOT, ALL, 5);
        *use_word(d) = use(0, word_index(MARKED_PAGE, d), 5);
        run(d);
        if (d < last) {
            expect_waiting(domain[d].t, NOTIFICATION_WAIT, USE);
        }
    }
    refused(last, R4_E_LIMIT, 0, NOTIFICATION_WAIT, USE, 0);
    done(0, NOTIFICATION_SIGNAL, ROOT_SLOT, 0);
    run(last);
    expect_waiting(domain[last].t, NOTIFICATION_WAIT, USE);
}

static void test_D4_marks_are_of_one_mapping(void **state)
{
    struct thread *root = sim.of[0].root;
    uint32_t frame;

    (void)state;
    start_pair();
    frame = domain[0].frame[MARKED_PAGE];
    done(1, NOTIFICATION_SIGNAL, USE, 0); /* the page is known now */
    run(1);
    expect_refused(root, R4_E_MARKED, 0, FRAME_MARK, frame, 0);
    expect_refused(root, R4_E_MARKED, 0, CAP_COPY, frame, 0, sim_slots_take(0, 1));
    expect_ok(root, FRAME_UNMARK, frame, 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    run(1);
    expect_refused(root, R4_E_STATE, 0, FRAME_UNMARK, frame, 0);
    expect_ok(root, FRAME_MARK, frame, 0);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, FRAME_MAP, frame, domain[0].pd, WINDOW_BASE, R4_RIGHT_READ | R4_RIGHT_WRITE);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_COPY, frame, 0, sim_slots_take(0, 1));
    expect_refused(root, R4_E_SHARED, 0, FRAME_MARK, frame, 0);
}

/* Arguments may be words too. */
static void test_arguments_come_through_chains(void **state)
{
    struct thread *root = sim.of[0].root;

    (void)state;
    start_pair();
    SIM_ROOT(0, CAP_COPY, domain[0].table, domain[0].table, 18);
    domain[0].word[2] = grant(1, 18, R4_RIGHT_WRITE, 3);
    domain[1].word[7] = use(0, word_index(MARKED_PAGE, 2), 3);
    done(1, CAP_COPY, USE, word_index(MARKED_PAGE, 7), 90);
    assert_int_equal(slot_type(domain_slot(0, 90)), R4_TYPE_NOTIFICATION);
    domain[0].word[2] = grant(1, 18, R4_RIGHT_READ, 3);
    refused(1, R4_E_RIGHTS, 1, CAP_COPY, USE, word_index(MARKED_PAGE, 7), 91);
    domain[0].word[2] = 0;
    refused(1, R4_E_PROXY, 1, CAP_COPY, USE, word_index(MARKED_PAGE, 7), 91);
    (void)root;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D2_delegate_and_take_back_are_stores),
        SIM_TEST(test_D10_peer_and_index_without_a_use),
        SIM_TEST(test_P1_a_use_of_what_nobody_granted),
        SIM_TEST(test_P2_a_grant_of_what_one_does_not_have),
        SIM_TEST(test_P4_P5_every_foreign_reason_is_one_error),
        SIM_TEST(test_own_words_have_exact_errors),
        SIM_TEST(test_P18_D3_time_to_live_falls_strictly),
        SIM_TEST(test_P17_circles_end),
        SIM_TEST(test_P23_a_recycled_asid_revives_nothing),
        SIM_TEST(test_D11_deleting_an_end_cuts_both_ways),
        SIM_TEST(test_peers_stay_where_they_are),
        SIM_TEST(test_D9_modify_is_needed_to_change_the_source),
        SIM_TEST(test_D6_D7_link_makes_a_real_capability),
        SIM_TEST(test_D8_once_is_used_up_by_success_only),
        SIM_TEST(test_signalling_needs_a_minted_badge),
        SIM_TEST(test_P14_a_waiter_through_an_erased_word),
        SIM_TEST(test_only_so_many_wait_through_chains),
        SIM_TEST(test_waits_by_words_for_one_use_do_not_count),
        SIM_TEST(test_waiting_through_a_chain_that_stays),
        SIM_TEST(test_few_wait_through_chains_at_once),
        SIM_TEST(test_D4_marks_are_of_one_mapping),
        SIM_TEST(test_arguments_come_through_chains),
    };

    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
