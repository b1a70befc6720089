/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <lib/json.h>
#include <string.h>

static void assert_object(struct json *j, const char *expected)
{
    assert_int_equal(json_end(j), strlen(expected));
    assert_memory_equal(j->out, expected, strlen(expected));
}

static void test_json__empty_object(void **state)
{
    char out[2];
    struct json j;

    (void)state;
    json_begin(&j, out, sizeof out);
    assert_object(&j, "{}");
}

static void test_json__members_of_each_kind(void **state)
{
    char out[128];
    struct json j;

    (void)state;
    json_begin(&j, out, sizeof out);
    json_string(&j, "type", "result");
    json_number(&j, "count", 18446744073709551615u);
    json_bool(&j, "ok", true);
    json_bool(&j, "late", false);
    assert_object(
        &j, "{\"type\":\"result\",\"count\":18446744073709551615,\"ok\":true,\"late\":false}");
}

static void test_json_bytes__escapes_what_is_not_printable(void **state)
{
    char out[128];
    struct json j;

    (void)state;
    json_begin(&j, out, sizeof out);
    json_bytes(&j, "b", "a\"b\\c\n\0\x1e ~\x7f\xff", 12);
    assert_object(&j, "{\"b\":\"a\\\"b\\\\c\\u000a\\u0000\\u001e ~\\u007f\\u00ff\"}");
}

/*
 * Whatever the size, nothing is written behind the buffer, and the object is either whole or
 * refused.
 */
static void test_json__each_capacity(void **state)
{
    static const char expected[] = "{\"a\":\"x\\u0001y\",\"n\":42,\"t\":true}";
    const size_t whole = sizeof expected - 1;

    (void)state;
    for (size_t capacity = 0; capacity <= whole + 1; capacity++) {
        char out[sizeof expected + 1];
        struct json j;

        memset(out, '#', sizeof out);
        json_begin(&j, out, capacity);
        json_bytes(&j, "a", "x\1y", 3);
        json_number(&j, "n", 42);
        json_bool(&j, "t", true);
        assert_int_equal(json_end(&j), capacity < whole ? 0 : whole);
        for (size_t i = capacity; i < sizeof out; i++) {
            assert_int_equal(out[i], '#');
        }
    }
}

static void test_json_numbers__none_one_and_more(void **state)
{
    const uint32_t values[] = {0, 7, UINT32_MAX};
    char out[64];
    struct json j;

    (void)state;
    json_begin(&j, out, sizeof out);
    json_numbers(&j, "none", values, 0);
    json_numbers(&j, "one", values, 1);
    json_numbers(&j, "all", values, 3);
    const size_t bytes = json_end(&j);
    static const char expected[] = "{\"none\":[],\"one\":[0],\"all\":[0,7,4294967295]}";
    assert_int_equal(bytes, sizeof expected - 1);
    assert_memory_equal(out, expected, bytes);
}

/* A short member after one that did not fit must not slip in. */
static void test_json__full_stays_full(void **state)
{
    char out[26];
    struct json j;

    (void)state;
    json_begin(&j, out, sizeof out);
    json_string(&j, "a", "far too long for this");
    assert_true(j.is_full);
    const size_t used = j.used;
    json_bytes(&j, "b", "", 0);
    assert_int_equal(j.used, used);
    assert_int_equal(json_end(&j), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__empty_object),
        cmocka_unit_test(test_json__members_of_each_kind),
        cmocka_unit_test(test_json_bytes__escapes_what_is_not_printable),
        cmocka_unit_test(test_json_numbers__none_one_and_more),
        cmocka_unit_test(test_json__each_capacity),
        cmocka_unit_test(test_json__full_stays_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
