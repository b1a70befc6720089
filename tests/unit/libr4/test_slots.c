/* SPDX-License-Identifier: MIT */
/* libr4/src/slots.c against an array of booleans. */
#include "unit.h"

#include <r4/slots.h>
#include <stdbool.h>
#include <stdlib.h>

#define FIRST 10u
#define END   200u
#define WORDS 4u

static void test_slots__hands_out_each_once(void **state)
{
    (void)state;
    uint64_t words[WORDS];
    struct r4_slots slots;
    bool seen[END] = {false};
    uint32_t slot;
    r4_slots_init(&slots, words, WORDS, FIRST, END);
    assert_int_equal(slots.free, END - FIRST);
    for (uint32_t i = FIRST; i < END; i++) {
        assert_int_equal(r4_slots_take(&slots, 1, &slot), R4_OK);
        assert_in_range(slot, FIRST, END - 1);
        assert_false(seen[slot]);
        seen[slot] = true;
    }
    slot = 1;
    assert_int_equal(r4_slots_take(&slots, 1, &slot), R4_E_LIMIT);
    assert_int_equal(slot, 1);
    assert_int_equal(slots.free, 0);
}

static void test_slots__errors_are_exact(void **state)
{
    (void)state;
    uint64_t words[WORDS];
    struct r4_slots slots;
    uint32_t slot;
    r4_slots_init(&slots, words, WORDS, FIRST, END);
    assert_int_equal(r4_slots_take(&slots, 0, &slot), R4_E_RANGE);
    assert_int_equal(r4_slots_take(&slots, END - FIRST + 1, &slot), R4_E_LIMIT);
    assert_int_equal(r4_slots_give(&slots, FIRST - 1, 1), R4_E_RANGE);
    assert_int_equal(r4_slots_give(&slots, END, 1), R4_E_RANGE);
    assert_int_equal(r4_slots_give(&slots, END - 1, 2), R4_E_RANGE);
    assert_int_equal(r4_slots_give(&slots, FIRST + 1, UINT32_MAX), R4_E_RANGE);
    assert_int_equal(r4_slots_give(&slots, FIRST, 1), R4_E_STATE);
    assert_int_equal(r4_slots_take(&slots, 3, &slot), R4_OK);
    assert_int_equal(r4_slots_give(&slots, slot, 4), R4_E_STATE);
    assert_int_equal(r4_slots_give(&slots, slot, 3), R4_OK);
    assert_int_equal(slots.free, END - FIRST);
}

static void test_slots__bitmap_that_is_too_small_bounds_them(void **state)
{
    (void)state;
    uint64_t words[1];
    struct r4_slots slots;
    uint32_t slot;
    r4_slots_init(&slots, words, 1, 60, 100);
    assert_int_equal(slots.free, 4);
    assert_int_equal(r4_slots_take(&slots, 4, &slot), R4_OK);
    assert_int_equal(slot, 60);
    assert_int_equal(r4_slots_take(&slots, 1, &slot), R4_E_LIMIT);
}

static bool is_row_free(const bool *taken, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        if (i >= END || taken[i]) {
            return false;
        }
    }
    return true;
}

static uint32_t first_row(const bool *taken, uint32_t count)
{
    for (uint32_t first = FIRST; first < END; first++) {
        if (is_row_free(taken, first, count)) {
            return first;
        }
    }
    return 0;
}

static void test_slots__agree_with_a_model(void **state)
{
    (void)state;
    uint64_t words[WORDS];
    struct r4_slots slots;
    bool taken[END] = {false};
    r4_slots_init(&slots, words, WORDS, FIRST, END);
    srand(2);
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t count = 1 + (uint32_t)rand() % 9;
        uint32_t slot = 0;
        if (rand() % 2 == 0) {
            uint32_t wanted = first_row(taken, count);
            enum r4_err err = r4_slots_take(&slots, count, &slot);
            assert_int_equal(err, wanted == 0 ? R4_E_LIMIT : R4_OK);
            assert_int_equal(slot, wanted);
            for (uint32_t i = 0; err == R4_OK && i < count; i++) {
                taken[slot + i] = true;
            }
        } else {
            slot = FIRST + (uint32_t)rand() % (END - FIRST);
            enum r4_err err = r4_slots_give(&slots, slot, 1);
            assert_int_equal(err, taken[slot] ? R4_OK : R4_E_STATE);
            taken[slot] = false;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots__hands_out_each_once),
        cmocka_unit_test(test_slots__errors_are_exact),
        cmocka_unit_test(test_slots__bitmap_that_is_too_small_bounds_them),
        cmocka_unit_test(test_slots__agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
