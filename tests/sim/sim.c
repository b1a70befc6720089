/* SPDX-License-Identifier: MIT */
/* Owns: entries into the kernel, and what is looked at after each. */
#include "sim.h"

#include "sim_user.h"

#include <arch/mmu.h>
#include <kernel/shootdown.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <stdio.h>
#include <stdlib.h>

#define PAUSES_MAX     1000u
#define INTERRUPTS_MAX 10000u
#define RESTARTS_MAX   100000u

struct sim sim;

_Noreturn void sim_fail(const char *what)
{
    fprintf(stderr, "simulation: %s (seed %llu, step %llu)\n", what, (unsigned long long)sim.seed,
            (unsigned long long)sim.steps);
    abort();
}

/* ------------------------------------------------------------------------------------------------
 * After each entry
 */

static void check_core(const struct core *core)
{
    const struct thread *t = core->current;
    const uint64_t root = t == NULL ? core->cluster->kernel_root.a : thread_pd(t)->root.a;

    if (core->arch.root != root) {
        sim_fail("a core has another page table loaded than its thread's");
    }
    if (t != NULL && core->arch.return_thread != t) {
        sim_fail("a core would save the registers of its thread into another one");
    }
    if (core->request != SHOOTDOWN_NONE) {
        sim_fail("a request to a core was left unanswered");
    }
    if (host_stale_translations(core) != 0) {
        sim_fail("a core translates by a page-table entry that is gone");
    }
}

static void check_cluster(struct cluster *cl)
{
    struct audit_report report;

    if (cl->lock.next != cl->lock.serving) {
        sim_fail("the lock is held in user mode");
    }
    for (uint32_t i = 0; i < cl->core_count; i++) {
        check_core(cl->cores[i]);
    }
    if (sim.audit_every == 0 || sim.steps % sim.audit_every != 0) {
        return;
    }
    audit_cluster(cl, &report);
    if (report.violations != 0) {
        fprintf(stderr, "auditor: cluster %u, %llu violations, the first is %llu\n", cl->id,
                (unsigned long long)report.violations, (unsigned long long)report.first_detail);
        sim_fail("the auditor found a broken invariant");
    }
}

void sim_check(void)
{
    if (!sim.is_checking) {
        return;
    }
    for (uint32_t i = 0; i < sim.clusters; i++) {
        check_cluster(sim.of[i].cluster);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Entries
 */

/*
 * The core waits for a lock of which the ticket before its own was drawn in the name of the entry that comes now: that entry gets this
 * ticket.
 */
static void run_meanwhile(struct core *waiting)
{
    struct lock *lock = &waiting->cluster->lock;
    const uint32_t next = lock->next;
    void (*meanwhile)(void) = sim.meanwhile;

    sim.meanwhile = NULL;
    sim.is_checking = false;
    lock->next = lock->serving;
    meanwhile();
    if (lock->next != next - 1u) {
        sim_fail("one entry has to be made meanwhile");
    }
    lock->next = next;
    sim.is_checking = true;
    host.running = waiting;
}

/*
 * A core spins: all others, which are in user mode or spin as well, answer what they are asked. One in user mode has thereby
 * entered the kernel by the interrupt and would now wait for the lock: the rest of that entry is what sim_deliver does.
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
    for (uint32_t i = 0; i < host.core_count; i++) {
        struct core *other = host.cores[i];

        if (other != spinning && other->request != SHOOTDOWN_NONE) {
            sim.has_begun[i] = true;
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
    host.running = core;
    sim.pauses = 0;
    sim.steps++;
}

void sim_end_entry(void)
{
    host.running = NULL;
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

static uint32_t number_of(const struct core *core)
{
    uint32_t i = 0;

    while (host.cores[i] != core) {
        i++;
    }
    return i;
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

/* ------------------------------------------------------------------------------------------------
 * Calls
 */

void sim_load_call(struct thread *t, uint64_t call_register, const uint64_t word[6])
{
    struct arch_regs *regs = &t->context.regs;

    regs->reg[R4_REGISTER_RAX] = call_register;
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        arch_regs_set_word(regs, i, word[i]);
    }
    sim_user_begin_call(t);
}

bool sim_must_repeat(const struct thread *t)
{
    return sim_user_must_repeat(t);
}

/* The thread that the loaded call starts afresh, if it is such a call. */
static const struct thread *started_by(const struct thread *t)
{
    const uint64_t w = arch_regs_call(&t->context.regs);
    struct cap_table *table = pd_table(thread_pd(t));

    if (r4_call_number(w) != R4_CALL_THREAD_START || table == NULL ||
        r4_call_index(w) >= table_slots(table) ||
        slot_type(table_slot(table, r4_call_index(w))) != R4_TYPE_THREAD) {
        return NULL;
    }
    return sim_thread_at(t, r4_call_index(w));
}

bool sim_enter_call(struct thread *t)
{
    struct core *core = sim_core_of(t);
    const uint64_t number = t->number;
    const struct thread *started;

    if (core == NULL) {
        sim_fail("a thread that does not run cannot call");
    }
    started = started_by(t);
    t->context.regs.reg[R4_REGISTER_RIP] += HOST_CALL_BYTES;
    sim_begin_entry(core);
    kernel_call(core);
    if (started != NULL && sim_reply_of(t).err == R4_OK) {
        sim_user_restart(started);
    }
    sim_end_entry();
    if (t->number == number && sim_user_must_repeat(t)) {
        sim.restarts++;
        return false;
    }
    return true;
}

struct sim_reply sim_reply_of(const struct thread *t)
{
    const struct arch_regs *regs = &t->context.regs;
    const uint64_t rax = regs->reg[R4_REGISTER_RAX];
    struct sim_reply reply = {
        .err = (enum r4_err)r4_reply_error(rax),
        .detail = r4_reply_detail(rax),
        .is_done = true,
    };

    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        reply.word[i] = arch_regs_word(regs, i);
    }
    return reply;
}

struct sim_reply sim_call_raw(struct thread *t, uint64_t call_register, const uint64_t word[6])
{
    struct core *core = sim_core_of(t);
    const uint64_t number = t->number;
    uint32_t left = RESTARTS_MAX;

    sim_load_call(t, call_register, word);
    while (!sim_enter_call(t)) {
        while (core->arch.pending != 0 || core->arch.pending_lines != 0) {
            sim_deliver(core);
        }
        if (t->number != number || core->current != t) {
            return (struct sim_reply){0};
        }
        if (left-- == 0) {
            sim_fail("a call restarts for ever");
        }
    }
    if (t->number != number || t->state == R4_THREAD_STATE_WAITING ||
        t->state == R4_THREAD_STATE_DEAD) {
        return (struct sim_reply){0};
    }
    return sim_reply_of(t);
}

void sim_call_contended(struct thread *t, enum r4_call call, uint32_t cap, const uint64_t word[6],
                        void (*meanwhile)(void))
{
    sim_load_call(t, r4_call_with_number(r4_call_with_index(0, cap), (uint16_t)call), word);
    sim.meanwhile = meanwhile;
    sim_core_of(t)->cluster->lock.next++;
    sim_enter_call(t);
    if (sim.meanwhile != NULL) {
        sim_fail("the call did not wait for the lock");
    }
}

struct sim_reply sim_call(struct thread *t, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    const uint64_t w = r4_call_with_number(r4_call_with_index(0, cap), (uint16_t)call);

    return sim_call_raw(t, w, word);
}
