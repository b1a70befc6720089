/* SPDX-License-Identifier: MIT */
/*
 * Every scenario, all of its executions: none does what must not be, and every outcome that is
 * legal came about. Prints how many executions that were.
 */
#include "scenarios.h"

#include "unit.h"

#include <stdio.h>

const uint64_t explore_fence_call = R4_CALL_FENCE;

static void test_no_interleaving_does_wrong(void **state)
{
    const struct scenario *s = *state;
    const struct finding f = explore(s);

    printf("explore: %s: %llu executions, %u outcomes\n", s->name, (unsigned long long)f.executions,
           f.outcomes);
    assert_string_equal(f.violation == NULL ? "" : f.violation, "");
    assert_string_equal(f.missing == NULL ? "" : f.missing, "");
}

#define TEST(tag, scenario)                                                                        \
    {                                                                                              \
        tag, test_no_interleaving_does_wrong, NULL, NULL, (void *)(uintptr_t) & (scenario)         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("test_P13_one_hop", scenario_one_hop),
        TEST("test_P13_two_hops", scenario_two_hops),
        TEST("test_P14_fence", scenario_fence),
        TEST("test_P14_fence_and_a_long_call", scenario_fence_long),
        TEST("test_P16_D8_once_race", scenario_once_race),
        TEST("test_P16_D8_once_chain", scenario_once_chain),
        TEST("test_P16_D8_once_restart", scenario_once_restart),
        TEST("test_P26_link_and_ungrant", scenario_link),
        TEST("test_P25_link_and_revoke", scenario_link_revoke),
        TEST("test_P14_wait", scenario_wait),
        TEST("test_P11_D4_marks", scenario_marks),
        TEST("test_D11_cut", scenario_cut),
    };

    return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
