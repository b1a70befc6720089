/* SPDX-License-Identifier: MIT */
/* A kernel with one bug: the scenario that is there for it finds it. */
#include "mutant.h"

#include "unit.h"

#include <stdio.h>

static void test_the_mutant_is_found(void **state)
{
    const struct finding f = explore(mutant.found_by);

    (void)state;
    printf("explore: %s: found by \"%s\" in execution %llu\n", mutant.bug, mutant.found_by->name,
           (unsigned long long)f.executions);
    assert_non_null(f.violation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_mutant_is_found)};

    return cmocka_run_group_tests_name(mutant.bug, tests, NULL, NULL);
}
