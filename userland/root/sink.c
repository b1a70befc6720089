/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <r4/format.h>
#include <string.h>

void sink_init(struct sink *sink, void (*text)(struct sink *, const char *, size_t),
               void (*event)(struct sink *, const struct event *))
{
    sink->text = text;
    sink->event = event;
    sink->used = 0;
}

void sink_flush(struct sink *sink)
{
    if (sink->used > 0) {
        size_t bytes = sink->used;
        sink->used = 0;
        sink->text(sink, sink->buffer, bytes);
    }
}

void sink_write(struct sink *sink, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        sink->buffer[sink->used++] = text[i];
        if (text[i] == '\n' || sink->used == sizeof sink->buffer) {
            sink_flush(sink);
        }
    }
}

void sink_put(void *sink, const char *text, size_t bytes)
{
    sink_write(sink, text, bytes);
}

void sink_printf(struct sink *sink, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    r4_vformat(sink_put, sink, format, args);
    va_end(args);
}

void sink_event(struct sink *sink, const struct event *event)
{
    sink_flush(sink);
    sink->event(sink, event);
}
