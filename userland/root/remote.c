/* SPDX-License-Identifier: MIT */
/*
 * Owns: the commands that go to other clusters.
 *
 * Invariants: what comes from another cluster is text (the console cleans it) or an event, whose
 * cluster is the one it came from, whatever it says.
 */
#include "command.h"
#include "terminal.h"

#include <r4/abi/stubs.h>
#include <string.h>

static void take_message(struct sink *out, uint32_t cluster, const struct region_message *message)
{
    if (message->kind == REGION_TEXT) {
        sink_write(out, (const char *)message->data, message->bytes);
        return;
    }
    struct event event;
    memcpy(&event, message->data, sizeof event);
    event.cluster = cluster;
    sink_event(out, &event);
}

/*
 * Waits for the next doorbell, after having rung for what was taken out of the ring. Ctrl-C goes to
 * the other cluster.
 */
static void sleep(struct root *root, uint32_t cluster)
{
    if (terminal_is_interrupted(NULL)) {
        region_interrupt(&root->region[cluster]);
    }
    root_ring(cluster);
    enum r4_err err = r4_notification_wait(root->events, NULL);
    if (err != R4_OK) {
        root_fail(root, "waiting for a doorbell", err);
    }
}

static uint32_t run_remote(struct root *root, struct sink *out, uint32_t cluster, const char *line,
                           size_t bytes)
{
    struct region *r = &root->region[cluster];
    struct region_message message;
    uint32_t status = STATUS_FAILED;
    region_post(r, line, bytes);
    for (;;) {
        switch (region_next(r, &message, &status)) {
        case REGION_MESSAGE:
            take_message(out, cluster, &message);
            break;
        case REGION_DONE:
            return status;
        case REGION_GONE:
            sink_printf(out, "cluster %u: its root task has ended\n", cluster);
            return STATUS_FAILED;
        case REGION_BROKEN:
            sink_printf(out, "cluster %u: its root task broke the protocol\n", cluster);
            return STATUS_FAILED;
        case REGION_NOTHING:
        case REGION_REQUEST:
            sleep(root, cluster);
            break;
        }
    }
}

/* Runs the line on a cluster, be it this one. */
static uint32_t run_on(struct root *root, struct sink *out, uint32_t cluster, const char *line)
{
    if (cluster == root->info->cluster) {
        return command_run(root, out, line, strlen(line));
    }
    if (!root_has_console(root)) {
        sink_printf(out, "on: only cluster 0 can send commands to other clusters\n");
        return STATUS_FAILED;
    }
    return run_remote(root, out, cluster, line, strlen(line));
}

/* Runs the line on one cluster after the other, until Ctrl-C; the worst status. */
static uint32_t run_on_all(struct root *root, struct sink *out, const char *line,
                           uint32_t (*run)(struct root *, struct sink *, uint32_t, const char *))
{
    const uint32_t interrupts = terminal_interrupts();
    uint32_t worst = STATUS_OK;
    for (uint32_t cluster = 0; cluster < root->info->clusters; cluster++) {
        uint32_t status = run(root, out, cluster, line);
        worst = status > worst ? status : worst;
        if (terminal_is_interrupted(NULL) || terminal_interrupts() != interrupts) {
            sink_printf(out, "broken off by Ctrl-C, cluster %u was the last\n", cluster);
            return STATUS_INTERRUPTED;
        }
    }
    return worst;
}

/* Output of one cluster among others: a line that names it goes before the first one. */
struct named_sink {
    struct sink sink;
    struct sink *out;
    uint32_t cluster;
    bool is_named;
};

static void put_named_text(struct sink *sink, const char *text, size_t bytes)
{
    struct named_sink *named = (struct named_sink *)(void *)sink;
    if (!named->is_named) {
        sink_printf(named->out, "cluster %u:\n", named->cluster);
        named->is_named = true;
    }
    sink_write(named->out, text, bytes);
}

static void put_event(struct sink *sink, const struct event *event)
{
    sink_event(((struct named_sink *)(void *)sink)->out, event);
}

static uint32_t run_named(struct root *root, struct sink *out, uint32_t cluster, const char *line)
{
    struct named_sink named = {.out = out, .cluster = cluster};
    sink_init(&named.sink, put_named_text, put_event);
    uint32_t status = run_on(root, &named.sink, cluster, line);
    sink_flush(&named.sink);
    return status;
}

uint32_t command_on(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t cluster = 0;
    char line[LINE_MAX_BYTES + 1] = {0};
    const bool is_all = words->count >= 2 && strcmp(words->word[1], "all") == 0;
    if (words->count < 2 || (!is_all && !words_number(words->word[1], UINT32_MAX, &cluster))) {
        return command_usage(out, "on", "expected the number of a cluster, or `all`");
    }
    if (words->count < 3) {
        return command_usage(out, "on", "expected a command");
    }
    if (cluster >= root->info->clusters) {
        sink_printf(out, "on: there is no cluster %lu; the last one is %u\n", cluster,
                    root->info->clusters - 1);
        return STATUS_USAGE;
    }
    if (strcmp(words->word[2], "on") == 0) {
        sink_printf(out, "on: a command for another cluster cannot begin with `on`\n");
        return STATUS_USAGE;
    }
    for (uint32_t i = 2; i < words->count; i++) {
        if (i > 2) {
            line[strlen(line)] = ' ';
        }
        memcpy(line + strlen(line), words->word[i], strlen(words->word[i]));
    }
    return is_all ? run_on_all(root, out, line, run_named)
                  : run_on(root, out, (uint32_t)cluster, line);
}

uint32_t command_clusters(struct root *root, struct sink *out, const struct words *words)
{
    (void)words;
    if (!root_has_console(root)) {
        sink_printf(out, "clusters: only cluster 0 can ask the other clusters\n");
        return STATUS_FAILED;
    }
    return run_on_all(root, out, "cluster", run_on);
}
