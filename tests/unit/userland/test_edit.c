/* SPDX-License-Identifier: MIT */
/*
 * The line editor, with a screen that knows carriage return, backspace and line feed: after every
 * byte it shows the line.
 */
#include "unit.h"

#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMPT "> "
#define WIDTH  600u

struct screen {
    struct edit edit;
    char row[WIDTH];
    size_t column;
    size_t bells;
    size_t shows;
    const char *completion; /* what Tab inserts */
    bool is_open;
    enum edit_event event;
};

static void put(void *context, const char *bytes, size_t count)
{
    struct screen *s = context;
    for (size_t i = 0; i < count; i++) {
        switch (bytes[i]) {
        case '\r':
            s->column = 0;
            break;
        case '\n':
            memset(s->row, 0, sizeof s->row);
            break;
        case '\b':
            assert_true(s->column > 0);
            s->column--;
            break;
        case '\a':
            s->bells++;
            break;
        default:
            s->row[s->column++] = bytes[i];
            break;
        }
    }
}

static void complete(void *context, const char *line, size_t cursor, struct edit_completion *out)
{
    struct screen *s = context;
    (void)line;
    (void)cursor;
    out->bytes = strlen(s->completion);
    memcpy(out->text, s->completion, out->bytes);
    out->is_open = s->is_open;
}

static void show(void *context, const char *line, size_t cursor)
{
    struct screen *s = context;
    (void)line;
    (void)cursor;
    s->shows++;
    put(context, "one  two\r\n", 10);
}

static int setup(void **state)
{
    struct screen *s = calloc(1, sizeof *s);
    s->edit.prompt = PROMPT;
    s->edit.context = s;
    s->edit.put = put;
    s->edit.complete = complete;
    s->edit.show = show;
    s->completion = "";
    edit_begin(&s->edit);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* What is on the screen is the prompt and the line; what was erased are blanks. */
static void check_screen(const struct screen *s)
{
    const struct edit *e = &s->edit;
    const size_t prompt = strlen(PROMPT);
    assert_true(e->cursor <= e->line.length && e->line.length <= EDIT_BYTES);
    assert_int_equal(s->column, prompt + e->cursor);
    assert_memory_equal(s->row, PROMPT, prompt);
    assert_memory_equal(s->row + prompt, e->line.text, e->line.length);
    for (size_t i = prompt + e->line.length; i < WIDTH; i++) {
        assert_true(s->row[i] == 0 || s->row[i] == ' ');
    }
}

static void type_bytes(struct screen *s, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        s->event = edit_take(&s->edit, bytes[i]);
        if (s->event == EDIT_NOTHING) {
            check_screen(s);
        }
    }
}

static void type(struct screen *s, const char *text)
{
    type_bytes(s, text, strlen(text));
}

static void enter(struct screen *s, const char *text)
{
    type(s, text);
    type(s, "\r");
    assert_int_equal(s->event, EDIT_ENTER);
    put(s, "\r\n", 2);
    edit_begin(&s->edit);
}

static void expect_line(const struct screen *s, const char *text)
{
    assert_int_equal(s->edit.line.length, strlen(text));
    assert_memory_equal(s->edit.line.text, text, strlen(text));
}

static void test_edit__keys(void **state)
{
    static const struct {
        const char *typed;
        const char *line;
    } cases[] = {
        {"abc", "abc"},
        {"abc\x7f", "ab"},
        {"abc\b\b\b\b", ""},
        {"abc\033[D\033[DX", "aXbc"},
        {"abc\033[D\033[D\033[D\033[D\033[C\x7f", "bc"},
        {"abc\033[H\033[3~", "bc"},
        {"abc\033[3~", "abc"},
        {"abc\033[1~X\033[4~Y", "XabcY"},
        {"abc\033[7~X\033[8~Y", "XabcY"},
        {"abc\033OHX\033OFY", "XabcY"},
        {"abc\001X\005Y", "XabcY"},
        {"abc\002\002\006X", "abXc"},
        {"abc\001\004", "bc"},
        {"abcdef\002\002\013", "abcd"},
        {"abcdef\002\002\025", "ef"},
        {"one two  \027", "one "},
        {"one two\027\027\027", ""},
        {"one two\002\027", "one o"},
        {"a\033[15~\033[1;5C\033[?25hb", "ab"},
        {"a\033xb", "ab"},
        {"a\377\200b", "ab"},
        {"a\033[Z\033[99~\033[b", "a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *fresh;
        setup(&fresh);
        type(fresh, cases[i].typed);
        expect_line(fresh, cases[i].line);
        teardown(&fresh);
    }
}

static void test_edit__ends_of_a_line(void **state)
{
    struct screen *s = *state;
    type(s, "a\r");
    assert_int_equal(s->event, EDIT_ENTER);
    edit_begin(&s->edit);
    assert_int_equal(edit_take(&s->edit, '\n'), EDIT_NOTHING);
    assert_int_equal(edit_take(&s->edit, '\n'), EDIT_ENTER);
    assert_int_equal(edit_take(&s->edit, 'b'), EDIT_NOTHING);
    assert_int_equal(edit_take(&s->edit, '\n'), EDIT_ENTER);
    assert_int_equal(edit_take(&s->edit, '\033'), EDIT_NOTHING);
    assert_int_equal(edit_take(&s->edit, '\r'), EDIT_ENTER);
}

static void test_edit__cancel(void **state)
{
    struct screen *s = *state;
    type(s, "abc\033[");
    assert_int_equal(edit_take(&s->edit, 3), EDIT_CANCEL);
    edit_begin(&s->edit);
    type(s, "b");
    expect_line(s, "b");
    /* What was given up is not in the history. */
    type(s, "\033[A");
    expect_line(s, "b");
    assert_int_equal(s->bells, 1);
}

static void test_edit__enter_in_the_middle_takes_the_whole_line(void **state)
{
    struct screen *s = *state;
    type(s, "abc\001\r");
    assert_int_equal(s->event, EDIT_ENTER);
    expect_line(s, "abc");
}

static void test_edit__too_long_is_longer_than_any_command(void **state)
{
    struct screen *s = *state;
    for (unsigned i = 0; i < 300; i++) {
        type(s, "x");
    }
    assert_int_equal(s->edit.line.length, EDIT_BYTES);
    assert_true(EDIT_BYTES > LINE_MAX_BYTES);
    assert_int_equal(s->bells, 300 - EDIT_BYTES);
    type(s, "\001y\025z");
    assert_int_equal(s->edit.line.length, EDIT_BYTES);
}

static void test_edit__history(void **state)
{
    struct screen *s = *state;
    enter(s, "one");
    enter(s, "two");
    enter(s, "two");
    enter(s, "");
    enter(s, "three");
    type(s, "draft\033[A");
    expect_line(s, "three");
    type(s, "\020");
    expect_line(s, "two");
    type(s, "\033[A");
    expect_line(s, "one");
    type(s, "\033[A");
    expect_line(s, "one");
    assert_int_equal(s->bells, 1);
    type(s, "\033[B\033[B\016");
    expect_line(s, "draft");
    type(s, "\033[B");
    expect_line(s, "draft");
    assert_int_equal(s->bells, 2);
    /* A line of the history that is changed is a new line. */
    type(s, "\033[A\033[A!\r");
    expect_line(s, "two!");
    edit_begin(&s->edit);
    s->column = strlen(PROMPT);
    memset(s->row, 0, sizeof s->row);
    memcpy(s->row, PROMPT, strlen(PROMPT));
    type(s, "\033[A\033[A\033[A");
    expect_line(s, "two");
}

/* Neither the first line nor a later one. */
static void test_edit__history_keeps_no_line_twice_in_a_row(void **state)
{
    struct screen *s = *state;
    enter(s, "one");
    enter(s, "one");
    type(s, "\033[A");
    expect_line(s, "one");
    assert_int_equal(s->bells, 0);
    type(s, "\033[A");
    expect_line(s, "one");
    assert_int_equal(s->bells, 1);
}

static void test_edit__history_keeps_the_last_ones(void **state)
{
    struct screen *s = *state;
    char text[16];
    for (unsigned i = 0; i < 3 * EDIT_HISTORY; i++) {
        snprintf(text, sizeof text, "line %u", i);
        enter(s, text);
    }
    for (unsigned i = 0; i < EDIT_HISTORY + 5; i++) {
        type(s, "\033[A");
    }
    snprintf(text, sizeof text, "line %u", 2 * EDIT_HISTORY);
    expect_line(s, text);
    assert_int_equal(s->bells, 5);
}

static void test_edit__tab(void **state)
{
    struct screen *s = *state;
    type(s, "ab\002\t");
    assert_int_equal(s->bells, 1);
    s->completion = "XY";
    type(s, "\t");
    expect_line(s, "aXYb");
    s->completion = "";
    s->is_open = true;
    type(s, "\t");
    assert_int_equal(s->shows, 1);
    expect_line(s, "aXYb");
}

static void test_edit__random_bytes(void **state)
{
    static const char keys[] =
        "abc \x7f\b\t\001\002\004\005\006\013\016\020\025\027\033[[ABCDHF~134;O";
    struct screen *s = *state;
    uint64_t random = 1;
    s->completion = "go";
    for (unsigned i = 0; i < 200000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1u;
        const unsigned n = (unsigned)(random >> 33);
        s->completion = n % 3 == 0 ? "go" : "";
        s->is_open = n % 5 == 0;
        if (n % 97 == 0) {
            type(s, "\r");
            put(s, "\r\n", 2);
            edit_begin(&s->edit);
        } else {
            type_bytes(s, &keys[n / 97 % (sizeof keys - 1)], 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit__keys),
        cmocka_unit_test_setup_teardown(test_edit__ends_of_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit__cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit__enter_in_the_middle_takes_the_whole_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_edit__too_long_is_longer_than_any_command, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_edit__history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit__history_keeps_no_line_twice_in_a_row, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_edit__history_keeps_the_last_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit__tab, setup, teardown),
        cmocka_unit_test_setup_teardown(test_edit__random_bytes, setup, teardown),
    };

    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
