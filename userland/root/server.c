/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "command.h"

#include <r4/abi/stubs.h>

/* Output that goes through the region. */
struct region_sink {
    struct sink sink;
    struct root *root;
};

static struct region *region_of(struct root *root)
{
    return &root->region[CONSOLE_CLUSTER];
}

static void sleep(struct root *root)
{
    enum r4_err err = r4_notification_wait(root->events, NULL);
    if (err != R4_OK) {
        root_fail(root, "waiting for a doorbell", err);
    }
}

/* Puts a message; waits for room. Nobody to hear it: it is dropped. */
static void put(struct root *root, enum region_kind kind, const void *data, uint32_t bytes)
{
    struct region *r = region_of(root);
    while (!region_put(r, kind, data, bytes)) {
        if (r->is_broken) {
            return;
        }
        sleep(root);
    }
    root_ring(CONSOLE_CLUSTER);
}

static void put_text(struct sink *sink, const char *text, size_t bytes)
{
    _Static_assert(SINK_BUFFER_BYTES <= REGION_MESSAGE_MAX, "a sink's text is one message");
    put(((struct region_sink *)(void *)sink)->root, REGION_TEXT, text, (uint32_t)bytes);
}

static void put_event(struct sink *sink, const struct event *event)
{
    put(((struct region_sink *)(void *)sink)->root, REGION_EVENT, event, sizeof *event);
}

static void serve(struct root *root, const char *line, size_t bytes)
{
    struct region_sink out = {.root = root};
    sink_init(&out.sink, put_text, put_event);
    uint32_t status = command_run(root, &out.sink, line, bytes);
    sink_flush(&out.sink);
    region_finish(region_of(root), status);
    root_ring(CONSOLE_CLUSTER);
}

static bool is_interrupted(void *context)
{
    return region_is_interrupted(region_of(context));
}

_Noreturn void server_run(struct root *root)
{
    char line[LINE_MAX_BYTES];
    size_t bytes;
    root->env.is_interrupted = is_interrupted;
    root->env.interrupt_context = root;
    region_set_state(region_of(root), REGION_SERVING);
    root_ring(CONSOLE_CLUSTER);
    for (;;) {
        enum region_news news = region_take(region_of(root), line, &bytes);
        if (news == REGION_REQUEST) {
            serve(root, line, bytes);
        } else if (news == REGION_BROKEN) {
            root_fail(root, "taking a request from cluster 0", R4_E_RANGE);
        } else {
            sleep(root);
        }
    }
}
