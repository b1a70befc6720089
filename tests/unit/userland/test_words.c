/* SPDX-License-Identifier: MIT */
/* userland/root/words.c: command lines, good and bad. */
#include "unit.h"

#include "words.h"

#include <r4/abi/limits.h>
#include <string.h>

static struct words words;

static enum words_err split(const char *line)
{
    return words_split(&words, line, strlen(line));
}

static void test_words__are_separated_by_blanks(void **state)
{
    (void)state;
    assert_int_equal(split("  run\thello  one two "), WORDS_OK);
    assert_int_equal(words.count, 4);
    assert_string_equal(words.word[0], "run");
    assert_string_equal(words.word[1], "hello");
    assert_string_equal(words.word[3], "two");
    assert_null(words.word[4]);
    assert_int_equal(words_offset(&words, 0), 2);
    assert_int_equal(words_offset(&words, 3), 17);
}

static void test_words__none(void **state)
{
    (void)state;
    assert_int_equal(split(""), WORDS_OK);
    assert_int_equal(words.count, 0);
    assert_null(words.word[0]);
    assert_int_equal(split(" \t "), WORDS_OK);
    assert_int_equal(words.count, 0);
}

static void test_words__length_is_bounded(void **state)
{
    (void)state;
    char line[LINE_MAX_BYTES + 1];
    memset(line, 'x', sizeof line);
    assert_int_equal(words_split(&words, line, LINE_MAX_BYTES), WORDS_OK);
    assert_int_equal(strlen(words.word[0]), LINE_MAX_BYTES);
    assert_int_equal(words_split(&words, line, LINE_MAX_BYTES + 1), WORDS_E_TOO_LONG);
}

static void test_words__count_is_bounded(void **state)
{
    (void)state;
    char line[2 * WORDS_MAX + 2];
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = i % 2 == 0 ? 'a' : ' ';
    }
    assert_int_equal(words_split(&words, line, 2 * WORDS_MAX), WORDS_OK);
    assert_int_equal(words.count, WORDS_MAX);
    assert_int_equal(words_split(&words, line, sizeof line), WORDS_E_TOO_MANY);
}

static void test_words__bytes_are_printable(void **state)
{
    (void)state;
    const char bad[] = {'\0', '\n', '\r', 0x1b, 0x1e, 0x7f, (char)0x80, (char)0xff};
    for (size_t i = 0; i < sizeof bad; i++) {
        const char line[] = {'a', bad[i], 'b'};
        assert_int_equal(words_split(&words, line, sizeof line), WORDS_E_BYTE);
    }
}

static void test_words__every_error_has_a_sentence(void **state)
{
    (void)state;
    for (int err = WORDS_E_TOO_LONG; err <= WORDS_E_BYTE; err++) {
        assert_true(strlen(words_err_text((enum words_err)err)) > 10);
    }
    assert_string_equal(words_err_text(WORDS_OK), "");
}

static void test_words_number__exact(void **state)
{
    (void)state;
    uint64_t n = 5;
    assert_true(words_number("0", 0, &n));
    assert_int_equal(n, 0);
    assert_true(words_number("255", 255, &n));
    assert_int_equal(n, 255);
    assert_true(words_number("007", 255, &n));
    assert_int_equal(n, 7);
    assert_true(words_number("18446744073709551615", UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    n = 5;
    const char *const bad[] = {
        "", "256", "-1", "+1", "1x", "x", " 1", "0x1", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(words_number(bad[i], 255, &n));
        assert_int_equal(n, 5);
    }
    assert_false(words_number("18446744073709551616", UINT64_MAX, &n));
    assert_false(words_number("99999999999999999999", UINT64_MAX, &n));
}

static void test_words_index__slots_and_words(void **state)
{
    const char *const bad[] = {"", "w", "x1", "-1", "w-1", "ww1", "1w", "8388608", "w8388608"};
    uint32_t index = 5;

    (void)state;
    assert_true(words_index("0", &index));
    assert_int_equal(index, 0);
    assert_true(words_index("w0", &index));
    assert_int_equal(index, R4_INDEX_WORD);
    assert_true(words_index("8388607", &index));
    assert_int_equal(index, R4_INDEX_WORD - 1);
    assert_true(words_index("w8388607", &index));
    assert_int_equal(index, 2 * R4_INDEX_WORD - 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        index = 5;
        assert_false(words_index(bad[i], &index));
        assert_int_equal(index, 5);
    }
}

static void test_words_cap__with_and_without_a_peer(void **state)
{
    const char *const bad[] = {"",     ":",     "1:",       ":w1",       "0:w1",
                               "x:w1", "w1:w1", "65536:w1", "000001:w1", "1:2:3"};
    uint16_t peer = 9;
    uint32_t index = 0;

    (void)state;
    assert_true(words_cap("w7", &peer, &index));
    assert_int_equal(peer, 0);
    assert_int_equal(index, R4_INDEX_WORD + 7);
    assert_true(words_cap("65535:w7", &peer, &index));
    assert_int_equal(peer, 65535);
    assert_int_equal(index, R4_INDEX_WORD + 7);
    assert_true(words_cap("40:3", &peer, &index));
    assert_int_equal(peer, 40);
    assert_int_equal(index, 3);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(words_cap(bad[i], &peer, &index));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words__are_separated_by_blanks),
        cmocka_unit_test(test_words__none),
        cmocka_unit_test(test_words__length_is_bounded),
        cmocka_unit_test(test_words__count_is_bounded),
        cmocka_unit_test(test_words__bytes_are_printable),
        cmocka_unit_test(test_words__every_error_has_a_sentence),
        cmocka_unit_test(test_words_number__exact),
        cmocka_unit_test(test_words_index__slots_and_words),
        cmocka_unit_test(test_words_cap__with_and_without_a_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
