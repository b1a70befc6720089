/* SPDX-License-Identifier: MIT */
/*
 * Owns: the doors of faults and interrupts, and of the start. While a core waits for the lock the
 * thread that entered may be made to leave (shootdown.h): then its fault is dropped, and comes again
 * when the thread runs again. A trap (breakpoint, single step) stands behind its instruction and
 * does not come again: it is lost then.
 */
#include <kernel/cluster.h>
#include <kernel/entry.h>
#include <kernel/irq.h>
#include <kernel/shootdown.h>
#include <kernel/thread.h>
#include <kernel/trace.h>

#include "door.h"

void kernel_fault(struct core *core, struct thread_fault fault)
{
    struct thread *t = core->current;

    core_count(core, R4_COUNTER_FAULTS);
    door_lock(core);
    if (core->current == t) {
        trace(core, R4_TRACE_POINT_FAULT, t->number, fault.cause);
        thread_raise_fault(core, t, fault);
    }
    door_unlock(core);
}

/* If the thread has to go, another one is chosen. */
static void shootdown_interrupt(struct core *core)
{
    const struct thread *t = core->current;

    core->entered_at = arch_cycles();
    shootdown_serve(core);
    core_count(core, R4_COUNTER_SHOOTDOWN_INTERRUPTS);
    if (core->current == t) {
        door_account(core);
        return;
    }
    door_take(core);
    door_unlock(core);
}

void kernel_interrupt(struct core *core, enum kernel_interrupt which)
{
    if (which == INTERRUPT_SHOOTDOWN) {
        shootdown_interrupt(core);
        return;
    }
    door_lock(core);
    switch (which) {
    case INTERRUPT_TIMER:
        core_count(core, R4_COUNTER_TIMER_INTERRUPTS);
        sched_tick(core);
        break;
    case INTERRUPT_WAKE:
        core_count(core, R4_COUNTER_WAKE_INTERRUPTS);
        break;
    case INTERRUPT_DOORBELL:
        cluster_count(core->cluster, R4_COUNTER_DOORBELLS_RECEIVED);
        break;
    case INTERRUPT_SHOOTDOWN:
    case INTERRUPT_SPURIOUS:
        break;
    }
    door_unlock(core);
}

void kernel_line(struct core *core, uint32_t line)
{
    core_count(core, R4_COUNTER_DEVICE_INTERRUPTS);
    door_lock(core);
    irq_fire(core, line);
    door_unlock(core);
}

void kernel_start(struct core *core)
{
    door_lock(core);
    door_unlock(core);
}
