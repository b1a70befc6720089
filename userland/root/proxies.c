/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `proxies`: the words of a proxy window as they stand in memory, whatever they are
 * worth. What changes meanwhile may be missing.
 */
#include "command.h"
#include "describe.h"

#include <r4/abi/stubs.h>

#define INDEX_WIDTH 7 /* of a word's number, in digits */

/* A word of the window. */
struct found {
    uint64_t word; /* 0: none here */
    uint64_t number;
    uint64_t is_marked;
    uint64_t link; /* layout `peer` */
};

static void show(struct sink *out, const struct found *f)
{
    sink_printf(out, "w%-*lu ", INDEX_WIDTH, f->number);
    describe_proxy(out, f->word);
    sink_printf(out, "; peer with ");
    describe_link(out, f->link);
    sink_printf(out, "; page %s\n", f->is_marked ? "marked" : "not marked");
}

static uint32_t show_all(struct sink *out, uint32_t pd)
{
    uint64_t number = 0;
    uint32_t count = 0;
    for (;;) {
        struct found f;
        enum r4_err err = r4_monitor_word(R4_INIT_SLOT_MONITOR, pd, (uint32_t)number, &f.word,
                                          &f.number, &f.is_marked, &f.link);
        if (err == R4_E_RANGE) {
            break; /* the end of the window */
        }
        if (err != R4_OK) {
            return command_failed(out, "proxies", "reading the window", err);
        }
        number = f.number;
        if (f.word != 0) {
            show(out, &f);
            count++;
            number++;
        }
    }
    sink_printf(out, "%u word%s\n", count, count == 1 ? "" : "s");
    return STATUS_OK;
}

uint32_t command_proxies(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t pd = R4_INIT_SLOT_PD;
    if (words->count > 2 ||
        (words->count == 2 && !words_number(words->word[1], root->info->table_slots - 2, &pd))) {
        return command_usage(out, "proxies", "expected nothing or the slot of a protection domain");
    }
    return show_all(out, (uint32_t)pd);
}
