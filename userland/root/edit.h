/* SPDX-License-Identifier: MIT */
/*
 * Owns: editing a line at a terminal: bytes that were typed in, bytes for the screen out; the lines
 * entered before. Pure: the screen and completion are functions that the caller gives.
 *
 * Invariants
 * (1) cursor <= length <= EDIT_BYTES. On the screen stands the prompt and the line, the cursor
 *     where it is in the line.
 * (2) A line that is as long as EDIT_BYTES may be cut; it is longer than any command.
 * Understands VT100 keys. A line longer than the screen is wide wraps as the terminal does.
 */
#ifndef ROOT_EDIT_H
#define ROOT_EDIT_H

#include "words.h"

#define EDIT_BYTES   (LINE_MAX_BYTES + 1u) /* one more: a line that is too long is refused */
#define EDIT_HISTORY 32u

struct edit_line {
    size_t length;
    char text[EDIT_BYTES];
};

/* What a completion found. */
struct edit_completion {
    size_t bytes; /* to insert at the cursor */
    char text[LINE_MAX_BYTES];
    bool is_open; /* there are several, and nothing to insert: show them */
};

enum edit_event {
    EDIT_NOTHING, /* more bytes are needed */
    EDIT_ENTER,   /* the line is whole */
    EDIT_CANCEL   /* Ctrl-C: the line is given up */
};

struct edit {
    /* The caller's. */
    const char *prompt;
    void *context;
    void (*put)(void *context, const char *bytes, size_t count);
    /* What could follow the first `cursor` bytes of `line`. */
    void (*complete)(void *context, const char *line, size_t cursor, struct edit_completion *out);
    /* Writes the possible completions, on a line of their own. */
    void (*show)(void *context, const char *line, size_t cursor);

    struct edit_line line;
    size_t cursor;
    uint8_t key_state; /* how much of an escape sequence has come */
    uint8_t key_number;
    bool was_return;        /* a line feed now belongs to the last line's end */
    uint32_t entered;       /* lines in the history so far; the last EDIT_HISTORY are kept */
    uint32_t shown;         /* history line on the screen; == entered: the new one */
    struct edit_line draft; /* the new line while another one is shown */
    struct edit_line history[EDIT_HISTORY];
};

/* Begins a new line: shows the prompt. */
void edit_begin(struct edit *e);
/* Takes one byte. After ENTER and CANCEL the line stays until edit_begin. */
enum edit_event edit_take(struct edit *e, char byte);

#endif
