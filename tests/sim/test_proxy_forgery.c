/* SPDX-License-Identifier: MIT */
/*
 * Attacks on proxies by what stands in words, pages and registers (attacks P5 to P11, P20 to P22, P28,
 * T23).
 */
#include "proxy_attack.h"

#include <arch/mmu.h>
#include <kernel/vspace.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_P5_every_refusal_loads_as_much),
        TEST(test_P5_every_refusal_loads_as_much_after_a_success),
        TEST(test_P6_indices_at_the_end_of_a_window),
        TEST(test_T23_D11_guessing_finds_nothing),
        TEST(test_P7_nothing_comes_from_another_cluster),
        TEST(test_P8_no_other_way_to_a_marked_page),
        TEST(test_P9_device_and_shared_memory_are_not_read),
        TEST(test_P10_D4_only_mark_sets_the_bit),
        TEST(test_P11_a_marked_page_that_became_an_object),
        TEST(test_P20_words_cost_the_kernel_nothing),
        TEST(test_P21_P22_a_clients_index_is_not_ones_own),
        TEST(test_P28_views_are_for_readers_only),
    };

    return cmocka_run_group_tests_name("proxy forgery", tests, NULL, NULL);
}
