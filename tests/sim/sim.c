/* SPDX-License-Identifier: MIT */
/*
 * Owns: entries into the kernel: on which core, with what in reach, and who answers while it spins.
 * Not here: calls (sim_call.c), what is looked at after each entry (sim_check.c).
 */
#include "sim.h"

#include "sim_user.h"

#include <kernel/shootdown.h>

#define PAUSES_MAX     1000u
#define INTERRUPTS_MAX 10000u

struct sim sim;

static uint32_t number_of(const struct core *core)
{
    uint32_t i = 0;

    while (host.cores[i] != core) {
        i++;
    }
    return i;
}

/*
 * While a kernel runs, the memory of the other clusters is not there; what all share lies below
 * them.
 */
static void isolate(const struct cluster *own, bool is_isolated)
{
    for (uint32_t i = 0; i < sim.clusters; i++) {
        if (i != own->id) {
            host_set_reachable(sim_cluster_memory(i), SIM_GRANULES * R4_GRANULE_BYTES,
                               !is_isolated);
        }
    }
}

static void end_isolation(void)
{
    if (sim.is_isolated) {
        isolate(host.running->cluster, false);
        sim.is_isolated = false;
    }
}

/*
 * The core waits for a lock of which the ticket before its own was drawn in the name of what
 * happens now: an entry that takes the lock gets this ticket, and without one it is given back.
 */
static void run_meanwhile(struct core *waiting)
{
    struct lock *lock = &waiting->cluster->lock;
    const uint32_t ticket = lock->serving;
    const uint32_t next = lock->next;
    const bool was_checking = sim.is_checking;
    void (*meanwhile)(void) = sim.meanwhile;

    end_isolation();
    sim.meanwhile = NULL;
    sim.is_checking = false;
    lock->next = ticket;
    meanwhile();
    if (lock->next - ticket > 1) {
        sim_fail("more than one entry was made meanwhile");
    }
    lock->serving = ticket + 1u;
    lock->next = next;
    sim.is_checking = was_checking;
    host.running = waiting;
}

/*
 * A core spins: all others, which are in user mode or spin as well, answer what they are asked. One
 * in user mode has thereby entered the kernel by the interrupt and would now wait for the lock: the
 * rest of that entry is what sim_deliver does.
 */
static void answer_requests(void *context)
{
    struct core *spinning = host.running;
    bool has_answered = false;

    (void)context;
    if (sim.meanwhile != NULL) {
        run_meanwhile(spinning);
        return;
    }
    for (uint32_t i = 0; i < spinning->cluster->core_count; i++) {
        struct core *other = spinning->cluster->cores[i];

        if (other != spinning && other->request != SHOOTDOWN_NONE) {
            sim.has_begun[number_of(other)] = true;
            host.running = other;
            shootdown_serve(other);
            has_answered = true;
        }
    }
    host.running = spinning;
    sim.pauses = has_answered ? 0 : sim.pauses + 1u;
    if (sim.pauses > PAUSES_MAX) {
        sim_fail("a core spins for ever");
    }
}

void sim_begin_entry(struct core *core)
{
    sim_user_leave(core);
    if (sim.isolate_every != 0 && sim.steps % sim.isolate_every == 0) {
        isolate(core->cluster, true);
        sim.is_isolated = true;
    }
    host.running = core;
    sim.pauses = 0;
    sim.steps++;
}

void sim_end_entry(void)
{
    end_isolation();
    host.running = NULL;
    host_arrive();
    for (uint32_t i = 0; i < host.core_count; i++) {
        sim_user_enter(host.cores[i]);
    }
    sim_check();
}

void sim_start_cores(void)
{
    host.on_pause = answer_requests;
    for (uint32_t i = 0; i < host.core_count; i++) {
        sim_begin_entry(host.cores[i]);
        kernel_start(host.cores[i]);
        sim_end_entry();
    }
    sim.is_checking = true;
    sim_check();
}

static bool deliver_line(struct core *core)
{
    const int line = host_take_line(core);

    if (line < 0) {
        return false;
    }
    sim_begin_entry(core);
    kernel_line(core, (uint32_t)line);
    host_line_done(&core->cluster->irqs.arch, (uint32_t)line);
    sim_end_entry();
    return true;
}

bool sim_deliver(struct core *core)
{
    static const enum kernel_interrupt door[HOST_INTERRUPT_COUNT] = {
        [HOST_INTERRUPT_WAKE] = INTERRUPT_WAKE,
        [HOST_INTERRUPT_SHOOTDOWN] = INTERRUPT_SHOOTDOWN,
        [HOST_INTERRUPT_DOORBELL] = INTERRUPT_DOORBELL,
        [HOST_INTERRUPT_TIMER] = INTERRUPT_TIMER,
    };
    const int which = host_take_interrupt(core);
    bool *has_begun = &sim.has_begun[number_of(core)];

    if (which < 0) {
        return deliver_line(core);
    }
    sim_begin_entry(core);
    kernel_interrupt(core, which == HOST_INTERRUPT_SHOOTDOWN && *has_begun ? INTERRUPT_SPURIOUS
                                                                           : door[which]);
    *has_begun = false;
    sim_end_entry();
    return true;
}

void sim_settle(void)
{
    uint32_t left = INTERRUPTS_MAX;

    for (uint32_t i = 0; i < host.core_count; i++) {
        if (sim_deliver(host.cores[i])) {
            i = UINT32_MAX;
            if (left-- == 0) {
                sim_fail("interrupts without end");
            }
        }
    }
}

void sim_advance(uint64_t ns)
{
    host_advance(ns);
    sim_settle();
}

void sim_fault(struct thread *t, enum r4_fault_cause cause, uint64_t address)
{
    struct core *core = sim_core_of(t);

    if (core == NULL) {
        sim_fail("a thread that does not run cannot fault");
    }
    sim_begin_entry(core);
    kernel_fault(core, (struct thread_fault){.cause = (uint8_t)cause, .address = address});
    sim_end_entry();
}
