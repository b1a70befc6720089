/* SPDX-License-Identifier: MIT */
/*
 * Owns: the trace points: each costs a load and a branch while tracing is off. Neither of the calls
 * `null` and `null_locked` passes one.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/core.h>
#include <r4/abi/points.h>

/*
 * Not for trace points: they have checked that tracing is on. These preserve all registers, so that
 * who does not call them pays nothing for it.
 */
__attribute__((preserve_most)) void trace_write(struct core *core, enum r4_trace_point point,
                                                uint64_t first, uint64_t second);
__attribute__((preserve_most)) void trace_write_switch(struct core *core, uint64_t thread);

/* Turns tracing on or off on one core of the cluster. */
void trace_set(struct core *core, bool is_on);

static inline void trace(struct core *core, enum r4_trace_point point, uint64_t first,
                         uint64_t second)
{
    if (__builtin_expect(core->trace.is_on, 0)) {
        trace_write(core, point, first, second);
    }
}

/* From now on the core runs this thread, 0 for none; recorded if it did not before. */
static inline void trace_switch(struct core *core, uint64_t thread)
{
    if (__builtin_expect(core->trace.is_on, 0)) {
        trace_write_switch(core, thread);
    }
}
