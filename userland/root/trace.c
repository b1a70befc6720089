/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command that turns the kernel's tracing on and off, and hands what it recorded to the
 * machine channel. Tracing rests while it is read: reading is calls, too.
 */
#include "command.h"

#include <r4/abi/stubs.h>
#include <string.h>

#define MONITOR R4_INIT_SLOT_MONITOR

/* One record of a core, and the number that its next one will have. */
struct reading {
    uint64_t found;
    uint64_t ns;
    uint64_t point;
    uint64_t args[2];
    uint64_t next;
};

static enum r4_err read_record(uint32_t core, uint64_t number, struct reading *r)
{
    return r4_monitor_trace_read(MONITOR, core, number, &r->found, &r->ns, &r->point, &r->args[0],
                                 &r->args[1], &r->next);
}

static void hand_on(struct root *root, struct sink *out, uint32_t core, const struct reading *r)
{
    const struct event event = {
        .kind = EVENT_TRACE,
        .cluster = root->info->cluster,
        .word = {core, r->found, r->ns, r->point, r->args[0], r->args[1]},
    };
    sink_event(out, &event);
}

/* The last `most` records of a core. */
static enum r4_err dump_core(struct root *root, struct sink *out, uint32_t core, uint64_t most)
{
    struct reading r = {0};
    enum r4_err err = read_record(core, 0, &r);
    uint64_t number = r.next > most && r.next - most > r.found ? r.next - most : r.found;
    const uint64_t first = number;
    while (err == R4_OK && number < r.next) {
        err = read_record(core, number, &r);
        if (err == R4_OK) {
            hand_on(root, out, core, &r);
            number = r.found + 1;
        }
    }
    if (err == R4_OK || err == R4_E_AGAIN) {
        sink_printf(out, "core %u: %lu records, %lu before them left out\n", core, number - first,
                    first);
        err = R4_OK;
    }
    return err;
}

static uint32_t dump(struct root *root, struct sink *out, uint64_t most)
{
    uint64_t was_on;
    enum r4_err err = r4_monitor_trace_control(MONITOR, 0, &was_on);
    for (uint32_t core = 0; err == R4_OK && core < root->info->cores; core++) {
        err = dump_core(root, out, core, most);
    }
    if (err == R4_OK && was_on != 0) {
        err = r4_monitor_trace_control(MONITOR, 1, NULL);
    }
    return err == R4_OK ? STATUS_OK : command_failed(out, "trace", "reading the records", err);
}

static uint32_t turn(struct sink *out, bool is_on)
{
    enum r4_err err = r4_monitor_trace_control(MONITOR, is_on, NULL);
    return err == R4_OK ? STATUS_OK : command_failed(out, "trace", "turning it on or off", err);
}

uint32_t command_trace(struct root *root, struct sink *out, const struct words *words)
{
    const char *what = words->count >= 2 ? words->word[1] : "";
    uint64_t most = UINT64_MAX;
    if (words->count == 2 && strcmp(what, "on") == 0) {
        return turn(out, true);
    }
    if (words->count == 2 && strcmp(what, "off") == 0) {
        return turn(out, false);
    }
    if (strcmp(what, "dump") != 0 || words->count > 3 ||
        (words->count == 3 && !words_number(words->word[2], UINT32_MAX, &most))) {
        return command_usage(out, "trace", "expected `on`, `off`, or `dump` and perhaps a number");
    }
    return dump(root, out, most);
}
