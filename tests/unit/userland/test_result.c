/* SPDX-License-Identifier: MIT */
/* userland/root/result.c: which lines of a program's output are results, and their fields. */
#include "unit.h"

#include "result.h"

#include <string.h>

static const char *line;
static size_t bytes;
static struct result_field field;

static bool begin(const char *text)
{
    line = text;
    bytes = strlen(text);
    return result_begin(&line, &bytes, &field);
}

static void test_result__fields_in_their_order(void **state)
{
    (void)state;
    assert_true(begin("result proxy-chain hops=15 kind=cached most=999999999999999999\n"));
    assert_int_equal(field.bytes, 11);
    assert_memory_equal(field.text, "proxy-chain", 11);
    assert_true(result_next(&line, &bytes, &field));
    assert_string_equal(field.key, "hops");
    assert_true(field.is_number);
    assert_int_equal(field.number, 15);
    assert_true(result_next(&line, &bytes, &field));
    assert_string_equal(field.key, "kind");
    assert_false(field.is_number);
    assert_int_equal(field.bytes, 6);
    assert_memory_equal(field.text, "cached", 6);
    assert_true(result_next(&line, &bytes, &field));
    assert_int_equal(field.number, 999999999999999999);
    assert_false(result_next(&line, &bytes, &field));
}

static void test_result__other_lines_are_none(void **state)
{
    (void)state;
    const char *const none[] = {"",          "result",          "result ",
                                "result \n", " result a b=1\n", "results a\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_false(begin(none[i]));
    }
}

static void test_result__ends_at_what_is_no_field(void **state)
{
    (void)state;
    const char *const bad[] = {"result a b\n", "result a =1\n", "result a  b=1\n",
                               "result a a_key_that_is_much_too_long=1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_true(begin(bad[i]));
        assert_false(result_next(&line, &bytes, &field));
    }
    assert_true(begin("result a b=\n"));
    assert_true(result_next(&line, &bytes, &field));
    assert_false(field.is_number);
    assert_int_equal(field.bytes, 0);
    assert_true(begin("result a b=12345678901234567890"));
    assert_true(result_next(&line, &bytes, &field));
    assert_false(field.is_number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result__fields_in_their_order),
        cmocka_unit_test(test_result__other_lines_are_none),
        cmocka_unit_test(test_result__ends_at_what_is_no_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
