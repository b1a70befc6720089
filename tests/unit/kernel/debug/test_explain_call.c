/* SPDX-License-Identifier: MIT */
/* The calls that show proxies: words of a window, steps of a chain, each error, no address. */
#include "proxy_world.h"

#include <kernel/peer.h>

#define MONITOR R4_INIT_SLOT_MONITOR
#define WORDS   (UINT64_C(1) * WINDOW_PAGES * PAGE_WORDS)
#define ALL     R4_RIGHTS_DEFINED

static struct thread *root(void)
{
    return sim.of[0].root;
}

static uint64_t asid_of(uint32_t d)
{
    return sim_pd_at(root(), domain[d].pd)->asid;
}

static struct sim_reply ask_word(uint32_t d, uint32_t number)
{
    const struct sim_reply reply = SIM_CALL(root(), MONITOR_WORD, MONITOR, domain[d].pd, number);

    assert_true(reply.is_done);
    assert_int_equal(reply.err, R4_OK);
    return reply;
}

static void expect_word(uint32_t d, uint32_t from, uint64_t word, uint32_t number, bool is_marked)
{
    const struct sim_reply reply = ask_word(d, from);

    assert_int_equal(reply.word[0], word);
    assert_int_equal(reply.word[1], number);
    assert_int_equal(reply.word[2], is_marked);
}

static struct sim_reply ask_step(uint32_t d, uint32_t peer, uint32_t index, uint32_t step)
{
    const struct sim_reply reply =
        SIM_CALL(root(), MONITOR_RESOLVE, MONITOR, domain[d].pd, peer, index, step);

    assert_true(reply.is_done);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[1] & R4_PROXY_STEP_MBZ_MASK, 0);
    assert_int_equal(reply.word[2] & R4_PROXY_THROUGH_MBZ_MASK, 0);
    return reply;
}

static void expect_step(uint32_t d, uint32_t index, uint32_t step, enum r4_proxy_verdict verdict,
                        enum r4_err err)
{
    const struct sim_reply reply = ask_step(d, 0, index, step);

    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), verdict);
    assert_int_equal(r4_reply_error(reply.word[5]), err);
}

static void test_words_of_a_window(void **state)
{
    const uint64_t first = grant(1, ROOT_SLOT, ALL, 5);
    const uint64_t last = use(1, word_index(MARKED_PAGE, 0), 3);

    (void)state;
    proxy_world(2);
    domain[0].word[3] = first;
    domain[0].word[4] = 0xf00000000000fff0; /* empty, whatever else stands in it */
    domain[0].word[5] = r4_proxy_with_kind(first, R4_PROXY_KIND_BUSY);
    domain[0].word[2 * PAGE_WORDS - 1] = last;
    expect_word(0, 0, first, 3, true);
    expect_word(0, 3, first, 3, true);
    expect_word(0, 4, domain[0].word[5], 5, true);
    assert_int_equal(ask_word(0, 0).word[3], domain_slot(0, PEER_SLOT(1))->extra);
    /* A page a call. */
    expect_word(0, 6, 0, PAGE_WORDS, false);
    expect_word(0, PAGE_WORDS, last, 2 * PAGE_WORDS - 1, false);
    expect_word(0, 2 * PAGE_WORDS - 1, last, 2 * PAGE_WORDS - 1, false);
    /* Nothing is mapped behind it: to the end of the window at once. */
    expect_word(0, 2 * PAGE_WORDS, 0, WORDS, false);
    expect_word(0, WORDS - 1, 0, WORDS, false);
}

/* A word whose peer is none, or is cut off, has no other end. */
static void test_words_without_a_peer(void **state)
{
    (void)state;
    proxy_world(2);
    domain[0].word[0] = proxy_make(R4_PROXY_KIND_GRANT, ROOT_SLOT, 1, ALL, 1);
    assert_int_equal(ask_word(0, 0).word[3], 0);
    domain[0].word[0] = proxy_make(R4_PROXY_KIND_GRANT, UINT16_MAX, 1, ALL, 1);
    assert_int_equal(ask_word(0, 0).word[3], 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    assert_int_not_equal(ask_word(0, 0).word[3], 0);
    done(1, CAP_DELETE, PEER_SLOT(0), 0);
    assert_int_equal(ask_word(0, 0).word[3], 0);
}

/* A page in the largest window there is: the search ends with it and does not begin again. */
static void test_search_ends_with_the_window(void **state)
{
    struct sim_reply reply = {.word = {0, 0}};
    uint64_t number = 0;
    uint32_t found = 0;

    (void)state;
    proxy_world(1);
    sim_pd_at(root(), domain[0].pd)->window_bytes = R4_WINDOW_BYTES_MAX;
    domain[0].word[0] = use(0, word_index(MARKED_PAGE, 0), 1);
    while (number < R4_INDEX_WORD) {
        reply = ask_word(0, (uint32_t)number);
        found += reply.word[0] != 0;
        number = reply.word[1] + (reply.word[0] != 0);
    }
    assert_int_equal(found, 1);
    assert_int_equal(reply.word[1], R4_INDEX_WORD);
}

/* How far one call looks is bounded; a large window takes several, a full one too. */
static void test_search_is_bounded(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    uint64_t number = 0;
    uint32_t calls = 0;

    (void)state;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, table, WINDOW_BASE, R4_WINDOW_BYTES_MAX);
    while (number < R4_INDEX_WORD) {
        const struct sim_reply reply = SIM_CALL(root(), MONITOR_WORD, MONITOR, pd, number);

        assert_int_equal(reply.err, R4_OK);
        assert_int_equal(reply.word[0], 0);
        assert_true(reply.word[1] > number);
        number = reply.word[1];
        calls++;
    }
    assert_int_equal(number, R4_INDEX_WORD);
    assert_int_equal(calls, R4_WINDOW_BYTES_MAX / R4_PAGE_BYTES / 64u);
}

static void test_a_chain_that_holds(void **state)
{
    const struct slot *s;
    struct sim_reply reply;
    uint32_t end;
    uint32_t index;

    (void)state;
    proxy_world(2);
    index = make_chain(1, ROOT_SLOT, 5, &end);
    s = domain_slot(0, ROOT_SLOT);
    reply = ask_step(end, 0, index, 0);
    assert_int_equal(reply.word[0], domain[1].word[1]);
    assert_int_equal(r4_proxy_step_index(reply.word[1]), index);
    assert_int_equal(r4_proxy_step_asid(reply.word[1]), asid_of(1));
    reply = ask_step(end, 0, index, 1);
    assert_int_equal(reply.word[0], domain[0].word[0]);
    assert_int_equal(r4_proxy_step_asid(reply.word[1]), asid_of(0));
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_CONTINUES);
    reply = ask_step(end, 0, index, 2);
    assert_int_equal(r4_cap_view_type(reply.word[0]), R4_TYPE_NOTIFICATION);
    assert_int_equal(r4_proxy_step_index(reply.word[1]), ROOT_SLOT);
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_REACHED);
    assert_int_equal(r4_proxy_through_rights(reply.word[2]), slot_rights(s));
    assert_int_equal(r4_proxy_through_ttl(reply.word[2]), 5);
    assert_int_equal(reply.word[3], 0x40);
    assert_int_equal(reply.word[4],
                     peer_session(domain_slot(1, PEER_SLOT(0))->extra, word_index(MARKED_PAGE, 0)));
    assert_int_equal(reply.word[5], 0);
    expect_refused(root(), R4_E_AGAIN, 4, MONITOR_RESOLVE, MONITOR, domain[end].pd, 0, index, 3);
    /* The same without a USE. */
    reply = ask_step(1, PEER_SLOT(0), word_index(MARKED_PAGE, 0), 0);
    assert_int_equal(reply.word[0], 0);
    assert_int_equal(r4_proxy_step_index(reply.word[1]), PEER_SLOT(0));
    reply = ask_step(1, PEER_SLOT(0), word_index(MARKED_PAGE, 0), 2);
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_REACHED);
    reply = ask_step(0, 0, ROOT_SLOT, 0);
    assert_int_equal(r4_cap_view_rights(reply.word[0]), slot_rights(s));
    assert_int_equal(reply.word[4], 0);
}

/* What callers may not tell apart the monitor tells apart; what they may, it tells as they are told. */
static void test_chains_that_break(void **state)
{
    const uint32_t index = word_index(PLAIN_PAGE, 3);
    uint64_t *own;

    (void)state;
    proxy_world(2);
    own = &domain[1].word[PAGE_WORDS + 3u];
    expect_step(1, word_index(WINDOW_PAGES, 0), 0, R4_PROXY_VERDICT_OUTSIDE, R4_E_INDEX);
    expect_step(1, word_index(ABSENT_PAGE, 0), 0, R4_PROXY_VERDICT_UNMAPPED, R4_E_UNMAPPED);
    expect_step(1, index, 0, R4_PROXY_VERDICT_EMPTY, R4_E_EMPTY);
    *own = use(5, word_index(MARKED_PAGE, 0), 3);
    expect_step(1, index, 0, R4_PROXY_VERDICT_PEER_EMPTY, R4_E_EMPTY);
    assert_int_equal(r4_reply_detail(ask_step(1, 0, index, 0).word[5]), R4_DETAIL_PEER);
    *own = use(0, word_index(PLAIN_PAGE, 0), 3);
    domain[0].word[PAGE_WORDS] = grant(1, ROOT_SLOT, ALL, 5);
    expect_step(1, index, 0, R4_PROXY_VERDICT_CONTINUES, R4_OK);
    expect_step(1, index, 1, R4_PROXY_VERDICT_UNMARKED, R4_E_PROXY);
    assert_int_equal(ask_step(1, 0, index, 1).word[0], 0);
    *own = use(0, word_index(MARKED_PAGE, 0), 3);
    expect_step(1, index, 1, R4_PROXY_VERDICT_EMPTY, R4_E_PROXY);
    domain[0].word[0] = grant(0, ROOT_SLOT, ALL, 5);
    expect_step(1, index, 1, R4_PROXY_VERDICT_OTHER_PEER, R4_E_PROXY);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 2);
    expect_step(1, index, 1, R4_PROXY_VERDICT_TTL_USE, R4_E_TTL);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 15);
    expect_step(1, index, 2, R4_PROXY_VERDICT_TTL_NAMED, R4_E_TTL);
    domain[0].word[0] = grant(1, 90, ALL, 5);
    expect_step(1, index, 2, R4_PROXY_VERDICT_SLOT_EMPTY, R4_E_PROXY);
    done(0, CAP_DELETE, PEER_SLOT(1), 0);
    expect_step(1, index, 1, R4_PROXY_VERDICT_PEER_DEAD, R4_E_PROXY);
    assert_int_equal(r4_proxy_step_asid(ask_step(1, 0, index, 1).word[1]), 0);
    expect_refused(root(), R4_E_AGAIN, 4, MONITOR_RESOLVE, MONITOR, domain[1].pd, 0, index, 2);
}

static void expect_pd_errors(uint32_t call)
{
    const uint32_t spare = sim_slots_take(0, 3);
    const uint64_t weak = spare;
    const uint64_t blind = spare + 1;
    const uint64_t empty = spare + 2;
    const struct {
        uint32_t monitor;
        uint64_t pd;
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {(uint32_t)blind, domain[0].pd, R4_E_RIGHTS, 0},
        {domain[0].pd, domain[0].pd, R4_E_TYPE, 0},
        {MONITOR, 0, R4_E_INDEX, 1},
        {MONITOR, SIM_TABLE_LAST, R4_E_INDEX, 1},
        {MONITOR, UINT64_C(1) << 24, R4_E_RANGE, 1},
        {MONITOR, empty, R4_E_EMPTY, 1},
        {MONITOR, domain[0].table, R4_E_TYPE, 1},
        {MONITOR, weak, R4_E_RIGHTS, 1},
    };

    SIM_ROOT(0, CAP_DERIVE, domain[0].pd, 0, weak, R4_RIGHT_LINK);
    SIM_ROOT(0, CAP_DERIVE, MONITOR, 0, blind, R4_RIGHT_WRITE | R4_RIGHT_CONTROL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint64_t word[6] = {cases[i].pd, 0, 0, 0};
        const struct sim_reply reply = sim_call(root(), (enum r4_call)call, cases[i].monitor, word);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
    }
}

static void test_errors_are_exact(void **state)
{
    (void)state;
    proxy_world(1);
    expect_pd_errors(R4_CALL_MONITOR_WORD);
    expect_pd_errors(R4_CALL_MONITOR_RESOLVE);
    const uint32_t pd = domain[0].pd;

    expect_refused(root(), R4_E_RANGE, 2, MONITOR_WORD, MONITOR, pd, WORDS);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_WORD, MONITOR, pd, R4_INDEX_WORD);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_WORD, MONITOR, pd, UINT32_MAX);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_WORD, MONITOR, pd, UINT64_MAX);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_RESOLVE, MONITOR, pd, UINT64_C(1) << 16, 1, 0);
    expect_refused(root(), R4_E_RANGE, 3, MONITOR_RESOLVE, MONITOR, pd, 0, UINT64_C(1) << 24, 0);
    expect_refused(root(), R4_E_RANGE, 3, MONITOR_RESOLVE, MONITOR, pd, 0, UINT64_C(1) << 32, 0);
    expect_refused(root(), R4_E_RANGE, 4, MONITOR_RESOLVE, MONITOR, pd, 0, ROOT_SLOT, 256);
    expect_refused(root(), R4_E_AGAIN, 4, MONITOR_RESOLVE, MONITOR, pd, 0, ROOT_SLOT, 1);
    expect_refused(root(), R4_E_AGAIN, 4, MONITOR_RESOLVE, MONITOR, pd, 0, ROOT_SLOT, 255);
}

/* A domain without a window, a table or an address space has nothing to show. */
static void test_a_bare_domain(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    struct sim_reply reply;

    (void)state;
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_WORD, MONITOR, pd, 0);
    reply = SIM_CALL(root(), MONITOR_RESOLVE, MONITOR, pd, 0, R4_INDEX_WORD, 0);
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_OUTSIDE);
    reply = SIM_CALL(root(), MONITOR_RESOLVE, MONITOR, pd, 7, R4_INDEX_WORD, 0);
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_NO_PEER);
    reply = SIM_CALL(root(), MONITOR_RESOLVE, MONITOR, pd, 0, 7, 0);
    assert_int_equal(r4_proxy_step_verdict(reply.word[1]), R4_PROXY_VERDICT_NO_SLOT);
}

/* Looking changes nothing, GRANTs for one use among it. */
static void test_looking_uses_nothing_up(void **state)
{
    const uint64_t word = grant(1, ROOT_SLOT, ALL, 5) | R4_PROXY_ONCE_MASK;

    (void)state;
    proxy_world(2);
    domain[0].word[0] = word;
    domain[1].word[0] = use(0, word_index(MARKED_PAGE, 0), 5);
    expect_step(1, word_index(MARKED_PAGE, 0), 2, R4_PROXY_VERDICT_REACHED, R4_OK);
    assert_true(r4_proxy_through_once(ask_step(1, 0, word_index(MARKED_PAGE, 0), 2).word[2]));
    (void)ask_word(0, 0);
    assert_int_equal(domain[0].word[0], word);
    done(1, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 0), 0);
    assert_int_equal(domain[0].word[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_words_of_a_window),       SIM_TEST(test_words_without_a_peer),
        SIM_TEST(test_search_is_bounded),       SIM_TEST(test_search_ends_with_the_window),
        SIM_TEST(test_a_chain_that_holds),      SIM_TEST(test_chains_that_break),
        SIM_TEST(test_errors_are_exact),        SIM_TEST(test_a_bare_domain),
        SIM_TEST(test_looking_uses_nothing_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
