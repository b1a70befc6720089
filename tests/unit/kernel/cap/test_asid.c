/* SPDX-License-Identifier: MIT */
/* ASIDs: what is found under an old generation, the order of reuse, retirement. */
#include "unit.h"

#include <kernel/asid.h>
#include <r4/abi/layout.h>
#include <stdlib.h>

#define GENERATIONS 0xffffu

/* Stands for a PD; nobody looks into it. */
static struct pd *pd_number(uintptr_t n)
{
    return (struct pd *)(n << 12);
}

static struct pd *find(const struct asid_table *t, uint32_t asid)
{
    return asid_find(t, r4_asid_index(asid), r4_asid_generation(asid));
}

static int set_up(void **state)
{
    struct asid_table *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    asid_table_init(t);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void test_asid_take__never_gives_index_0_or_one_twice(void **state)
{
    struct asid_table *t = *state;

    for (uint32_t n = 1; n < R4_ASIDS_MAX; n++) {
        assert_true(asid_is_available(t));
        assert_int_equal(r4_asid_index(asid_take(t, pd_number(n))), n);
    }
    assert_false(asid_is_available(t));
    for (uint32_t n = 1; n < R4_ASIDS_MAX; n++) {
        assert_ptr_equal(asid_find(t, n, 1), pd_number(n));
    }
}

static void test_asid_find__refuses_what_is_not_in_use(void **state)
{
    struct asid_table *t = *state;
    const uint32_t asid = asid_take(t, pd_number(1));
    const uint32_t index = r4_asid_index(asid);

    assert_ptr_equal(find(t, asid), pd_number(1));
    assert_null(asid_find(t, index, 0));
    assert_null(asid_find(t, index, 2));
    assert_null(asid_find(t, 0, 0));
    assert_null(asid_find(t, index + 1, 1));
    assert_null(asid_find(t, R4_ASIDS_MAX, 1));
    assert_null(asid_find(t, UINT32_MAX, 1));
}

static void test_asid_release__old_generation_finds_nobody(void **state)
{
    struct asid_table *t = *state;
    uint32_t old;
    uint32_t new;

    while (asid_is_available(t)) {
        asid_take(t, pd_number(1));
    }
    old = r4_asid_with_generation(r4_asid_with_index(0, 77), 1);
    asid_release(t, old);
    assert_null(find(t, old));
    new = asid_take(t, pd_number(2));
    assert_int_equal(r4_asid_index(new), 77);
    assert_int_equal(r4_asid_generation(new), 2);
    assert_null(find(t, old));
    assert_ptr_equal(find(t, new), pd_number(2));
}

static void test_asid_release__first_freed_is_first_reused(void **state)
{
    struct asid_table *t = *state;
    uint32_t asid[R4_ASIDS_MAX];

    for (uint32_t n = 1; n < R4_ASIDS_MAX; n++) {
        asid[n] = asid_take(t, pd_number(n));
    }
    asid_release(t, asid[500]);
    asid_release(t, asid[3]);
    asid_release(t, asid[900]);
    assert_int_equal(r4_asid_index(asid_take(t, pd_number(1))), 500);
    assert_int_equal(r4_asid_index(asid_take(t, pd_number(1))), 3);
    assert_int_equal(r4_asid_index(asid_take(t, pd_number(1))), 900);
    assert_false(asid_is_available(t));
}

static void test_asid_release__index_without_generations_left_is_retired(void **state)
{
    struct asid_table *t = *state;
    uint32_t asid = 0;

    while (asid_is_available(t)) {
        asid = asid_take(t, pd_number(1));
    }
    for (uint32_t generation = 1; generation < GENERATIONS; generation++) {
        assert_int_equal(r4_asid_generation(asid), generation);
        asid_release(t, asid);
        asid = asid_take(t, pd_number(generation));
    }
    assert_int_equal(r4_asid_generation(asid), GENERATIONS);
    asid_release(t, asid);
    assert_false(asid_is_available(t));
    assert_null(asid_find(t, r4_asid_index(asid), 0));
    assert_null(asid_find(t, r4_asid_index(asid), GENERATIONS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_asid_take__never_gives_index_0_or_one_twice, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_asid_find__refuses_what_is_not_in_use, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_asid_release__old_generation_finds_nobody, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_asid_release__first_freed_is_first_reused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_asid_release__index_without_generations_left_is_retired, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
