/* SPDX-License-Identifier: MIT */
/*
 * Copy, mint, derive, move, take, identify: what they make, and each error. The auditor looks after
 * each call.
 */
#include "sim_test.h"

#include <kernel/derive.h>
#include <kernel/table.h>
#include <kernel/untyped.h>
#include <r4/abi/layout.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(root(), n);
}

static uint64_t view_at(uint32_t n)
{
    return table_view(pd_table(thread_pd(root())), n)->meta;
}

/* A call whose first two arguments are a table and a slot in it. */
static void expect_exact_destination(enum r4_call call, uint32_t cap, uint64_t third)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t read_only = sim_slots_take(0, 2);
    const uint32_t empty = read_only + 1;
    const struct {
        uint64_t table;
        uint64_t dest;
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {NO_CAP, empty, R4_E_INDEX, 1},
        {SIM_TABLE_LAST, empty, R4_E_INDEX, 1},
        {SIM_TABLE_SLOTS, empty, R4_E_INDEX, 1},
        {UINT64_C(1) << 24, empty, R4_E_RANGE, 1},
        {empty, 1, R4_E_EMPTY, 1},
        {frame, 1, R4_E_TYPE, 1},
        {read_only, 1, R4_E_RIGHTS, 1},
        {0, 0, R4_E_RANGE, 2},
        {0, SIM_TABLE_LAST, R4_E_RANGE, 2},
        {0, SIM_TABLE_SLOTS, R4_E_RANGE, 2},
        {table, 0, R4_E_RANGE, 2},
        {table, 255, R4_E_RANGE, 2},
        {table, 256, R4_E_RANGE, 2},
        {0, UINT64_C(1) << 32, R4_E_RANGE, 2},
        {0, frame, R4_E_OCCUPIED, 2},
        {0, cap, R4_E_OCCUPIED, 2},
    };

    SIM_ROOT(0, CAP_DERIVE, table, 0, read_only, R4_RIGHT_READ | R4_RIGHT_LINK | R4_RIGHT_CONTROL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sim_reply reply =
            sim_call(root(), call, cap, (const uint64_t[6]){cases[i].table, cases[i].dest, third});

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
        assert_true(slot_is_empty(slot_at(empty)));
    }
}

static void test_copy_calls__destination_errors_are_exact(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    (void)state;
    expect_exact_destination(R4_CALL_CAP_COPY, n, 0);
    expect_exact_destination(R4_CALL_CAP_MINT, n, 5);
    expect_exact_destination(R4_CALL_CAP_DERIVE, n, R4_RIGHT_LINK);
    expect_exact_destination(R4_CALL_CAP_MOVE, n, 0);
}

static void test_cap_copy__child_has_all_but_one_ttl(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t copy = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_COPY, n, 0, copy);
    assert_int_equal(view_at(copy), r4_cap_view_with_ttl(view_at(n), R4_TTL_MAX - 1));
    assert_ptr_equal(derive_first_child(slot_at(n)), slot_at(copy));
    assert_int_equal(object_of(slot_at(n))->caps, 2);
}

static void test_cap_copy__into_another_table(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);

    (void)state;
    SIM_ROOT(0, CAP_COPY, n, table, 254);
    assert_ptr_equal(table_slot(sim_table_at(root(), table), 254), derive_first_child(slot_at(n)));
    expect_refused(root(), R4_E_OCCUPIED, 2, CAP_COPY, n, table, 254);
}

static void test_cap_copy__ends_with_ttl(void **state)
{
    const uint32_t first = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t copies = sim_slots_take(0, R4_TTL_MAX + 1);
    uint32_t from = first;

    (void)state;
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        SIM_ROOT(0, CAP_COPY, from, 0, copies + i);
        from = copies + i;
    }
    assert_int_equal(slot_ttl(slot_at(from)), 0);
    expect_refused(root(), R4_E_TTL, 0, CAP_COPY, from, 0, copies + R4_TTL_MAX);
    expect_refused(root(), R4_E_TTL, 0, CAP_MINT, from, 0, copies + R4_TTL_MAX, 1);
    expect_refused(root(), R4_E_TTL, 0, CAP_DERIVE, from, 0, copies + R4_TTL_MAX, 0);
    SIM_ROOT(0, CAP_MOVE, from, 0, copies + R4_TTL_MAX);
}

static void test_copy_calls__not_below_a_revoke(void **state)
{
    static const uint64_t flags[] = {SLOT_FROZEN, SLOT_REVOKING};
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t dest = sim_slots_take(0, 1);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        slot_set_flags(slot_at(n), flags[i], 0);
        expect_refused(root(), R4_E_REVOKING, 0, CAP_COPY, n, 0, dest);
        expect_refused(root(), R4_E_REVOKING, 0, CAP_MINT, n, 0, dest, 1);
        expect_refused(root(), R4_E_REVOKING, 0, CAP_DERIVE, n, 0, dest, 0);
        slot_set_flags(slot_at(n), 0, flags[i]);
    }
}

static void test_copy_calls__need_link(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t dest = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, n, 0, dest, R4_RIGHT_SIGNAL | R4_RIGHT_RECEIVE);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_COPY, dest, 0, dest + 1);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_MINT, dest, 0, dest + 1, 1);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_DERIVE, dest, 0, dest + 1, 0);
}

static void test_cap_derive__keeps_common_rights(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t dest = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, frame, 0, dest, R4_RIGHT_READ | R4_RIGHT_LINK | R4_RIGHT_SIGNAL);
    assert_int_equal(slot_rights(slot_at(dest)), R4_RIGHT_READ | R4_RIGHT_LINK);
    SIM_ROOT(0, CAP_DERIVE, dest, 0, dest + 1, R4_RIGHTS_DEFINED);
    assert_int_equal(slot_rights(slot_at(dest + 1)), R4_RIGHT_READ | R4_RIGHT_LINK);
    expect_refused(root(), R4_E_RANGE, 3, CAP_DERIVE, frame, 0, sim_slots_take(0, 1),
                   R4_RIGHTS_DEFINED + 1u);
}

static void test_cap_mint__badge_once(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t dest = sim_slots_take(0, 3);

    (void)state;
    expect_refused(root(), R4_E_TYPE, 0, CAP_MINT, frame, 0, dest, 1);
    expect_refused(root(), R4_E_RANGE, 3, CAP_MINT, n, 0, dest, 0);
    expect_refused(root(), R4_E_RANGE, 3, CAP_MINT, n, 0, dest, UINT64_C(1) << 63);
    SIM_ROOT(0, CAP_MINT, n, 0, dest, 0x1234);
    assert_int_equal(table_view(pd_table(thread_pd(root())), dest)->badge, 0x1234);
    expect_refused(root(), R4_E_STATE, 0, CAP_MINT, dest, 0, dest + 1, 7);
    SIM_ROOT(0, CAP_COPY, dest, 0, dest + 1);
    assert_int_equal(slot_at(dest + 1)->extra, 0x1234);
    SIM_ROOT(0, CAP_MINT, R4_INIT_SLOT_LINKS + 1, 0, dest + 2, 3);
    assert_int_equal(slot_at(dest + 2)->extra, 3);
}

static void test_cap_copy__untyped_goes_whole(void **state)
{
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t slots = sim_slots_take(0, 6);

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, 12, 0, slots, 1);
    expect_refused(root(), R4_E_BUSY, 0, CAP_COPY, untyped, 0, slots + 1);
    expect_refused(root(), R4_E_BUSY, 0, CAP_DERIVE, untyped, 0, slots + 1, 0);
    SIM_ROOT(0, CAP_DELETE, slots);
    SIM_ROOT(0, CAP_COPY, untyped, 0, slots + 1);
    expect_refused(root(), R4_E_MEMORY, 0, UNTYPED_RETYPE, untyped, R4_TYPE_NOTIFICATION, 0, 0,
                   slots + 2, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, slots + 1, R4_TYPE_FRAME, 12, 0, slots + 2, 4);
    /* The copy goes: its frames hang under the source, which stays full until they are gone. */
    SIM_ROOT(0, CAP_DELETE, slots + 1);
    expect_refused(root(), R4_E_MEMORY, 0, UNTYPED_RETYPE, untyped, R4_TYPE_NOTIFICATION, 0, 0,
                   slots + 1, 1);
    for (uint32_t i = 2; i < 6; i++) {
        SIM_ROOT(0, CAP_DELETE, slots + i);
    }
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, 12, 0, slots, 5);
}

static void test_cap_move__object_and_place_stay(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slots = sim_slots_take(0, 3);
    uint64_t view;

    (void)state;
    SIM_ROOT(0, CAP_MINT, n, 0, slots, 9);
    SIM_ROOT(0, CAP_COPY, slots, 0, slots + 1);
    view = view_at(slots);
    SIM_ROOT(0, CAP_MOVE, slots, 0, slots + 2);
    assert_true(slot_is_empty(slot_at(slots)));
    assert_int_equal(view_at(slots), 0);
    assert_int_equal(view_at(slots + 2), view);
    assert_int_equal(slot_at(slots + 2)->extra, 9);
    assert_ptr_equal(derive_first_child(slot_at(n)), slot_at(slots + 2));
    assert_ptr_equal(derive_first_child(slot_at(slots + 2)), slot_at(slots + 1));
}

static void test_cap_table_take__errors_and_effect(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t dest = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_COPY, n, table, 17);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_TAKE, table, 0, dest);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_TAKE, table, 255, dest);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_TAKE, table, 256, dest);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_TABLE_TAKE, table, 18, dest);
    expect_refused(root(), R4_E_RANGE, 2, CAP_TABLE_TAKE, table, 17, 0);
    expect_refused(root(), R4_E_RANGE, 2, CAP_TABLE_TAKE, table, 17, SIM_TABLE_LAST);
    expect_refused(root(), R4_E_RANGE, 2, CAP_TABLE_TAKE, table, 17, SIM_TABLE_SLOTS);
    expect_refused(root(), R4_E_OCCUPIED, 2, CAP_TABLE_TAKE, table, 17, n);
    SIM_ROOT(0, CAP_TABLE_TAKE, table, 17, dest);
    assert_ptr_equal(derive_first_child(slot_at(n)), slot_at(dest));
    SIM_ROOT(0, CAP_DERIVE, table, 0, dest + 1, R4_RIGHT_READ);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_TAKE, dest + 1, 17, dest);
}

static void test_cap_identify__says_what_the_abi_says(void **state)
{
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t slots = sim_slots_take(0, 2);
    struct sim_reply reply;

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, 12, 0, slots, 1);
    reply = SIM_CALL(root(), CAP_IDENTIFY, untyped, 0);
    assert_int_equal(reply.word[0], view_at(untyped));
    assert_int_equal(reply.word[1], 0);
    assert_int_equal(reply.word[2], slot_at(untyped)->object);
    assert_int_equal(reply.word[3], 0);
    assert_int_equal(reply.word[4], 3 * R4_PAGE_BYTES);

    sim_make_tables(0, R4_INIT_SLOT_PD, 0x400000, 1);
    SIM_ROOT(0, FRAME_MAP, slots, R4_INIT_SLOT_PD, 0x400000, R4_RIGHT_READ);
    reply = SIM_CALL(root(), CAP_IDENTIFY, slots, 0);
    assert_true(r4_cap_view_mapped(reply.word[0]));
    assert_int_equal(r4_cap_view_type(reply.word[0]), R4_TYPE_FRAME);
    assert_int_equal(reply.word[2], slot_at(untyped)->object);
    assert_int_equal(reply.word[3], 0x400000);
    assert_int_equal(reply.word[4], 0);

    /* No address of a kernel object leaves the kernel. */
    reply = SIM_CALL(root(), CAP_IDENTIFY, R4_INIT_SLOT_PD, 0);
    for (unsigned i = 1; i < 5; i++) {
        assert_int_equal(reply.word[i], 0);
    }
}

static void test_cap_table_identify__any_slot(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct sim_reply reply;

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_IDENTIFY, table, 0);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_IDENTIFY, table, 255);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_IDENTIFY, table, 256);
    reply = SIM_CALL(root(), CAP_TABLE_IDENTIFY, table, 254);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0] | reply.word[1], 0);
    SIM_ROOT(0, CAP_MINT, n, table, 254, 44);
    reply = SIM_CALL(root(), CAP_TABLE_IDENTIFY, table, 254);
    assert_int_equal(r4_cap_view_type(reply.word[0]), R4_TYPE_NOTIFICATION);
    assert_int_equal(reply.word[1], 44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_copy_calls__destination_errors_are_exact),
        SIM_TEST(test_cap_copy__child_has_all_but_one_ttl),
        SIM_TEST(test_cap_copy__into_another_table),
        SIM_TEST(test_cap_copy__ends_with_ttl),
        SIM_TEST(test_copy_calls__not_below_a_revoke),
        SIM_TEST(test_copy_calls__need_link),
        SIM_TEST(test_cap_derive__keeps_common_rights),
        SIM_TEST(test_cap_mint__badge_once),
        SIM_TEST(test_cap_copy__untyped_goes_whole),
        SIM_TEST(test_cap_move__object_and_place_stay),
        SIM_TEST(test_cap_table_take__errors_and_effect),
        SIM_TEST(test_cap_identify__says_what_the_abi_says),
        SIM_TEST(test_cap_table_identify__any_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
