/* SPDX-License-Identifier: MIT */
/*
 * Each finding of the auditor: a world in which it finds nothing, one planted violation, and the
 * finding with its rule. The other cluster stays without findings.
 */
#include "sim_test.h"

#include "audit_world.h"

#define PLANTS_MAX 100u

static void test_planted_violation(void **state)
{
    const struct plant *p = *state;
    struct audit_report report;

    sim.seed = 1;
    sim_start(2, 2);
    world_build();
    audit_cluster(world.cluster, &report);
    assert_int_equal(report.violations, 0);
    assert_int_equal(report.first_rule, 0);
    assert_true(report.checked > SIM_TABLE_SLOTS);

    sim.is_checking = false;
    p->plant();
    audit_cluster(world.cluster, &report);
    assert_true(report.violations > 0);
    assert_int_equal(report.first_detail, p->detail);
    assert_int_equal(report.first_rule, p->detail / 100);

    audit_cluster(sim.of[1].cluster, &report);
    assert_int_equal(report.violations, 0);
    sim_end();
}

static size_t add_tests(struct CMUnitTest *tests, size_t count, const struct plant *plants)
{
    for (; plants->name != NULL; plants++) {
        const union {
            const struct plant *plant;
            void *state;
        } initial = {.plant = plants};

        assert_true(count < PLANTS_MAX);
        tests[count++] =
            (struct CMUnitTest){plants->name, test_planted_violation, NULL, NULL, initial.state};
    }
    return count;
}

int main(void)
{
    struct CMUnitTest tests[PLANTS_MAX] = {0};
    size_t count = add_tests(tests, 0, plants_of_capabilities);

    count = add_tests(tests, count, plants_of_threads);
    return _cmocka_run_group_tests("audit", tests, count, NULL, NULL);
}
