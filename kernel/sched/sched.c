/* SPDX-License-Identifier: MIT */
#include <kernel/sched.h>

#include <arch/machine.h>
#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/pd.h>
#include <kernel/shootdown.h>
#include <kernel/thread.h>
#include <kernel/trace.h>
#include <lib/hints.h>

static struct core *home_of(const struct cluster *cl, const struct thread *t)
{
    return cl->cores[t->core];
}

static void enqueue(struct core *home, struct thread *t)
{
    sched_refill(home, t);
    runq_push_back(&home->runq, &t->link, t->priority);
}

/* ------------------------------------------------------------------------------------------------
 * Other cores
 */

/*
 * Whether a core that runs its current thread must look at its queue: somebody higher waits, or an
 * equal one waits and no timer will end the slice.
 */
static bool must_look(const struct core *home)
{
    const int top = runq_top(&home->runq);

    if (home->current == NULL) {
        return top >= 0;
    }
    return top > home->current->priority || (top == home->current->priority && !home->timer_armed);
}

/* A dropped interrupt leaves is_woken clear, so that the next one is sent. */
static void wake_if_needed(struct core *core, struct core *home)
{
    if (home == core || home->is_woken || !must_look(home)) {
        return;
    }
    if (fault_hit(&core->cluster->faults, R4_FAULT_POINT_WAKE_IPI) == FAULT_ACTION_DROP) {
        return;
    }
    home->is_woken = true;
    arch_ipi_send(core, home->hardware_id, ARCH_IPI_WAKE);
}

/* ------------------------------------------------------------------------------------------------
 * The thread that is handed the core
 */

/* It loses that to somebody: it came before all in the queue, and does so there. */
static void displace_next(struct core *core)
{
    struct thread *t = core->next;

    if (t != NULL) {
        core->next = NULL;
        runq_push_front(&core->runq, &t->link, t->priority);
    }
}

NOINLINE void sched_enqueue(struct core *core, struct thread *t)
{
    struct core *home = home_of(core->cluster, t);

    if (home == core && core->next != NULL && t->priority > core->next->priority) {
        displace_next(core);
        if (sched_hand_over(core, t)) {
            return;
        }
    }
    enqueue(home, t);
    wake_if_needed(core, home);
}

void sched_ready(struct core *core, struct thread *t)
{
    if (!sched_hand_over(core, t)) {
        sched_enqueue(core, t);
    }
}

void sched_unready(struct core *core, struct thread *t)
{
    R4_ASSERT(t->state == R4_THREAD_STATE_READY);
    if (core->next == t) {
        core->next = NULL;
    } else {
        runq_remove(&home_of(core->cluster, t)->runq, &t->link, t->priority);
    }
}

/* Who comes first may change, so nobody is handed the core. */
void sched_set_priority(struct core *core, struct thread *t, uint8_t priority)
{
    struct core *home = home_of(core->cluster, t);

    displace_next(core);
    if (t->state == R4_THREAD_STATE_READY) {
        runq_remove(&home->runq, &t->link, t->priority);
        runq_push_back(&home->runq, &t->link, priority);
    }
    t->priority = priority;
    wake_if_needed(core, home);
}

void sched_set_core(struct core *core, struct thread *t, uint32_t index)
{
    const uint8_t state = t->state;

    if (t->core == index) {
        return;
    }
    if (state == R4_THREAD_STATE_READY) {
        sched_unready(core, t);
    } else if (t == core->current) {
        sched_detach(core);
    } else if (state == R4_THREAD_STATE_RUNNING) {
        shootdown_leave_thread(core, t);
    }
    sched_forget_fpu(core->cluster, t);
    t->core = index;
    if (state == R4_THREAD_STATE_READY || state == R4_THREAD_STATE_RUNNING) {
        sched_ready(core, t);
    }
}

/* ------------------------------------------------------------------------------------------------
 * This core
 */

/* If an equal is first in the queue, the thread takes its place there and it is handed the core. */
void sched_rotate(struct core *core)
{
    struct thread *t = core->current;

    if (core->next == NULL && runq_top(&core->runq) == t->priority) {
        sched_refill(core, t);
        core->next =
            container_of(runq_exchange(&core->runq, &t->link, t->priority), struct thread, link);
    } else {
        enqueue(core, t);
    }
}

void sched_detach(struct core *core)
{
    arch_fpu_save(&core->current->context);
    core->current = NULL;
}

void sched_forget_fpu(struct cluster *cl, const struct thread *t)
{
    struct core *home = home_of(cl, t);

    if (home->fpu_owner == t) {
        home->fpu_owner = NULL;
    }
}

/* The running thread makes room for a higher one. With no slice left it goes behind its equals. */
static void preempt(struct core *core, struct thread *t, uint64_t now)
{
    const bool has_slice = now < core->slice_end_ns;

    t->state = R4_THREAD_STATE_READY;
    t->slice_left_ns = has_slice ? core->slice_end_ns - now : core->cluster->slice_ns;
    runq_push(&core->runq, &t->link, t->priority, has_slice);
}

/*
 * An equal of the running thread waits: its slice has to end. One that ended unnoticed while nobody
 * waited starts again.
 */
static NOINLINE void arm_slice(struct core *core)
{
    const uint64_t now = arch_now_ns(core);

    if (now >= core->slice_end_ns) {
        core->slice_end_ns = now + core->cluster->slice_ns;
    }
    core->timer_armed = true;
    arch_timer_arm(core, core->slice_end_ns - now);
}

static void load_space(struct core *core, struct pd *pd, struct paddr root)
{
    if (core->active_pd != pd) {
        arch_mmu_load(core, root);
        core->active_pd = pd;
    }
}

static void go_idle(struct core *core)
{
    core_count(core, R4_COUNTER_IDLE_ENTRIES);
    if (core->timer_armed) {
        core->timer_armed = false;
        arch_timer_stop(core);
    }
    load_space(core, NULL, core->cluster->kernel_root);
    trace_switch(core, 0);
}

/* Puts a thread that is in no queue on the core, where nobody is. A thread that may run has a PD. */
static void run(struct core *core, struct thread *t, uint64_t now)
{
    struct pd *pd = pd_of(&t->pd_slot);

    core->current = t;
    t->state = R4_THREAD_STATE_RUNNING;
    core->slice_end_ns = now + t->slice_left_ns;
    load_space(core, pd, pd->root);
    if (core->fpu_owner != t) {
        core->fpu_owner = t;
        arch_fpu_load(&t->context);
    }
    arch_set_return_stack(core, t);
    trace_switch(core, t->number);
}

static void arm_slice_if_needed(struct core *core, const struct thread *t)
{
    if (runq_top(&core->runq) == t->priority && !core->timer_armed) {
        arm_slice(core);
    }
}

/* From the running thread, if there is one and whatever became of it, to one that is in no queue. */
static void switch_to(struct core *core, struct thread *to)
{
    const uint64_t now = arch_now_ns(core);
    struct thread *from = core->current;

    if (from != NULL) {
        if (from->state == R4_THREAD_STATE_RUNNING) {
            preempt(core, from, now);
        }
        arch_fpu_save(&from->context);
    }
    core_count(core, R4_COUNTER_SWITCHES);
    run(core, to, now);
    arm_slice_if_needed(core, to);
}

/* The running thread comes first again: with a slice that begins now. */
static void go_on(struct core *core, struct thread *t)
{
    t->state = R4_THREAD_STATE_RUNNING;
    core->slice_end_ns = arch_now_ns(core) + t->slice_left_ns;
    arm_slice_if_needed(core, t);
}

/* Nobody was handed the core. */
static NOINLINE void choose_from_queue(struct core *core)
{
    struct thread *from = core->current;
    struct thread *to;

    if (from != NULL && from->state == R4_THREAD_STATE_RUNNING &&
        runq_top(&core->runq) <= from->priority) {
        arm_slice_if_needed(core, from);
        return;
    }
    if (runq_top(&core->runq) < 0) {
        if (from != NULL) {
            sched_detach(core);
        }
        go_idle(core);
        return;
    }
    to = container_of(runq_pop(&core->runq), struct thread, link);
    if (to == from) {
        go_on(core, to);
    } else {
        switch_to(core, to);
    }
}

void sched_choose(struct core *core)
{
    struct thread *next = core->next;

    core->is_woken = false;
    if (next == NULL) {
        choose_from_queue(core);
        return;
    }
    core->next = NULL;
    switch_to(core, next);
}

void sched_tick(struct core *core)
{
    struct thread *t = core->current;

    core->timer_armed = false;
    if (t != NULL && t->state == R4_THREAD_STATE_RUNNING && runq_top(&core->runq) == t->priority &&
        arch_now_ns(core) >= core->slice_end_ns) {
        sched_rotate(core);
    }
}
