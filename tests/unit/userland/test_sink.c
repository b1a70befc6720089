/* SPDX-License-Identifier: MIT */
/* userland/root/sink.c: text arrives line by line, whole, and before the event behind it. */
#include "unit.h"

#include "sink.h"

#include <string.h>

static char got[4096];
static size_t got_bytes;
static unsigned pieces;

static void take_text(struct sink *sink, const char *text, size_t bytes)
{
    (void)sink;
    assert_true(bytes > 0 && bytes <= SINK_BUFFER_BYTES);
    memcpy(got + got_bytes, text, bytes);
    got_bytes += bytes;
    pieces++;
}

static void take_event(struct sink *sink, const struct event *event)
{
    (void)sink;
    got[got_bytes++] = (char)('0' + event->kind);
}

static struct sink make(void)
{
    struct sink sink;
    got_bytes = 0;
    pieces = 0;
    sink_init(&sink, take_text, take_event);
    return sink;
}

static void test_sink__text_comes_by_lines(void **state)
{
    (void)state;
    struct sink sink = make();
    sink_printf(&sink, "a%ub", 1u);
    assert_int_equal(pieces, 0);
    sink_printf(&sink, "c\nd");
    assert_int_equal(pieces, 1);
    assert_memory_equal(got, "a1bc\n", 5);
    sink_flush(&sink);
    sink_flush(&sink);
    assert_int_equal(pieces, 2);
    assert_memory_equal(got, "a1bc\nd", 6);
}

static void test_sink__long_text_is_whole(void **state)
{
    (void)state;
    struct sink sink = make();
    char text[1000];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('a' + i % 26);
    }
    sink_write(&sink, text, sizeof text);
    sink_flush(&sink);
    assert_int_equal(got_bytes, sizeof text);
    assert_memory_equal(got, text, sizeof text);
}

static void test_sink__event_comes_after_the_text_before_it(void **state)
{
    (void)state;
    struct sink sink = make();
    const struct event event = {.kind = EVENT_FAULT};
    sink_printf(&sink, "ab");
    sink_event(&sink, &event);
    sink_printf(&sink, "c\n");
    assert_int_equal(got_bytes, 5);
    assert_memory_equal(got, "ab2c\n", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink__text_comes_by_lines),
        cmocka_unit_test(test_sink__long_text_is_whole),
        cmocka_unit_test(test_sink__event_comes_after_the_text_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
