/* SPDX-License-Identifier: MIT */
/* libr4/src/holdings.c and vspace.c: what is made can be given back, page tables come by themselves. */
#include "unit.h"

#include "fake_invoke.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/vspace.h>

#define UNTYPED    1u
#define UNTYPED_16 16u
#define FIRST      10u
#define ADDRESS    UINT64_C(0x40000000)

static uint64_t words[FAKE_SLOTS / R4_SLOTS_WORD_BITS];
static struct r4_slots slots;
static struct r4_holdings holdings;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_untyped(UNTYPED, UNTYPED_16);
    r4_slots_init(&slots, words, FAKE_SLOTS / R4_SLOTS_WORD_BITS, FIRST, FAKE_SLOTS);
    r4_holdings_init(&holdings, &slots);
    return 0;
}

static void test_holdings__everything_is_given_back(void **state)
{
    (void)state;
    uint32_t slot;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(r4_holdings_make(&holdings, UNTYPED, R4_TYPE_FRAME, 12, 5, &slot),
                             R4_OK);
        }
        slot = 7;
        assert_int_equal(r4_holdings_make(&holdings, UNTYPED, R4_TYPE_FRAME, 12, 2, &slot),
                         R4_E_MEMORY);
        assert_int_equal(slot, 7);
        assert_int_equal(holdings.count, 3);
        assert_int_equal(slots.free, FAKE_SLOTS - FIRST - 15);
        assert_int_equal(fake_count(), 16);
        r4_holdings_release(&holdings);
        assert_int_equal(fake_count(), 1);
        assert_int_equal(slots.free, FAKE_SLOTS - FIRST);
    }
}

static void test_holdings__list_is_bounded(void **state)
{
    (void)state;
    uint32_t slot;
    for (unsigned i = 0; i < R4_HOLDINGS_MAX; i++) {
        assert_int_equal(r4_holdings_take(&holdings, 1, &slot), R4_OK);
    }
    assert_int_equal(r4_holdings_take(&holdings, 1, &slot), R4_E_LIMIT);
    r4_holdings_release(&holdings);
    assert_int_equal(slots.free, FAKE_SLOTS - FIRST);
}

static void test_vspace__makes_the_tables_that_are_missing(void **state)
{
    (void)state;
    struct r4_vspace vspace = {.pd = 2, .untyped = UNTYPED, .holdings = &holdings};
    uint32_t frame;
    assert_int_equal(r4_holdings_make(&holdings, UNTYPED, R4_TYPE_FRAME, 12, 2, &frame), R4_OK);
    assert_int_equal(r4_vspace_map(&vspace, frame, ADDRESS, R4_RIGHT_READ), R4_OK);
    assert_int_equal(fake_cap[frame].mapped_at, ADDRESS);
    assert_int_equal(fake_count(), 1 + 2 + 3);
    assert_int_equal(r4_vspace_map(&vspace, frame + 1, ADDRESS + 4096, R4_RIGHT_READ), R4_OK);
    assert_int_equal(fake_count(), 1 + 2 + 3);
    r4_holdings_release(&holdings);
    assert_int_equal(fake_count(), 1);
}

static unsigned tables(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake_cap[i].type == R4_TYPE_PAGE_TABLE;
    }
    return count;
}

/* Only tables that are in place are kept. */
static void test_vspace__failure_costs_no_rows(void **state)
{
    (void)state;
    struct r4_vspace vspace = {.pd = 2, .untyped = UNTYPED, .holdings = &holdings};
    for (unsigned fail = 1; fail <= 10; fail++) {
        uint32_t frame;
        setup(NULL);
        assert_int_equal(r4_holdings_make(&holdings, UNTYPED, R4_TYPE_FRAME, 12, 1, &frame), R4_OK);
        fake_fail_at = 1 + fail;
        assert_int_equal(r4_vspace_map(&vspace, frame, ADDRESS, R4_RIGHT_READ), R4_E_REVOKING);
        assert_int_equal(tables(), (fail - 1) / 3);
        assert_int_equal(holdings.count, 1 + tables());
        assert_int_equal(slots.free, FAKE_SLOTS - FIRST - 1 - tables());
    }
}

static void test_vspace__failure_of_each_call_is_passed_on(void **state)
{
    (void)state;
    struct r4_vspace vspace = {.pd = 2, .untyped = UNTYPED, .holdings = &holdings};
    for (unsigned fail = 1; fail <= 10; fail++) {
        uint32_t frame;
        setup(NULL);
        assert_int_equal(r4_holdings_make(&holdings, UNTYPED, R4_TYPE_FRAME, 12, 1, &frame), R4_OK);
        fake_fail_at = 1 + fail;
        assert_int_equal(r4_vspace_map(&vspace, frame, ADDRESS, R4_RIGHT_READ), R4_E_REVOKING);
        r4_holdings_release(&holdings);
        assert_int_equal(fake_count(), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_holdings__everything_is_given_back, setup),
        cmocka_unit_test_setup(test_holdings__list_is_bounded, setup),
        cmocka_unit_test_setup(test_vspace__makes_the_tables_that_are_missing, setup),
        cmocka_unit_test_setup(test_vspace__failure_costs_no_rows, setup),
        cmocka_unit_test_setup(test_vspace__failure_of_each_call_is_passed_on, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
