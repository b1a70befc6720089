/* SPDX-License-Identifier: MIT */
/* Where slots and views of a table are, and that a view says what its slot holds. */
#include "unit.h"

#include <kernel/table.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 8u
#define SLOTS     (1u << SLOT_BITS)
#define BYTES     (SLOTS << TABLE_SLOT_SHARE_BITS)

static struct cap_table *new_table(void)
{
    void *block = aligned_alloc(BYTES, BYTES);

    assert_non_null(block);
    memset(block, 0, BYTES);
    return table_format(block, SLOT_BITS);
}

static void assert_view(struct cap_table *t, uint32_t n, uint64_t meta, uint64_t badge)
{
    assert_int_equal(table_view(t, n)->meta, meta);
    assert_int_equal(table_view(t, n)->badge, badge);
}

static void test_table_format__is_a_live_empty_table(void **state)
{
    struct cap_table *t = new_table();

    (void)state;
    assert_int_equal(t->object.type, R4_TYPE_CAP_TABLE);
    assert_int_equal(t->object.caps, 1);
    assert_int_equal(t->object.dying, 0);
    assert_int_equal(table_slots(t), SLOTS);
    for (uint32_t n = 0; n < SLOTS; n++) {
        assert_int_equal(table_has(t, n), n != 0 && n != SLOTS - 1);
        assert_true(n == SLOTS - 1 || slot_is_empty(table_slot(t, n)));
        assert_view(t, n, 0, 0);
    }
    assert_false(table_has(t, SLOTS));
    assert_false(table_has(t, UINT32_MAX));
    assert_true(slot_is_empty(table_grave(t)));
    free(table_block(t));
}

static void test_table_slot__slots_and_views_fill_the_block_and_do_not_meet(void **state)
{
    struct cap_table *t = new_table();
    const char *start = table_block(t);

    (void)state;
    assert_ptr_equal(table_view(t, SLOTS - 1) + 1, table_slot(t, 0));
    assert_ptr_equal(table_slot(t, SLOTS - 1) + 1, start + BYTES);
    assert_ptr_equal(table_view(t, 0), start);
    assert_ptr_equal(table_slot(t, SLOTS - 1), t);
    free(table_block(t));
}

static void test_table_of_slot__finds_table_and_number_of_each_slot(void **state)
{
    struct cap_table *t = new_table();

    (void)state;
    for (uint32_t n = 1; n < SLOTS - 1; n++) {
        uint32_t number = 0;
        struct slot *s = table_slot(t, n);

        slot_write(s, table_home(t), slot_meta(R4_TYPE_FRAME, 1, 2, 12), 0x1000, 0);
        assert_ptr_equal(table_of_slot(s, &number), t);
        assert_int_equal(number, n);
    }
    free(table_block(t));
}

static void test_slot_write__view_shows_the_abi_part_of_meta_only(void **state)
{
    struct cap_table *t = new_table();
    const uint64_t shown =
        slot_meta(R4_TYPE_FRAME, 0x1f, 15, 21) | SLOT_DEVICE | SLOT_MAPPED | SLOT_MARKED;
    const uint64_t hidden = SLOT_FROZEN | UINT64_C(7) << SLOT_RECORD_SHIFT;

    (void)state;
    slot_write(table_slot(t, 5), table_home(t), shown | hidden, 0x200000, 0xabcdef);
    assert_view(t, 5, shown, 0);
    assert_view(t, 4, 0, 0);
    assert_view(t, 6, 0, 0);
    assert_int_equal(table_slot(t, 5)->meta, shown | hidden | table_home(t));
    assert_int_equal(table_slot(t, 5)->extra, 0xabcdef);
    free(table_block(t));
}

static void test_slot_write__home_is_that_of_the_storage(void **state)
{
    struct cap_table *t = new_table();
    struct slot embedded = {0};

    (void)state;
    slot_write(&embedded, (uint64_t)SLOT_HOME_THREAD_PD << SLOT_HOME_SHIFT,
               slot_meta(R4_TYPE_PD, 0, 3, 13), 0x1000, 0);
    slot_write(table_slot(t, 9), table_home(t), embedded.meta, embedded.object, 0);
    assert_int_equal(slot_home(table_slot(t, 9)), SLOT_BITS);
    assert_int_equal(slot_home(&embedded), SLOT_HOME_THREAD_PD);
    assert_int_equal(slot_type(table_slot(t, 9)), R4_TYPE_PD);
    free(table_block(t));
}

static void test_slot_view_of__badge_of_types_that_have_one(void **state)
{
    struct cap_table *t = new_table();

    (void)state;
    for (uint8_t type = 1; type < R4_TYPE_TABLE_SIZE; type++) {
        const uint64_t meta = slot_meta(type, 0, 1, 0);
        const bool has_badge = type == R4_TYPE_NOTIFICATION || type == R4_TYPE_CLUSTER_LINK ||
                               type == R4_TYPE_IO_PORT || type == R4_TYPE_PEER;

        slot_write(table_slot(t, type), table_home(t), meta, 0x1000, 77);
        assert_view(t, type, meta, has_badge ? 77 : 0);
        /* A zombie's `extra` is a kernel pointer. */
        assert_int_equal(
            slot_view_of(&(struct slot){.meta = meta | SLOT_ZOMBIE, .extra = 77}).badge, 0);
    }
    free(table_block(t));
}

static void test_slot_set_flags__view_follows(void **state)
{
    struct cap_table *t = new_table();
    const uint64_t meta = slot_meta(R4_TYPE_FRAME, 0x1f, 15, 12);

    (void)state;
    slot_write(table_slot(t, 3), table_home(t), meta | SLOT_MARKED, 0x1000, 0);
    slot_set_flags(table_slot(t, 3), SLOT_MAPPED, SLOT_MARKED);
    assert_view(t, 3, meta | SLOT_MAPPED, 0);
    assert_false(slot_has(table_slot(t, 3), SLOT_MARKED));
    slot_set_flags(table_slot(t, 3), 0, SLOT_MAPPED);
    assert_view(t, 3, meta, 0);
    free(table_block(t));
}

static void test_slot_clear__leaves_nothing_in_slot_and_view(void **state)
{
    struct cap_table *t = new_table();
    const struct slot empty = {0};

    (void)state;
    slot_write(table_slot(t, 254), table_home(t), slot_meta(R4_TYPE_NOTIFICATION, 1, 2, 5), 32, 9);
    slot_clear(table_slot(t, 254));
    assert_memory_equal(table_slot(t, 254), &empty, sizeof(empty));
    assert_view(t, 254, 0, 0);
    free(table_block(t));
}

static void test_slot_write_with_view__equals_slot_write(void **state)
{
    struct cap_table *t = new_table();
    const uint64_t meta = slot_meta(R4_TYPE_FRAME, 0x1f, 15, 12) | UINT64_C(3) << SLOT_RECORD_SHIFT;

    (void)state;
    slot_write(table_slot(t, 1), table_home(t), meta, 0x5000, 4);
    slot_write_with_view(table_slot(t, 2), table_view(t, 2), meta | table_home(t), 0x5000, 4);
    assert_memory_equal(table_slot(t, 1), table_slot(t, 2), sizeof(struct slot));
    assert_memory_equal(table_view(t, 1), table_view(t, 2), sizeof(struct slot_view));
    free(table_block(t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_format__is_a_live_empty_table),
        cmocka_unit_test(test_table_slot__slots_and_views_fill_the_block_and_do_not_meet),
        cmocka_unit_test(test_table_of_slot__finds_table_and_number_of_each_slot),
        cmocka_unit_test(test_slot_write__view_shows_the_abi_part_of_meta_only),
        cmocka_unit_test(test_slot_write__home_is_that_of_the_storage),
        cmocka_unit_test(test_slot_view_of__badge_of_types_that_have_one),
        cmocka_unit_test(test_slot_set_flags__view_follows),
        cmocka_unit_test(test_slot_clear__leaves_nothing_in_slot_and_view),
        cmocka_unit_test(test_slot_write_with_view__equals_slot_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
