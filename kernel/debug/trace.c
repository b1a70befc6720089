/* SPDX-License-Identifier: MIT */
#include <kernel/trace.h>

#include <kernel/thread.h>

__attribute__((noinline, cold)) void trace_write(struct core *core, enum r4_trace_point point,
                                                 uint64_t first, uint64_t second)
{
    const struct trace_record record = {
        .ns = arch_now_ns(core), .point = point, .args = {first, second}};

    trace_ring_put(&core->trace, &record);
}

/* A thread that another core made leave is gone without a switch, so the ring says who was here. */
__attribute__((noinline, cold)) void trace_write_switch(struct core *core, uint64_t thread)
{
    if (core->trace.running != thread) {
        trace_write(core, R4_TRACE_POINT_SWITCH, core->trace.running, thread);
        core->trace.running = thread;
    }
}

void trace_set(struct core *core, bool is_on)
{
    if (is_on && !core->trace.is_on) {
        core->trace.running = core->current == NULL ? 0 : core->current->number;
    }
    core->trace.is_on = is_on;
}
