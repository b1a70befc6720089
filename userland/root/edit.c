/* SPDX-License-Identifier: MIT */
#include "edit.h"

#include <string.h>

/* Bytes that are keys of their own. */
enum control {
    KEY_CTRL_A = 1,
    KEY_CTRL_B = 2,
    KEY_CTRL_C = 3,
    KEY_CTRL_D = 4,
    KEY_CTRL_E = 5,
    KEY_CTRL_F = 6,
    KEY_BACKSPACE = 8,
    KEY_TAB = 9,
    KEY_LINE_FEED = 10,
    KEY_CTRL_K = 11,
    KEY_CTRL_L = 12,
    KEY_RETURN = 13,
    KEY_CTRL_N = 14,
    KEY_CTRL_P = 16,
    KEY_CTRL_U = 21,
    KEY_CTRL_W = 23,
    KEY_ESCAPE = 27,
    KEY_ERASE = 127,
};

/* An escape sequence is ESC [ number ~, ESC [ letter, or ESC O letter. */
enum key_state {
    KEY_PLAIN,
    KEY_ESCAPED,
    KEY_SEQUENCE,
    KEY_SEQUENCE_SKIPPED, /* it has more than one number: no key of ours */
};

#define BELL "\a"

static void put(struct edit *e, const char *bytes, size_t count)
{
    if (count > 0) {
        e->put(e->context, bytes, count);
    }
}

static void put_text(struct edit *e, const char *text)
{
    put(e, text, strlen(text));
}

static void step_back(struct edit *e, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_text(e, "\b");
    }
}

/*
 * Writes the line from the cursor on, and `erased` blanks where it was longer before; the cursor
 * stays.
 */
static void redraw_tail(struct edit *e, size_t erased)
{
    const size_t tail = e->line.length - e->cursor;
    put(e, e->line.text + e->cursor, tail);
    for (size_t i = 0; i < erased; i++) {
        put_text(e, " ");
    }
    step_back(e, tail + erased);
}

static void redraw_all(struct edit *e)
{
    put_text(e, e->prompt);
    put(e, e->line.text, e->cursor);
    redraw_tail(e, 0);
}

void edit_begin(struct edit *e)
{
    e->line.length = 0;
    e->cursor = 0;
    e->shown = e->entered;
    e->key_state = KEY_PLAIN;
    put_text(e, e->prompt);
}

/* ------------------------------------------------------------------------------------------------
 * Moving and changing
 */

static void move_to(struct edit *e, size_t cursor)
{
    if (cursor < e->cursor) {
        step_back(e, e->cursor - cursor);
    } else {
        put(e, e->line.text + e->cursor, cursor - e->cursor);
    }
    e->cursor = cursor;
}

static void insert(struct edit *e, const char *bytes, size_t count)
{
    struct edit_line *line = &e->line;
    if (count > EDIT_BYTES - line->length) {
        count = EDIT_BYTES - line->length;
        put_text(e, BELL);
    }
    memmove(line->text + e->cursor + count, line->text + e->cursor, line->length - e->cursor);
    memcpy(line->text + e->cursor, bytes, count);
    line->length += count;
    put(e, bytes, count);
    e->cursor += count;
    redraw_tail(e, 0);
}

/* Takes out the bytes from `from` up to `to`; the cursor goes to `from`. */
static void erase(struct edit *e, size_t from, size_t to)
{
    struct edit_line *line = &e->line;
    move_to(e, from);
    memmove(line->text + from, line->text + to, line->length - to);
    line->length -= to - from;
    redraw_tail(e, to - from);
}

static size_t word_start(const struct edit *e)
{
    size_t at = e->cursor;
    while (at > 0 && e->line.text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && e->line.text[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void erase_before(struct edit *e)
{
    if (e->cursor > 0) {
        erase(e, e->cursor - 1, e->cursor);
    }
}

static void erase_under(struct edit *e)
{
    if (e->cursor < e->line.length) {
        erase(e, e->cursor, e->cursor + 1);
    }
}

static void move_left(struct edit *e)
{
    if (e->cursor > 0) {
        move_to(e, e->cursor - 1);
    }
}

static void move_right(struct edit *e)
{
    if (e->cursor < e->line.length) {
        move_to(e, e->cursor + 1);
    }
}

/* ------------------------------------------------------------------------------------------------
 * History
 */

static uint32_t oldest(const struct edit *e)
{
    return e->entered < EDIT_HISTORY ? 0 : e->entered - EDIT_HISTORY;
}

static bool is_same(const struct edit_line *a, const struct edit_line *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Empty lines, and one that repeats the last, are not kept. */
static void remember(struct edit *e)
{
    const struct edit_line *last = &e->history[(e->entered - 1u) % EDIT_HISTORY];
    if (e->line.length == 0 || (e->entered > 0 && is_same(last, &e->line))) {
        return;
    }
    e->history[e->entered % EDIT_HISTORY] = e->line;
    e->entered++;
}

static void show_line(struct edit *e, const struct edit_line *line)
{
    const size_t before = e->line.length;
    move_to(e, 0);
    e->line = *line;
    redraw_tail(e, before > line->length ? before - line->length : 0);
    move_to(e, line->length);
}

static void show_older(struct edit *e)
{
    if (e->shown == oldest(e)) {
        put_text(e, BELL);
        return;
    }
    if (e->shown == e->entered) {
        e->draft = e->line;
    }
    e->shown--;
    show_line(e, &e->history[e->shown % EDIT_HISTORY]);
}

static void show_newer(struct edit *e)
{
    if (e->shown == e->entered) {
        put_text(e, BELL);
        return;
    }
    e->shown++;
    show_line(e, e->shown == e->entered ? &e->draft : &e->history[e->shown % EDIT_HISTORY]);
}

/* ------------------------------------------------------------------------------------------------
 * Keys
 */

static void complete(struct edit *e)
{
    struct edit_completion found = {.bytes = 0};
    e->complete(e->context, e->line.text, e->cursor, &found);
    if (found.bytes > 0) {
        insert(e, found.text, found.bytes);
    } else if (found.is_open) {
        put_text(e, "\r\n");
        e->show(e->context, e->line.text, e->cursor);
        redraw_all(e);
    } else {
        put_text(e, BELL);
    }
}

/* A key with a number, ESC [ number ~. */
static void take_numbered(struct edit *e)
{
    switch (e->key_number) {
    case 1:
    case 7:
        move_to(e, 0);
        break;
    case 4:
    case 8:
        move_to(e, e->line.length);
        break;
    case 3:
        erase_under(e);
        break;
    default:
        break;
    }
}

static void take_letter(struct edit *e, char letter)
{
    switch (letter) {
    case 'A':
        show_older(e);
        break;
    case 'B':
        show_newer(e);
        break;
    case 'C':
        move_right(e);
        break;
    case 'D':
        move_left(e);
        break;
    case 'F':
        move_to(e, e->line.length);
        break;
    case 'H':
        move_to(e, 0);
        break;
    default:
        break;
    }
}

/* A byte of ESC [ ... */
static void take_sequence(struct edit *e, char byte)
{
    const bool is_ours = e->key_state == KEY_SEQUENCE;
    if (byte >= '0' && byte <= '9') {
        e->key_number = (uint8_t)(e->key_number * 10u + (uint8_t)(byte - '0'));
    } else if (byte >= ' ' && byte < '@') {
        e->key_state = KEY_SEQUENCE_SKIPPED;
    } else {
        e->key_state = KEY_PLAIN;
        if (is_ours && byte == '~') {
            take_numbered(e);
        } else if (is_ours && e->key_number == 0) {
            take_letter(e, byte);
        }
    }
}

static void take_escaped(struct edit *e, char byte)
{
    e->key_number = 0;
    e->key_state = byte == '[' || byte == 'O' ? KEY_SEQUENCE : KEY_PLAIN;
}

static void take_control(struct edit *e, char byte)
{
    switch ((enum control)byte) {
    case KEY_CTRL_A:
        move_to(e, 0);
        break;
    case KEY_CTRL_E:
        move_to(e, e->line.length);
        break;
    case KEY_CTRL_B:
        move_left(e);
        break;
    case KEY_CTRL_F:
        move_right(e);
        break;
    case KEY_CTRL_D:
        erase_under(e);
        break;
    case KEY_BACKSPACE:
    case KEY_ERASE:
        erase_before(e);
        break;
    case KEY_CTRL_K:
        erase(e, e->cursor, e->line.length);
        break;
    case KEY_CTRL_U:
        erase(e, 0, e->cursor);
        break;
    case KEY_CTRL_W:
        erase(e, word_start(e), e->cursor);
        break;
    case KEY_CTRL_L:
        put_text(e, "\033[H\033[2J");
        redraw_all(e);
        break;
    case KEY_CTRL_P:
        show_older(e);
        break;
    case KEY_CTRL_N:
        show_newer(e);
        break;
    case KEY_TAB:
        complete(e);
        break;
    case KEY_ESCAPE:
        e->key_state = KEY_ESCAPED;
        break;
    case KEY_CTRL_C:
    case KEY_LINE_FEED:
    case KEY_RETURN:
        break;
    }
}

static enum edit_event enter(struct edit *e)
{
    move_to(e, e->line.length);
    put_text(e, "\r\n");
    remember(e);
    return EDIT_ENTER;
}

enum edit_event edit_take(struct edit *e, char byte)
{
    const bool was_return = e->was_return;
    e->was_return = byte == KEY_RETURN;
    if (byte == KEY_RETURN || byte == KEY_LINE_FEED) {
        e->key_state = KEY_PLAIN;
        return byte == KEY_LINE_FEED && was_return ? EDIT_NOTHING : enter(e);
    }
    if (byte == KEY_CTRL_C) {
        e->key_state = KEY_PLAIN;
        put_text(e, "^C\r\n");
        return EDIT_CANCEL;
    }
    if (e->key_state == KEY_ESCAPED) {
        take_escaped(e, byte);
    } else if (e->key_state != KEY_PLAIN) {
        take_sequence(e, byte);
    } else if ((byte >= 0 && byte < ' ') || byte == KEY_ERASE) {
        take_control(e, byte);
    } else if (byte >= ' ') {
        insert(e, &byte, 1);
    }
    return EDIT_NOTHING;
}
