/* SPDX-License-Identifier: MIT */
/* Owns: the calls on the monitor that turn tracing on and off and read what was recorded. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/trace.h>

/* plan.word: whether tracing shall be on. */
enum r4_err decode_monitor_trace_control(struct call *c, const struct args_monitor_trace_control *a)
{
    if (a->enable > 1) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->enable;
    return R4_OK;
}

void commit_monitor_trace_control(struct call *c)
{
    call_result(c, 0, c->core->trace.is_on);
    for (uint32_t i = 0; i < c->cluster->core_count; i++) {
        trace_set(c->cluster->cores[i], c->plan.word[0] != 0);
    }
}

/* plan.word: the six results. */
enum r4_err decode_monitor_trace_read(struct call *c, const struct args_monitor_trace_read *a)
{
    const struct trace_ring *ring;
    struct trace_record record;
    uint64_t number = a->number;

    if (a->core >= c->cluster->core_count) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    ring = &c->cluster->cores[a->core]->trace;
    if (!trace_ring_find(ring, &number, &record)) {
        return call_fail(c, R4_E_AGAIN, 2);
    }
    c->plan.word[0] = number;
    c->plan.word[1] = record.ns;
    c->plan.word[2] = record.point;
    c->plan.word[3] = record.args[0];
    c->plan.word[4] = record.args[1];
    c->plan.word[5] = ring->written;
    return R4_OK;
}

void commit_monitor_trace_read(struct call *c)
{
    for (unsigned i = 0; i < 6; i++) {
        call_result(c, i, c->plan.word[i]);
    }
}
