/* SPDX-License-Identifier: MIT */
/*
 * Usable at any instant: it needs no lock, no core and little stack. What another writer had begun
 * on either device is cut off; readers of the channel find their place again.
 */
#include <kernel/panic.h>

#include <arch/machine.h>
#include <lib/channel_frame.h>
#include <lib/json.h>
#include <r4/abi/exits.h>

#define WHERE_MAX 64u
#define WHAT_MAX  160u
#define JSON_MAX  512u /* with each character of both escaped by a backslash */

static size_t length_up_to(const char *text, size_t limit)
{
    size_t count = 0;

    while (count < limit && text[count] != 0) {
        count++;
    }
    return count;
}

static void say(const char *text, size_t limit)
{
    arch_console_write(text, length_up_to(text, limit));
}

_Noreturn void r4_panic(const char *where, const char *what)
{
    char text[JSON_MAX];
    char frame[JSON_MAX + CHANNEL_FRAME_EXTRA_BYTES];
    struct json json;

    say("\npanic: ", 8);
    say(where, WHERE_MAX);
    say(": ", 2);
    say(what, WHAT_MAX);
    say("\n", 1);

    json_begin(&json, text, sizeof text);
    json_string(&json, "type", "panic");
    json_bytes(&json, "where", where, length_up_to(where, WHERE_MAX));
    json_bytes(&json, "what", what, length_up_to(what, WHAT_MAX));
    const size_t bytes = channel_frame_encode(frame, sizeof frame, text, json_end(&json));
    arch_channel_write(frame, bytes);
    arch_exit(R4_EXIT_PANIC);
}
