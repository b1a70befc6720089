/* SPDX-License-Identifier: MIT */
/*
 * Owns: which thread a core runs. Fixed priorities, round robin inside one, per-core queues. The
 * timer of a core is armed only when a thread of the running one's priority waits in its queue. It
 * is not stopped when that changes (a timer that fires too early is armed again for the rest, one
 * that fires for nobody is not), except for an idle core.
 *
 * Invariants
 * (sched I1) An idle core has the kernel's own page table loaded, and active_pd is NULL.
 * (sched I2) fpu_owner is NULL; or `current`; or a thread of this core whose saved FPU state equals
 *     the registers.
 * (sched I3) A preempted thread stands at the front of its ring with the rest of its slice; every
 *     other one that becomes ready stands at the back with a whole slice.
 * (sched I4) `next` is NULL, except between a wake-up or a yield and sched_choose in the same
 *     entry, with the lock held. Then it is a READY thread of this core that is in no ring. It comes
 *     before all in the queue, what is of its priority there came later, and its priority is above
 *     that of `current`, if that one runs.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/cluster.h>
#include <kernel/core.h>
#include <kernel/thread.h>

/*
 * Makes a thread that is in no queue ready, behind its equals. One that comes first on this core is
 * handed it at the end of this entry; one of another core stands in its queue, and that core is told
 * if it has to look. `core` is where we are.
 */
void sched_ready(struct core *core, struct thread *t);

/* Ready with a whole slice; in no queue yet. */
static inline void sched_refill(const struct core *core, struct thread *t)
{
    t->state = R4_THREAD_STATE_READY;
    t->slice_left_ns = core->cluster->slice_ns;
}

/*
 * The two halves of sched_ready. The first does it if the thread comes first on this core, and
 * nobody is to be handed it yet; the second is for the other cases.
 */
R4_MUST_USE static inline bool sched_hand_over(struct core *core, struct thread *t)
{
    if (t->core != core->index || t->priority <= runq_top(&core->runq) ||
        (core->current != NULL && t->priority <= core->current->priority) || core->next != NULL) {
        return false;
    }
    sched_refill(core, t);
    core->next = t;
    return true;
}
void sched_enqueue(struct core *core, struct thread *t);

/* Takes a READY thread out of its queue, or its core is not handed to it any more. */
void sched_unready(struct core *core, struct thread *t);

/* The running thread goes behind its equals. */
void sched_rotate(struct core *core);

/*
 * Changes the priority, whatever the thread does; tells its core if another thread comes first now.
 */
void sched_set_priority(struct core *core, struct thread *t, uint8_t priority);

/* Moves the thread to another core, which exists; it has left the old one when this returns. */
void sched_set_core(struct core *core, struct thread *t, uint32_t index);

/*
 * The running thread of this core does not run any more: its FPU state is saved, `current` is NULL.
 * Its state is the caller's. Also used without the lock, by a core that was asked to leave.
 */
void sched_detach(struct core *core);

/*
 * The FPU registers of its core stop standing for the thread's saved state: it dies, moves, or
 * starts afresh.
 */
void sched_forget_fpu(struct cluster *cl, const struct thread *t);

/*
 * Decides at the end of each kernel entry what this core runs: keeps current unless it stopped or a
 * higher one is ready; switches FPU, address space and timer; current may become NULL (idle). Sets
 * current's state to RUNNING.
 */
void sched_choose(struct core *core);

/* Cheap: true if sched_choose would let `t` go on, which runs and may go on. */
static inline bool sched_is_calm(const struct core *core, const struct thread *t)
{
    const int top = runq_top(&core->runq);

    return core->next == NULL && (top < t->priority || (top == t->priority && core->timer_armed));
}

/* Cheap: true if sched_choose would let this thread go on, which has entered. */
static inline bool sched_is_settled(const struct core *core, const struct thread *t)
{
    return core->current == t && t->state == R4_THREAD_STATE_RUNNING && sched_is_calm(core, t);
}

/* The timer fired: the slice of the running thread may have ended. */
void sched_tick(struct core *core);
