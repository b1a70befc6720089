/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the tests of handing over the core share: threads of core 0 that sleep, and entries of that
 * core. What a test does between `enter` and `leave` is done as one entry.
 */
#pragma once

#include "sim_test.h"

#include <kernel/audit.h>
#include <kernel/sched.h>

#define SLICE_NS (sim.of[0].cluster->slice_ns)
#define ROOT     SIM_ROOT_PRIORITY

static inline struct thread *root(void)
{
    return sim.of[0].root;
}

static inline struct core *core(void)
{
    return sim_core(0, 0);
}

/* A thread of core 0 that ran for a moment and was suspended. */
static inline struct thread *sleeper(uint8_t priority, uint32_t *slot)
{
    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, 1);
    SIM_ROOT(0, THREAD_SUSPEND, *slot);
    SIM_ROOT(0, THREAD_SET_PRIORITY, *slot, priority);
    return sim_thread_at(root(), *slot);
}

static inline struct thread *sleeper_of(uint8_t priority)
{
    uint32_t slot;

    return sleeper(priority, &slot);
}

static inline void enter(void)
{
    sim_begin_entry(core());
}

static inline void leave(void)
{
    sched_choose(core());
    assert_null(core()->next);
    sim_end_entry();
}

static inline void wake(struct thread *t)
{
    sched_ready(core(), t);
}

/* The running thread stops; the next one must be `t`. */
static inline void expect_behind(struct thread *t)
{
    enter();
    thread_stop(core(), core()->current, R4_THREAD_STATE_STOPPED);
    leave();
    assert_ptr_equal(core()->current, t);
}

static inline void audit_in_between(void)
{
    struct audit_report report;

    audit_cluster(sim.of[0].cluster, &report);
    assert_int_equal(report.violations, 0);
}
