/* SPDX-License-Identifier: MIT */
/*
 * Owns: where a command's output goes: text, line by line if it can, and events for the machine
 * channel. A sink is the first member of what implements it.
 */
#ifndef ROOT_SINK_H
#define ROOT_SINK_H

#include <stddef.h>
#include <stdint.h>

#define SINK_BUFFER_BYTES 256u

/* Something that a program shall be able to read without parsing text. */
enum event_kind {
    EVENT_AUDIT = 1, /* word: violations, rule of the first */
    EVENT_FAULT = 2, /* word: cause, address, error code, instruction pointer, stack pointer */
    EVENT_TRACE = 3  /* word: core, number of the record, ns, trace point, two arguments */
};

struct event {
    uint32_t kind; /* enum event_kind */
    uint32_t cluster;
    uint64_t word[6];
};

struct sink {
    /* Takes text; it is not NUL-terminated and not empty. */
    void (*text)(struct sink *sink, const char *text, size_t bytes);
    void (*event)(struct sink *sink, const struct event *event);
    size_t used;
    char buffer[SINK_BUFFER_BYTES];
};

void sink_init(struct sink *sink, void (*text)(struct sink *, const char *, size_t),
               void (*event)(struct sink *, const struct event *));

void sink_write(struct sink *sink, const char *text, size_t bytes);
void sink_printf(struct sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As sink_write; the context is the sink. For functions that want an r4_format_put. */
void sink_put(void *sink, const char *text, size_t bytes);
/* Hands on what was written before, then the event. */
void sink_event(struct sink *sink, const struct event *event);
/* Hands on text that has no newline yet. */
void sink_flush(struct sink *sink);

#endif
