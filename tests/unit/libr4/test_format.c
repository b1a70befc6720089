/* SPDX-License-Identifier: MIT */
/* libr4/src/format.c: each conversion, bounds of the buffer, what is no conversion. */
#include "unit.h"

#include <r4/format.h>
#include <string.h>

#define CHECK(wanted, ...)                                                                         \
    do {                                                                                           \
        char text_[128];                                                                           \
        size_t length_ = r4_snprintf(text_, sizeof text_, __VA_ARGS__);                            \
        assert_string_equal(text_, wanted);                                                        \
        assert_int_equal(length_, strlen(wanted));                                                 \
    } while (0)

/* The same with a format that the compiler must not see, because it would object. */
#define CHECK_UNSEEN(wanted, format, argument)                                                     \
    do {                                                                                           \
        const char *volatile format_ = format;                                                     \
        char text_[128];                                                                           \
        _Pragma("clang diagnostic push");                                                          \
        _Pragma("clang diagnostic ignored \"-Wformat-nonliteral\"");                               \
        assert_int_equal(r4_snprintf(text_, sizeof text_, format_, argument), strlen(wanted));     \
        _Pragma("clang diagnostic pop");                                                           \
        assert_string_equal(text_, wanted);                                                        \
    } while (0)

static void test_format__numbers(void **state)
{
    (void)state;
    CHECK("0 7 4294967295", "%u %u %u", 0u, 7u, UINT32_MAX);
    CHECK("-1 0 2147483647 -2147483648", "%d %i %d %d", -1, 0, INT32_MAX, INT32_MIN);
    CHECK("18446744073709551615", "%lu", UINT64_MAX);
    CHECK("-9223372036854775808", "%ld", INT64_MIN);
    CHECK("deadbeef DEADBEEF", "%x %X", 0xdeadbeefu, 0xdeadbeefu);
    CHECK("ffffffffffffffff", "%lx", UINT64_MAX);
    CHECK("12 13", "%llu %zu", 12ull, (size_t)13);
    CHECK("0x0 0x1234", "%p %p", NULL, (void *)0x1234);
}

static void test_format__width(void **state)
{
    (void)state;
    CHECK("[   42] [42   ] [00042]", "[%5u] [%-5u] [%05u]", 42u, 42u, 42u);
    CHECK("[  -42] [-42  ] [-0042]", "[%5d] [%-5d] [%05d]", -42, -42, -42);
    CHECK("[123456]", "[%3u]", 123456u);
    CHECK("[   7] [7   ]", "[%*u] [%-*u]", 4, 7u, 4, 7u);
    CHECK("0000000000001234", "%016lx", 0x1234ul);
    CHECK("                                        x", "%41c", 'x');
}

static void test_format__text(void **state)
{
    (void)state;
    CHECK("abc", "%s", "abc");
    CHECK("[  abc] [abc  ]", "[%5s] [%-5s]", "abc", "abc");
    CHECK("[ab] [  ab]", "[%.2s] [%4.2s]", "abc", "abc");
    CHECK("[ab]", "[%.*s]", 2, "abc");
    CHECK("x%y", "%c%%%c", 'x', 'y');
    CHECK("", "%s", "");
}

static void test_format__precision_bounds_what_is_read(void **state)
{
    (void)state;
    const char unended[3] = {'a', 'b', 'c'};
    CHECK("abc", "%.3s", unended);
}

static void test_format__null_is_shown(void **state)
{
    (void)state;
    const char *volatile nothing = NULL;
    CHECK("(null)", "%s", nothing);
}

static void test_format__what_is_no_conversion_comes_out_as_it_is(void **state)
{
    (void)state;
    CHECK_UNSEEN("a%qb%5", "a%qb%5", 0);
}

static void test_format__left_wins_over_zero(void **state)
{
    (void)state;
    CHECK_UNSEEN("[7  ]", "[%-03u]", 7u);
}

static void test_format__buffer_is_never_overrun(void **state)
{
    (void)state;
    for (size_t size = 0; size < 12; size++) {
        char text[12];
        memset(text, '#', sizeof text);
        assert_int_equal(r4_snprintf(text, size, "%s%04u", "abcd", 56u), 8);
        for (size_t i = size; i < sizeof text; i++) {
            assert_int_equal(text[i], '#');
        }
        if (size > 0) {
            size_t kept = size - 1 < 8 ? size - 1 : 8;
            assert_memory_equal(text, "abcd0056", kept);
            assert_int_equal(text[kept], '\0');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format__numbers),
        cmocka_unit_test(test_format__width),
        cmocka_unit_test(test_format__text),
        cmocka_unit_test(test_format__precision_bounds_what_is_read),
        cmocka_unit_test(test_format__null_is_shown),
        cmocka_unit_test(test_format__what_is_no_conversion_comes_out_as_it_is),
        cmocka_unit_test(test_format__left_wins_over_zero),
        cmocka_unit_test(test_format__buffer_is_never_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
