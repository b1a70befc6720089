/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <lib/fmt.h>
#include <stdio.h>
#include <string.h>

static const uint64_t values[] = {
    0,
    1,
    9,
    10,
    11,
    99,
    100,
    255,
    256,
    0xffff,
    0x10000,
    UINT32_MAX,
    UINT64_C(9999999999999999999),
    UINT64_C(10000000000000000000),
    UINT64_MAX - 1,
    UINT64_MAX,
};

static void test_fmt_decimal__equals_printf(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char expected[32];
        char out[FMT_DECIMAL_MAX + 1];

        memset(out, '#', sizeof out);
        snprintf(expected, sizeof expected, "%llu#", (unsigned long long)values[i]);
        assert_int_equal(fmt_decimal(out, values[i]), strlen(expected) - 1);
        assert_memory_equal(out, expected, strlen(expected));
    }
}

static void test_fmt_hex__equals_printf(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char expected[32];
        char out[FMT_HEX_MAX + 1];

        memset(out, '#', sizeof out);
        snprintf(expected, sizeof expected, "%016llx#", (unsigned long long)values[i]);
        assert_int_equal(fmt_hex(out, values[i], FMT_HEX_MAX), FMT_HEX_MAX);
        assert_memory_equal(out, expected, FMT_HEX_MAX + 1);
    }
}

static void test_fmt_hex__keeps_the_lowest_digits(void **state)
{
    char out[4] = "####";

    (void)state;
    assert_int_equal(fmt_hex(out, 0x12ab, 3), 3);
    assert_memory_equal(out, "2ab#", 4);
    assert_int_equal(fmt_hex(out, 0xff, 0), 0);
    assert_memory_equal(out, "2ab#", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fmt_decimal__equals_printf),
        cmocka_unit_test(test_fmt_hex__equals_printf),
        cmocka_unit_test(test_fmt_hex__keeps_the_lowest_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
