/* SPDX-License-Identifier: MIT */
#include "console.h"

#include <r4/abi/enums.h>
#include <r4/abi/stubs.h>
#include <string.h>

#define CALL_BYTES 40u /* that one call takes */
#define PAUSES     200u

typedef enum r4_err write_call(r4_cap monitor, uint8_t bytes, uint64_t w0, uint64_t w1, uint64_t w2,
                               uint64_t w3, uint64_t w4, uint64_t *taken);

/* For a part of the time that the port takes for a byte; without calls, which traces would show. */
static void wait_a_little(void)
{
    for (uint32_t i = 0; i < PAUSES; i++) {
        __builtin_ia32_pause();
    }
}

static void write_all(write_call *call, const char *bytes, size_t count)
{
    while (count > 0) {
        uint64_t w[CALL_BYTES / 8] = {0};
        size_t piece = count < CALL_BYTES ? count : CALL_BYTES;
        uint64_t taken = 0;
        memcpy(w, bytes, piece);
        enum r4_err err =
            call(R4_INIT_SLOT_MONITOR, (uint8_t)piece, w[0], w[1], w[2], w[3], w[4], &taken);
        if (err == R4_E_AGAIN) {
            wait_a_little();
        } else if (err != R4_OK) {
            return; /* this cluster has no such port */
        }
        bytes += taken;
        count -= taken;
    }
}

void console_write_raw(const char *bytes, size_t count)
{
    write_all(r4_monitor_console_write, bytes, count);
}

void channel_write(const char *bytes, size_t count)
{
    write_all(r4_monitor_channel_write, bytes, count);
}

static bool is_control(char c)
{
    return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f;
}

void console_clean(void (*raw)(const char *bytes, size_t count), const char *text, size_t bytes)
{
    char piece[CALL_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (used + 2 > sizeof piece) {
            raw(piece, used);
            used = 0;
        }
        if (text[i] == '\n') {
            piece[used++] = '\r';
            piece[used++] = '\n';
        } else {
            piece[used++] = text[i];
            if (is_control(text[i])) {
                piece[used - 1] = '?';
            }
        }
    }
    raw(piece, used);
}

void console_write(const char *text, size_t bytes)
{
    console_clean(console_write_raw, text, bytes);
}
