/* SPDX-License-Identifier: MIT */
/*
 * Owns: how long operations stop and go on.
 * Locking: the cluster's lock, which a restarted call gives up on its way: that is how waiting
 * cores get their turn.
 */
#include <kernel/call.h>
#include <kernel/delete.h>
#include <kernel/fault_point.h>

static bool is_lock_wanted(const struct lock *lock)
{
    const uint32_t next = __atomic_load_n(&lock->next, __ATOMIC_RELAXED);
    const uint32_t serving = __atomic_load_n(&lock->serving, __ATOMIC_RELAXED);

    return next - serving > 1u;
}

static void end_stretch(struct core *core)
{
    uint64_t *longest = &core->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];
    const uint64_t cycles = arch_cycles() - core->entered_at;

    if (cycles > *longest) {
        *longest = cycles;
    }
    core_excuse_entry(core);
    /* The hold of the lock goes on: its end has to look how long it was. */
    core->known_stretch = 0;
}

bool preempt_poll(struct core *core)
{
    struct cluster *cl = core->cluster;
    const bool is_planned =
        fault_hit(&cl->faults, R4_FAULT_POINT_PREEMPT_POLL) == FAULT_ACTION_PREEMPT;

    if (is_planned || arch_interrupt_pending(core) || is_lock_wanted(&cl->lock)) {
        core_count(core, R4_COUNTER_PREEMPTIONS);
        return true;
    }
    end_stretch(core);
    return false;
}

bool call_preempted(struct call *c)
{
    if (preempt_poll(c->core)) {
        c->restart = true;
    }
    return c->restart;
}

bool call_must_reap(struct call *c)
{
    c->reap_first = c->cluster->zombies != NULL;
    return c->reap_first;
}

void call_reap(struct call *c)
{
    (void)delete_reap(c->core);
    c->restart = true;
}
