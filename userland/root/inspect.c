/* SPDX-License-Identifier: MIT */
/*
 * Owns: the commands that show what the monitor knows of this cluster.
 */
#include "command.h"

#include <r4/abi/counters.h>
#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <r4/abi/stubs.h>
#include <string.h>

#define MONITOR R4_INIT_SLOT_MONITOR
#define KIB     UINT64_C(1024)
#define MIB     (KIB * KIB)

uint32_t command_cluster(struct root *root, struct sink *out, const struct words *words)
{
    const struct r4_bootinfo *info = root->info;
    uint64_t owned;
    (void)words;
    enum r4_err err = r4_monitor_memory(MONITOR, &owned, NULL, NULL, NULL, NULL, NULL);
    if (err != R4_OK) {
        return command_failed(out, "cluster", "reading the memory", err);
    }
    sink_printf(out, "cluster %u: %u core%s, %lu MiB, distances", info->cluster, info->cores,
                info->cores == 1 ? "" : "s", owned / MIB);
    for (uint32_t peer = 0; peer < info->clusters; peer++) {
        sink_printf(out, " %u", info->distances[peer]);
    }
    sink_printf(out, "\n");
    return STATUS_OK;
}

uint32_t command_cores(struct root *root, struct sink *out, const struct words *words)
{
    (void)words;
    for (uint32_t core = 0; core < root->info->cores; core++) {
        uint64_t id, thread, priority, ready, switches;
        enum r4_err err =
            r4_monitor_core(MONITOR, core, &id, &thread, &priority, &ready, &switches);
        if (err != R4_OK) {
            return command_failed(out, "cores", "reading a core", err);
        }
        sink_printf(out, "core %u: hardware id %lu, ", core, id);
        if (thread == 0) {
            sink_printf(out, "idle");
        } else {
            sink_printf(out, "runs thread %lu at priority %lu", thread, priority);
        }
        sink_printf(out, ", %lu ready, %lu switches\n", ready, switches);
    }
    return STATUS_OK;
}

uint32_t command_mem(struct root *root, struct sink *out, const struct words *words)
{
    static const char *const name[] = {"owned", "kernel", "root", "pair", "untyped", "lost"};
    uint64_t bytes[6];
    (void)words;
    enum r4_err err = r4_monitor_memory(MONITOR, &bytes[0], &bytes[1], &bytes[2], &bytes[3],
                                        &bytes[4], &bytes[5]);
    if (err != R4_OK) {
        return command_failed(out, "mem", "reading the memory", err);
    }
    for (size_t i = 0; i < 6; i++) {
        sink_printf(out, "%-8s %10lu KiB\n", name[i], bytes[i] / KIB);
    }
    sink_printf(out, "%-8s %10lu KiB of the untyped in the root task\n", "free",
                r4_memory_free_bytes(&root->memory) / KIB);
    sink_printf(out, "%-8s %10u of %u free in the root task's table\n", "slots", root->slots.free,
                root->info->table_slots - 2);
    return STATUS_OK;
}

uint32_t command_threads(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t number = 1;
    uint64_t info, asid;
    uint64_t name[2];
    (void)root;
    (void)words;
    for (;;) {
        enum r4_err err =
            r4_monitor_thread(MONITOR, number, &number, &info, &asid, &name[0], &name[1]);
        if (err == R4_E_RANGE) {
            return STATUS_OK; /* there is none from here on */
        }
        if (err != R4_OK) {
            return command_failed(out, "threads", "reading a thread", err);
        }
        char text[sizeof name + 1] = {0};
        memcpy(text, name, sizeof name);
        sink_printf(out, "thread %lu: %-8s %-7s core %u, priority %u, asid %u\n", number, text,
                    r4_thread_state_name(r4_thread_info_state(info)), r4_thread_info_core(info),
                    r4_thread_info_priority(info), r4_asid_index((uint32_t)asid));
        number++;
    }
}

/* One counter: a number of the cluster, or one for each core. */
static enum r4_err show_counter(struct root *root, struct sink *out, uint8_t counter)
{
    uint32_t columns = r4_counter_is_per_core(counter) ? root->info->cores : 1;
    sink_printf(out, "%-20s", r4_counter_name(counter));
    for (uint32_t core = 0; core < columns; core++) {
        uint64_t count;
        enum r4_err err = r4_monitor_counter(MONITOR, counter, core, &count);
        if (err != R4_OK) {
            return err;
        }
        sink_printf(out, " %10lu", count);
    }
    sink_printf(out, " %s\n", r4_counter_unit(counter));
    return R4_OK;
}

/* The ABI's table has gaps. */
static bool is_counter(uint8_t counter)
{
    return strcmp(r4_counter_name(counter), "?") != 0;
}

uint32_t command_counters(struct root *root, struct sink *out, const struct words *words)
{
    const char *name = words->word[1];
    bool is_found = false;
    if (words->count > 2) {
        return command_usage(out, "counters", "expected nothing or one counter");
    }
    for (uint8_t counter = 0; counter < R4_COUNTER_TABLE_SIZE; counter++) {
        if (!is_counter(counter) || (name != NULL && strcmp(r4_counter_name(counter), name) != 0)) {
            continue;
        }
        enum r4_err err = show_counter(root, out, counter);
        if (err != R4_OK) {
            return command_failed(out, "counters", r4_counter_name(counter), err);
        }
        is_found = true;
    }
    if (!is_found) {
        sink_printf(out, "counters: there is no counter `%s`; `counters` lists them\n", name);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

uint32_t command_audit(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t violations, rule, detail, checked;
    (void)words;
    enum r4_err err = r4_monitor_audit(MONITOR, &violations, &rule, &detail, &checked);
    if (err != R4_OK) {
        return command_failed(out, "audit", "auditing", err);
    }
    const struct event event = {
        .kind = EVENT_AUDIT, .cluster = root->info->cluster, .word = {violations, rule}};
    sink_event(out, &event);
    if (violations == 0) {
        sink_printf(out, "audit: %lu things looked at, no violation\n", checked);
        return STATUS_OK;
    }
    sink_printf(out, "audit: %lu violation%s; the first breaks rule %lu, detail 0x%lx\n",
                violations, violations == 1 ? "" : "s", rule, detail);
    return STATUS_FAILED;
}
