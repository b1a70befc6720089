/* SPDX-License-Identifier: MIT */
/* Children and moves: slot, view, tour and the object's count change together. */
#include "unit.h"

#include <kernel/cap.h>
#include <kernel/derive.h>
#include <kernel/table.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 8u
#define BYTES     (1u << (SLOT_BITS + TABLE_SLOT_SHARE_BITS))

struct world {
    struct slot anchor;
    struct cap_table *table;
    struct object object; /* of a notification */
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    void *block = aligned_alloc(BYTES, BYTES);
    struct slot *source;

    assert_non_null(w);
    assert_non_null(block);
    memset(block, 0, BYTES);
    w->table = table_format(block, SLOT_BITS);
    derive_init(&w->anchor);
    object_format(&w->object, R4_TYPE_NOTIFICATION);
    source = table_slot(w->table, 1);
    slot_write(source, table_home(w->table),
               slot_meta(R4_TYPE_NOTIFICATION, R4_NOTIFICATION_RIGHTS, 7, 5) |
                   UINT64_C(9) << SLOT_RECORD_SHIFT,
               (uint64_t)(uintptr_t)&w->object, 0x55);
    derive_insert_child(&w->anchor, source);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    free(table_block(w->table));
    free(w);
    return 0;
}

static void test_cap_child_meta__keeps_what_a_child_keeps(void **state)
{
    const uint64_t kept = SLOT_DEVICE | SLOT_SHARED | UINT64_C(0x1234) << SLOT_RECORD_SHIFT;
    const uint64_t dropped = SLOT_MAPPED | SLOT_FROZEN | SLOT_REVOKING | SLOT_MARKED |
                             UINT64_C(2) << SLOT_LEVEL_SHIFT | UINT64_C(10) << SLOT_HOME_SHIFT;
    struct slot s = {.meta = slot_meta(R4_TYPE_FRAME, 0x1f, 4, 21) | kept | dropped};
    const struct cap_ref ref = cap_ref_own(&s);

    (void)state;
    assert_int_equal(cap_child_meta(&ref, 0xfff), slot_meta(R4_TYPE_FRAME, 0x1f, 3, 21) | kept);
    assert_int_equal(cap_child_meta(&ref, 0x109), slot_meta(R4_TYPE_FRAME, 0x09, 3, 21) | kept);
}

static void test_cap_make_child__hangs_below_its_source(void **state)
{
    struct world *w = *state;
    struct slot *source = table_slot(w->table, 1);
    struct slot *child = table_slot(w->table, 2);
    const struct cap_ref ref = cap_ref_own(source);

    const struct slot_place place = table_place(w->table, 2);

    cap_make_child(source, &place, cap_child_meta(&ref, R4_RIGHT_SIGNAL), 0x66);
    assert_ptr_equal(derive_first_child(source), child);
    assert_int_equal(w->object.caps, 2);
    assert_int_equal(slot_rights(child), R4_RIGHT_SIGNAL);
    assert_int_equal(slot_ttl(child), 6);
    assert_int_equal(slot_record(child), 9);
    assert_int_equal(child->object, (uintptr_t)&w->object);
    assert_int_equal(table_view(w->table, 2)->badge, 0x66);
    assert_true(derive_has_relatives(source));
}

static void test_slot_embed__inherits_rights_and_badge(void **state)
{
    struct world *w = *state;
    struct slot *source = table_slot(w->table, 1);
    struct slot embedded = {0};
    const struct cap_ref ref = cap_ref_own(source);

    slot_embed(&ref, &embedded, SLOT_HOME_THREAD_FAULT);
    assert_int_equal(slot_home(&embedded), SLOT_HOME_THREAD_FAULT);
    assert_int_equal(slot_rights(&embedded), R4_NOTIFICATION_RIGHTS);
    assert_int_equal(slot_ttl(&embedded), 6);
    assert_int_equal(embedded.extra, 0x55);
    assert_int_equal(w->object.caps, 2);
    assert_ptr_equal(derive_first_child(source), &embedded);
}

static void test_cap_move__takes_everything_along(void **state)
{
    struct world *w = *state;
    struct slot *from = table_slot(w->table, 1);
    struct slot *child = table_slot(w->table, 2);
    struct slot *to = table_slot(w->table, 200);
    const struct slot empty = {0};
    const struct slot before = *from;
    const struct cap_ref ref = cap_ref_own(from);

    const struct slot_place below = table_place(w->table, 2);
    const struct slot_place place = table_place(w->table, 200);

    cap_make_child(from, &below, cap_child_meta(&ref, 0xfff), 0);
    slot_set_flags(from, SLOT_FROZEN, 0);
    cap_move(from, &place);
    assert_memory_equal(from, &empty, sizeof(empty));
    assert_int_equal(table_view(w->table, 1)->meta, 0);
    assert_int_equal(to->meta, before.meta | SLOT_FROZEN);
    assert_int_equal(to->object, before.object);
    assert_int_equal(to->extra, before.extra);
    assert_int_equal(table_view(w->table, 200)->badge, 0x55);
    assert_ptr_equal(derive_first_child(&w->anchor), to);
    assert_ptr_equal(derive_first_child(to), child);
    assert_int_equal(w->object.caps, 2);
}

static void test_object_has_header__knows_every_type(void **state)
{
    static const bool expected[R4_TYPE_TABLE_SIZE] = {
        [R4_TYPE_CAP_TABLE] = true,
        [R4_TYPE_PD] = true,
        [R4_TYPE_THREAD] = true,
        [R4_TYPE_NOTIFICATION] = true,
    };
    struct world *w = *state;

    for (uint8_t type = 0; type < R4_TYPE_TABLE_SIZE; type++) {
        struct slot s = {.meta = type, .object = (uint64_t)(uintptr_t)&w->object};

        assert_int_equal(object_has_header(type), expected[type]);
        assert_ptr_equal(object_of(&s), expected[type] ? &w->object : NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cap_child_meta__keeps_what_a_child_keeps),
        cmocka_unit_test_setup_teardown(test_cap_make_child__hangs_below_its_source, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_slot_embed__inherits_rights_and_badge, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_cap_move__takes_everything_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_object_has_header__knows_every_type, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
