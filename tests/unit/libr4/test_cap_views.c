/* SPDX-License-Identifier: MIT */
/* libr4/src/cap_views.c: page tables on both sides of a border, and what the readers say of a record. */
#include "unit.h"

#include "fake_invoke.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/cap_views.h>

#define UNTYPED    1u
#define TABLE      5u
#define TABLE_BITS 22u
#define SLOTS      65536u
#define FIRST      10u
#define ADDRESS    UINT64_C(0x40000000)
#define BORDER     (ADDRESS + (UINT64_C(1) << 21))

static uint64_t words[FAKE_SLOTS / R4_SLOTS_WORD_BITS];
static struct r4_slots slots;
static struct r4_holdings holdings;
static struct r4_vspace vspace = {.pd = 2, .untyped = UNTYPED, .holdings = &holdings};

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_untyped(UNTYPED, 16);
    fake_cap[TABLE] = (struct fake_cap){.type = R4_TYPE_CAP_TABLE, .size_bits = TABLE_BITS};
    r4_slots_init(&slots, words, FAKE_SLOTS / R4_SLOTS_WORD_BITS, FIRST, FAKE_SLOTS);
    r4_holdings_init(&holdings, &slots);
    return 0;
}

static void test_cap_views__tables_on_one_side(void **state)
{
    struct r4_cap_views views = {0};

    (void)state;
    assert_int_equal(r4_cap_views_map(&views, &vspace, TABLE, SLOTS, ADDRESS), R4_OK);
    assert_ptr_equal(views.view, ADDRESS);
    assert_int_equal(views.slots, SLOTS);
    assert_int_equal(fake_count(), 2 + 3);
    assert_int_equal(r4_cap_views_map(&views, &vspace, TABLE, SLOTS, BORDER), R4_E_MAPPED);
    assert_ptr_equal(views.view, ADDRESS);
    assert_int_equal(r4_cap_views_unmap(&views, TABLE), R4_OK);
    assert_null(views.view);
    assert_int_equal(r4_cap_views_unmap(&views, TABLE), R4_E_STATE);
}

/* The stand-in has a way of its own to each 2 MiB; no real address needs more page tables. */
static void test_cap_views__tables_on_both_sides(void **state)
{
    struct r4_cap_views views = {0};

    (void)state;
    assert_int_equal(r4_cap_views_map(&views, &vspace, TABLE, SLOTS, BORDER - 4096), R4_OK);
    assert_int_equal(fake_count(), 2 + 6);
    assert_int_equal(fake_cap[TABLE].mapped_at, BORDER - 4096);
}

static void test_cap_views__failure_of_each_call_is_passed_on(void **state)
{
    struct r4_cap_views views = {0};

    (void)state;
    for (unsigned fail = 1; fail <= 3 * 6 + 1; fail++) {
        setup(NULL);
        fake_fail_at = fail;
        assert_int_equal(r4_cap_views_map(&views, &vspace, TABLE, SLOTS, BORDER - 4096),
                         R4_E_REVOKING);
        assert_null(views.view);
        r4_holdings_release(&holdings);
        assert_int_equal(fake_count(), 2);
    }
}

static void test_cap_views__readers(void **state)
{
    const struct r4_slot_view record[2] = {
        {0, 0},
        {R4_TYPE_NOTIFICATION | (uint64_t)R4_RIGHT_SIGNAL << R4_CAP_VIEW_RIGHTS_LO |
             UINT64_C(9) << R4_CAP_VIEW_TTL_LO,
         0x1234},
    };
    const struct r4_cap_views views = {.view = record, .slots = 2};

    (void)state;
    assert_int_equal(r4_cap_views_word(&views, 0), 0);
    assert_int_equal(r4_cap_views_type(&views, 0), R4_TYPE_NONE);
    assert_int_equal(r4_cap_views_word(&views, 1), record[1].view);
    assert_int_equal(r4_cap_views_type(&views, 1), R4_TYPE_NOTIFICATION);
    assert_int_equal(r4_cap_views_rights(&views, 1), R4_RIGHT_SIGNAL);
    assert_int_equal(r4_cap_views_ttl(&views, 1), 9);
    assert_int_equal(r4_cap_views_badge(&views, 1), 0x1234);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_cap_views__tables_on_one_side, setup),
        cmocka_unit_test_setup(test_cap_views__tables_on_both_sides, setup),
        cmocka_unit_test_setup(test_cap_views__failure_of_each_call_is_passed_on, setup),
        cmocka_unit_test_setup(test_cap_views__readers, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
