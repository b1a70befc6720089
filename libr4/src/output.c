/* SPDX-License-Identifier: MIT */
#include "start.h"

#include <r4/abi/stubs.h>
#include <r4/format.h>
#include <r4/program.h>
#include <string.h>

/* The program's side of the output ring. */
static struct r4_ring ring;

static struct r4_output *page(void)
{
    return (struct r4_output *)R4_PROGRAM_OUTPUT;
}

void r4_output_start(void)
{
    ring = r4_output_ring(page());
}

void r4_flush(void)
{
    (void)r4_notification_signal(R4_PROGRAM_SLOT_OUTPUT);
}

/* Room in the ring; waits until there is some. A reader that writes nonsense gets no output. */
static uint64_t wait_for_room(void)
{
    uint64_t room;
    while (r4_ring_room(&ring, &room)) {
        if (room > 0) {
            return room;
        }
        r4_flush();
        (void)r4_yield();
        __builtin_ia32_pause();
    }
    return 0;
}

void r4_write(const char *text, size_t bytes)
{
    bool has_newline = false;
    for (size_t i = 0; i < bytes; i++) {
        has_newline |= text[i] == '\n';
    }
    while (bytes > 0) {
        uint64_t room = wait_for_room();
        uint64_t piece = bytes < room ? bytes : room;
        if (piece == 0) {
            return;
        }
        r4_ring_put(&ring, text, piece);
        text += piece;
        bytes -= piece;
    }
    if (has_newline) {
        r4_flush();
    }
}

static void put(void *context, const char *text, size_t bytes)
{
    (void)context;
    r4_write(text, bytes);
}

void r4_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    r4_vformat(put, NULL, format, args);
    va_end(args);
}

void r4_output_end(uint32_t status)
{
    page()->status = status;
    /* Pairs with the acquire in process.c: status and output are there. */
    __atomic_store_n(&page()->has_exited, 1, __ATOMIC_RELEASE);
    r4_flush();
}
