/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <kernel/fault_point.h>

#define POINT R4_FAULT_POINT_WAKE_IPI
#define OTHER R4_FAULT_POINT_DOORBELL_IPI

static void test_fault_hit__empty_plan_does_nothing(void **state)
{
    struct fault_plan plan = {0};

    (void)state;
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
}

static void test_fault_hit__fires_once_at_the_nth_hit(void **state)
{
    struct fault_plan plan = {.count = 1, .entry = {{POINT, FAULT_ACTION_DROP, 3}}};

    (void)state;
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_DROP);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
    }
}

static void test_fault_hit__0_fires_at_each_hit(void **state)
{
    struct fault_plan plan = {.count = 1, .entry = {{POINT, FAULT_ACTION_PREEMPT, 0}}};

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_PREEMPT);
    }
}

static void test_fault_hit__other_points_do_not_count(void **state)
{
    struct fault_plan plan = {.count = 1, .entry = {{POINT, FAULT_ACTION_DROP, 1}}};

    (void)state;
    assert_int_equal(fault_hit(&plan, OTHER), FAULT_ACTION_NONE);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_DROP);
}

/* Each entry counts by itself, also while another one fires. */
static void test_fault_hit__entries_of_one_point(void **state)
{
    struct fault_plan plan = {
        .count = 3,
        .entry = {{POINT, FAULT_ACTION_DROP, 2},
                  {OTHER, FAULT_ACTION_PANIC, 1},
                  {POINT, FAULT_ACTION_PREEMPT, 3}},
    };

    (void)state;
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_DROP);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_PREEMPT);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
    assert_int_equal(fault_hit(&plan, OTHER), FAULT_ACTION_PANIC);
}

/* Of two that fire at once the first wins, and both are spent. */
static void test_fault_hit__first_wins(void **state)
{
    struct fault_plan plan = {
        .count = 2,
        .entry = {{POINT, FAULT_ACTION_PREEMPT, 1}, {POINT, FAULT_ACTION_DROP, 1}},
    };

    (void)state;
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_PREEMPT);
    assert_int_equal(fault_hit(&plan, POINT), FAULT_ACTION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_hit__empty_plan_does_nothing),
        cmocka_unit_test(test_fault_hit__fires_once_at_the_nth_hit),
        cmocka_unit_test(test_fault_hit__0_fires_at_each_hit),
        cmocka_unit_test(test_fault_hit__other_points_do_not_count),
        cmocka_unit_test(test_fault_hit__entries_of_one_point),
        cmocka_unit_test(test_fault_hit__first_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
