/* SPDX-License-Identifier: MIT */
/* Frames with lengths and checksums that another implementation (zlib) computed. */
#include "unit.h"

#include <lib/channel_frame.h>
#include <stdlib.h>
#include <string.h>

static void assert_frame(const char *json, const char *expected)
{
    char out[256];
    const size_t bytes = channel_frame_encode(out, sizeof out, json, strlen(json));

    assert_int_equal(bytes, strlen(expected));
    assert_int_equal(bytes, strlen(json) + CHANNEL_FRAME_EXTRA_BYTES);
    assert_memory_equal(out, expected, bytes);
}

static void test_channel_frame__known_frames(void **state)
{
    (void)state;
    assert_frame("{}", "\x1eR4 0002 a3a6bf43 {}\n");
    assert_frame("123456789", "\x1eR4 0009 cbf43926 123456789\n");
    assert_frame("{\"type\":\"panic\",\"where\":\"a.c:1\",\"what\":\"x\"}",
                 "\x1eR4 002b d8f57397 {\"type\":\"panic\",\"where\":\"a.c:1\",\"what\":\"x\"}\n");
}

static void test_channel_frame__all_printable_characters(void **state)
{
    char json[4750];
    char out[sizeof json + CHANNEL_FRAME_EXTRA_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof json; i++) {
        json[i] = (char)(0x20 + i % 95);
    }
    assert_int_equal(channel_frame_encode(out, sizeof out, json, sizeof json), sizeof out);
    assert_memory_equal(out, "\x1eR4 128e 73f508c2 ", CHANNEL_FRAME_HEADER_BYTES);
    assert_memory_equal(out + CHANNEL_FRAME_HEADER_BYTES, json, sizeof json);
    assert_int_equal(out[sizeof out - 1], '\n');
}

static void test_channel_frame__refuses_what_does_not_fit(void **state)
{
    char out[32];

    (void)state;
    memset(out, '#', sizeof out);
    for (size_t capacity = 0; capacity < 2 + CHANNEL_FRAME_EXTRA_BYTES; capacity++) {
        assert_int_equal(channel_frame_encode(out, capacity, "{}", 2), 0);
    }
    for (size_t i = 0; i < sizeof out; i++) {
        assert_int_equal(out[i], '#');
    }
    assert_int_equal(channel_frame_encode(out, 2 + CHANNEL_FRAME_EXTRA_BYTES, "{}", 2),
                     2 + CHANNEL_FRAME_EXTRA_BYTES);
}

static void test_channel_frame__refuses_bytes_that_would_break_the_framing(void **state)
{
    static const char bad[] = {'\n', '\r', 0x1e, 0, 0x1f, 0x7f, (char)0x80, (char)0xff};
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof bad; i++) {
        const char json[3] = {'{', bad[i], '}'};

        assert_int_equal(channel_frame_encode(out, sizeof out, json, sizeof json), 0);
    }
}

static void test_channel_frame__length_has_four_digits(void **state)
{
    const size_t capacity = CHANNEL_FRAME_JSON_MAX + 1 + CHANNEL_FRAME_EXTRA_BYTES;
    char *json = malloc(CHANNEL_FRAME_JSON_MAX + 1);
    char *out = malloc(capacity);

    (void)state;
    memset(json, ' ', CHANNEL_FRAME_JSON_MAX + 1);
    assert_int_equal(channel_frame_encode(out, capacity, json, CHANNEL_FRAME_JSON_MAX + 1), 0);
    assert_int_equal(channel_frame_encode(out, capacity, json, CHANNEL_FRAME_JSON_MAX),
                     capacity - 1);
    assert_memory_equal(out, "\x1eR4 ffff ", 9);
    free(json);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channel_frame__known_frames),
        cmocka_unit_test(test_channel_frame__all_printable_characters),
        cmocka_unit_test(test_channel_frame__refuses_what_does_not_fit),
        cmocka_unit_test(test_channel_frame__refuses_bytes_that_would_break_the_framing),
        cmocka_unit_test(test_channel_frame__length_has_four_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
