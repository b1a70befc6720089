/* SPDX-License-Identifier: MIT */
/* Directed scenarios: capabilities and tables. */
#include "sim_test.h"

#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define RIGHTS_NOTIFICATION (R4_RIGHT_LINK | R4_RIGHT_RECEIVE | R4_RIGHT_SIGNAL)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct slot *in_table(uint32_t table, uint32_t n)
{
    return table_slot(sim_table_at(root(), table), n);
}

static void test_T3_copy_between_tables_copies_the_right_slot(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t first = sim_make(0, R4_TYPE_NOTIFICATION, 0, 3);
    const uint32_t back = sim_slots_take(0, 1);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        expect_ok(root(), CAP_COPY, first + i, table, 10 + i);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(in_table(table, 10 + i)->object, sim_slot(root(), first + i)->object);
        assert_int_equal(slot_ttl(in_table(table, 10 + i)), R4_TTL_MAX - 1);
    }
    assert_true(slot_is_empty(in_table(table, 9)) && slot_is_empty(in_table(table, 13)));
    expect_ok(root(), CAP_TABLE_TAKE, table, 11, back);
    assert_int_equal(sim_slot(root(), back)->object, sim_slot(root(), first + 1)->object);
    assert_true(slot_is_empty(in_table(table, 11)));
    assert_false(slot_is_empty(in_table(table, 12)));
}

static void test_D15_destination_errors_are_exact(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t read_only = sim_slots_take(0, 1);
    const uint32_t empty = sim_slots_take(0, 1);

    (void)state;
    expect_ok(root(), CAP_DERIVE, table, 0, read_only, R4_RIGHT_READ | R4_RIGHT_LINK);
    expect_refused(root(), R4_E_INDEX, 1, CAP_COPY, n, SIM_TABLE_LAST, 1);
    expect_refused(root(), R4_E_INDEX, 1, CAP_COPY, n, SIM_TABLE_SLOTS, 1);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_COPY, n, empty, 1);
    expect_refused(root(), R4_E_TYPE, 1, CAP_COPY, n, n, 1);
    expect_refused(root(), R4_E_RIGHTS, 1, CAP_COPY, n, read_only, 1);
    expect_refused(root(), R4_E_RANGE, 2, CAP_COPY, n, table, 0);
    expect_refused(root(), R4_E_RANGE, 2, CAP_COPY, n, table, 255);
    expect_refused(root(), R4_E_RANGE, 2, CAP_COPY, n, table, 256);
    expect_refused(root(), R4_E_OCCUPIED, 2, CAP_COPY, n, 0, n);
    expect_refused(root(), R4_E_RANGE, 3, CAP_DERIVE, n, 0, empty, UINT64_C(1) << 11);
    expect_refused(root(), R4_E_EMPTY, 0, CAP_COPY, empty, 0, empty);
    expect_refused(root(), R4_E_INDEX, 0, CAP_COPY, 0, 0, empty);
    expect_refused(root(), R4_E_INDEX, 0, CAP_COPY, SIM_TABLE_LAST, 0, empty);
    expect_refused(root(), R4_E_INDEX, 0, CAP_COPY, SIM_TABLE_SLOTS, 0, empty);
    expect_refused(root(), R4_E_RANGE, 2, CAP_COPY, n, 0, UINT64_C(1) << 32);
    assert_true(slot_is_empty(sim_slot(root(), empty)));
}

static void test_D15_rights_only_fall(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, 4);

    (void)state;
    expect_ok(root(), CAP_DERIVE, n, 0, to, R4_RIGHT_LINK | R4_RIGHT_SIGNAL | R4_RIGHT_WRITE);
    assert_int_equal(slot_rights(sim_slot(root(), to)), R4_RIGHT_LINK | R4_RIGHT_SIGNAL);
    expect_ok(root(), CAP_DERIVE, to, 0, to + 1, RIGHTS_NOTIFICATION);
    assert_int_equal(slot_rights(sim_slot(root(), to + 1)), R4_RIGHT_LINK | R4_RIGHT_SIGNAL);
    expect_ok(root(), CAP_DERIVE, to, 0, to + 2, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_COPY, to + 2, 0, to + 3);
    expect_refused(root(), R4_E_RIGHTS, 0, NOTIFICATION_SIGNAL, to + 2, 0);
}

static void test_T7_signal_and_wait_need_their_rights(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, 2);

    (void)state;
    expect_ok(root(), CAP_DERIVE, n, 0, to, R4_RIGHT_RECEIVE);
    expect_ok(root(), CAP_DERIVE, n, 0, to + 1, R4_RIGHT_SIGNAL);
    expect_refused(root(), R4_E_RIGHTS, 0, NOTIFICATION_SIGNAL, to, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, NOTIFICATION_WAIT, to + 1, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, NOTIFICATION_POLL, to + 1, 0);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, to, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, to + 1, 0);
    expect_ok(root(), NOTIFICATION_POLL, to, 0);
}

static void test_D3_time_to_live_runs_out(void **state)
{
    const uint32_t first = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, R4_TTL_MAX + 1);
    uint32_t from = first;

    (void)state;
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        expect_ok(root(), CAP_COPY, from, 0, to + i);
        from = to + i;
        assert_int_equal(slot_ttl(sim_slot(root(), from)), R4_TTL_MAX - 1 - i);
    }
    expect_refused(root(), R4_E_TTL, 0, CAP_COPY, from, 0, to + R4_TTL_MAX);
    expect_refused(root(), R4_E_TTL, 0, CAP_MINT, from, 0, to + R4_TTL_MAX, 1);
    expect_refused(root(), R4_E_TTL, 1, LINK_BIND, R4_INIT_SLOT_LINKS + 1, from);
    expect_refused(root(), R4_E_TTL, 1, THREAD_BIND_FAULT, R4_INIT_SLOT_THREAD, from);
    expect_ok(root(), CAP_MOVE, from, 0, to + R4_TTL_MAX);
    assert_int_equal(slot_ttl(sim_slot(root(), to + R4_TTL_MAX)), 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, to + R4_TTL_MAX, 0);
}

static void test_D15_badge_is_given_once(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t to = sim_slots_take(0, 3);

    (void)state;
    expect_refused(root(), R4_E_RANGE, 3, CAP_MINT, n, 0, to, 0);
    expect_refused(root(), R4_E_RANGE, 3, CAP_MINT, n, 0, to, UINT64_C(1) << 63);
    expect_refused(root(), R4_E_TYPE, 0, CAP_MINT, frame, 0, to, 1);
    expect_ok(root(), CAP_MINT, n, 0, to, 0x50);
    expect_refused(root(), R4_E_STATE, 0, CAP_MINT, to, 0, to + 1, 2);
    expect_ok(root(), CAP_COPY, to, 0, to + 1);
    expect_ok(root(), NOTIFICATION_SIGNAL, to + 1, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, n, 0);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_POLL, n, 0).word[0], 0x51);
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, to + 1, 0).word[1], 0x50);
}

static void test_move_takes_children_badge_and_mapping_along(void **state)
{
    const uint64_t va = UINT64_C(0x10000000);
    const uint32_t frame =
        sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    const uint32_t to = sim_slots_take(0, 2);
    struct paddr pa;

    (void)state;
    expect_ok(root(), CAP_COPY, frame, 0, to + 1);
    expect_ok(root(), CAP_MOVE, frame, 0, to);
    assert_true(host_translate(sim_core(0, 0), va, R4_RIGHT_WRITE, &pa));
    assert_int_equal(pa.a, sim_slot(root(), to)->object);
    expect_refused(root(), R4_E_EMPTY, 0, FRAME_UNMAP, frame, 0);
    expect_ok(root(), FRAME_UNMAP, to, 0);
    assert_false(host_translate(sim_core(0, 0), va, R4_RIGHT_READ, &pa));
    expect_refused(root(), R4_E_STATE, 0, FRAME_UNMAP, to + 1, 0);
    expect_ok(root(), CAP_MOVE, to, 0, frame);
}

static void test_delete_hands_children_to_the_parent(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, 3);

    (void)state;
    expect_ok(root(), CAP_COPY, n, 0, to);
    expect_ok(root(), CAP_COPY, to, 0, to + 1);
    expect_ok(root(), CAP_COPY, to + 1, 0, to + 2);
    expect_ok(root(), CAP_DELETE, to, 0);
    expect_ok(root(), CAP_DELETE, n, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, to + 2, 0);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_POLL, to + 1, 0).word[0], 1);
    expect_ok(root(), CAP_DELETE, to + 1, 0);
    expect_ok(root(), CAP_DELETE, to + 2, 0);
    expect_refused(root(), R4_E_EMPTY, 0, CAP_DELETE, to + 2, 0);
}

static void test_T8_identify_shows_no_kernel_address(void **state)
{
    const struct sim_reply table = SIM_CALL(root(), CAP_IDENTIFY, R4_INIT_SLOT_CAP_TABLE, 0);
    const struct sim_reply untyped = SIM_CALL(root(), CAP_IDENTIFY, sim.of[0].untyped, 0);

    (void)state;
    assert_int_equal(r4_cap_view_type(table.word[0]), R4_TYPE_CAP_TABLE);
    for (unsigned i = 1; i < R4_CALL_WORDS - 1u; i++) {
        assert_int_equal(table.word[i], 0);
    }
    assert_int_equal(untyped.word[2], sim_slot(root(), sim.of[0].untyped)->object);
    assert_int_equal(untyped.word[4], UINT64_C(1) << r4_cap_view_size_bits(untyped.word[0]));
}

static void test_calls_that_do_not_exist_are_refused(void **state)
{
    static const uint64_t words[6] = {1, 2, 3, 4, 5, 6};
    static const struct {
        uint64_t call;
        enum r4_err err;
    } bad[] = {
        {0x3ff, R4_E_CALL},
        {0, R4_E_CALL},
        {UINT64_C(0xffffffffffffffff), R4_E_CALL},
        {R4_CALL_CAP_IDENTIFY | UINT64_C(1) << 10, R4_E_INDEX},
        {R4_CALL_CAP_IDENTIFY | UINT64_C(1) << 56, R4_E_INDEX},
        {R4_CALL_CAP_IDENTIFY | UINT64_C(1) << 16 | UINT64_C(1) << 32, R4_E_WORD},
        {R4_CALL_CAP_IDENTIFY | UINT64_C(0x800001) << 32, R4_E_UNMAPPED},
        {R4_CALL_YIELD | UINT64_C(1) << 32, R4_E_INDEX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct sim_reply reply = sim_call_raw(root(), bad[i].call, words);

        assert_int_equal(reply.err, bad[i].err);
        assert_int_equal(reply.detail, 0);
        assert_memory_equal(reply.word, words, sizeof(words));
    }
}

static void test_D20_tables_of_others_need_rights(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, 3);

    (void)state;
    expect_ok(root(), CAP_COPY, n, table, 7);
    expect_ok(root(), CAP_DERIVE, table, 0, to, R4_RIGHT_READ);
    expect_ok(root(), CAP_DERIVE, table, 0, to + 1, R4_RIGHT_WRITE);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_TAKE, to, 7, to + 2);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_DELETE, to, 7);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_IDENTIFY, to + 1, 7);
    assert_int_equal(r4_cap_view_type(SIM_CALL(root(), CAP_TABLE_IDENTIFY, to, 7).word[0]),
                     R4_TYPE_NOTIFICATION);
    assert_int_equal(SIM_CALL(root(), CAP_TABLE_IDENTIFY, to, 8).word[0], 0);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_IDENTIFY, to, 255);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_IDENTIFY, to, 256);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_TABLE_TAKE, to + 1, 8, to + 2);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_TAKE, to + 1, 0, to + 2);
    expect_refused(root(), R4_E_OCCUPIED, 2, CAP_TABLE_TAKE, to + 1, 7, n);
    expect_ok(root(), CAP_TABLE_DELETE, to + 1, 7);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_TABLE_DELETE, to + 1, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_T3_copy_between_tables_copies_the_right_slot),
        SIM_TEST(test_D15_destination_errors_are_exact),
        SIM_TEST(test_D15_rights_only_fall),
        SIM_TEST(test_T7_signal_and_wait_need_their_rights),
        SIM_TEST(test_D3_time_to_live_runs_out),
        SIM_TEST(test_D15_badge_is_given_once),
        SIM_TEST(test_move_takes_children_badge_and_mapping_along),
        SIM_TEST(test_delete_hands_children_to_the_parent),
        SIM_TEST(test_T8_identify_shows_no_kernel_address),
        SIM_TEST(test_calls_that_do_not_exist_are_refused),
        SIM_TEST(test_D20_tables_of_others_need_rights),
    };

    return cmocka_run_group_tests_name("capabilities", tests, NULL, NULL);
}
