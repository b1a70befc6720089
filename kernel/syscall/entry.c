/* SPDX-License-Identifier: MIT */
/*
 * Owns: the kernel's doors, and the way of a system call from its registers to decode and commit. A
 * door that needs shared state takes the lock once and ends with sched_choose under it. While it
 * waits for the lock the thread that entered may be made to leave (shootdown.h): then its call or
 * fault is dropped, and made again when the thread runs again.
 * Not here: arguments (args.c and the generated thunks), saving and restoring registers (arch).
 */
#include <kernel/entry.h>

#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/irq.h>
#include <kernel/link.h>
#include <kernel/lock.h>
#include <kernel/sched.h>
#include <kernel/shootdown.h>
#include <r4/abi/layout.h>

#define LIKELY(x)   __builtin_expect((x), 1)
#define UNLIKELY(x) __builtin_expect((x), 0)

/* ------------------------------------------------------------------------------------------------
 * Into the kernel and out of it
 */

static void begin_entry(struct core *core, bool in_call)
{
    core->entered_at = arch_cycles();
    core->in_call = in_call;
    if (UNLIKELY(__atomic_load_n(&core->request, __ATOMIC_RELAXED) != SHOOTDOWN_NONE)) {
        shootdown_serve(core);
    }
}

static void end_entry(struct core *core, uint64_t now)
{
    uint64_t *longest = &core->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];
    const uint64_t spent = now - core->entered_at;

    if (UNLIKELY(spent > *longest)) {
        *longest = spent;
    }
}

/* A doorbell that was lost is made up for here. */
static void begin_locked(struct core *core)
{
    const struct cluster *cl = core->cluster;

    lock_take(core);
    if (cl->links_bound != 0 && UNLIKELY(link_is_pending(cl))) {
        link_drain(core);
    }
}

static void end_locked(struct core *core)
{
    if (!LIKELY(sched_is_settled(core))) {
        sched_choose(core);
    }
    const uint64_t now = arch_cycles();

    lock_release(core, now);
    end_entry(core, now);
}

/* ------------------------------------------------------------------------------------------------
 * System calls
 */

static void refuse(struct thread *t, enum r4_err err, uint32_t detail)
{
    arch_regs_set_reply(&t->context.regs, (uint64_t)err | (uint64_t)detail << R4_REPLY_DETAIL_LO);
}

/* The table's slot 0 is never filled, so only here is the index 0 told from an empty slot. */
static enum r4_err check_type(const struct call *c, const struct call_desc *desc)
{
    if (r4_call_index(c->word) == 0) {
        return R4_E_INDEX;
    }
    if (slot_is_empty(c->slot)) {
        return R4_E_EMPTY;
    }
    return desc->object == R4_TYPE_ANY ? R4_OK : R4_E_TYPE;
}

/* The invoked capability. All of its errors have detail 0. */
static enum r4_err find_invoked(struct call *c, const struct call_desc *desc)
{
    const uint64_t index = c->word >> R4_CALL_INDEX_LO;
    enum r4_err err = R4_OK;
    struct cap_table *table;

    if (UNLIKELY((c->word & (R4_CALL_MBZ_MASK | R4_CALL_PEER_MASK)) != 0)) {
        return R4_E_INDEX;
    }
    if (UNLIKELY(desc->object == R4_TYPE_NONE)) {
        c->slot = NULL;
        return index == 0 ? R4_OK : R4_E_INDEX;
    }
    table = pd_table(thread_pd(c->thread));
    if (UNLIKELY(table == NULL || index >= table_slots(table))) {
        return R4_E_INDEX;
    }
    c->slot = table_slot(table, (uint32_t)index);
    if (UNLIKELY(slot_type(c->slot) != desc->object)) {
        err = check_type(c, desc);
    }
    c->rights = slot_rights(c->slot);
    if (err == R4_OK && (desc->rights & ~c->rights) != 0) {
        err = R4_E_RIGHTS;
    }
    return err;
}

/*
 * The reply is written before commit: whoever ends a wait, or moves the thread, comes after it. A
 * restart takes it back. The thread's memory stays what it is until the lock is released, even if
 * the call destroyed the thread.
 */
static void run_call(struct core *core, struct thread *t, uint64_t word,
                     const struct call_desc *desc)
{
    struct call c;
    enum r4_err err;

    c.core = core;
    c.cluster = core->cluster;
    c.thread = t;
    c.word = word;
    c.detail = 0;
    c.has_value = false;
    c.restart = false;
    err = find_invoked(&c, desc);
    if (LIKELY(err == R4_OK)) {
        err = desc->thunk(&c);
    }
    if (UNLIKELY(err != R4_OK)) {
        refuse(t, err, c.detail);
        return;
    }
    thread_set_reply(t, R4_OK);
    desc->commit(&c);
    if (UNLIKELY(c.restart)) {
        arch_regs_set_reply(&t->context.regs, c.word);
        arch_regs_restart(&t->context.regs);
    }
}

/*
 * A call of the table, but `null`. No stack protector: nothing here is indexed or copied, and the
 * path is the one that most calls take.
 */
static __attribute__((noinline, no_stack_protector)) void
table_call(struct core *core, struct thread *t, uint64_t word)
{
    const uint64_t number = word & R4_CALL_NUMBER_MASK;

    if (UNLIKELY(number >= R4_CALL_TABLE_SIZE || call_table[number].thunk == NULL)) {
        refuse(t, R4_E_CALL, 0);
        return;
    }
    begin_entry(core, true);
    begin_locked(core);
    if (LIKELY(core->current == t)) {
        run_call(core, t, word, &call_table[number]);
    }
    end_locked(core);
}

/*
 * `null` is the price of an entry, so it has a way of its own. A request that waits interrupts the
 * core right after it.
 */
void kernel_call(struct core *core)
{
    struct thread *t = core->current;
    const uint64_t word = arch_regs_call(&t->context.regs);

    core_count(core, R4_COUNTER_CALLS);
    if (word == R4_CALL_NULL) {
        thread_set_reply(t, R4_OK);
        return;
    }
    table_call(core, t, word);
}

/* ------------------------------------------------------------------------------------------------
 * Faults, interrupts, the start
 */

void kernel_fault(struct core *core, struct thread_fault fault)
{
    struct thread *t = core->current;

    begin_entry(core, false);
    core_count(core, R4_COUNTER_FAULTS);
    begin_locked(core);
    if (core->current == t) {
        thread_raise_fault(core, t, fault);
    }
    end_locked(core);
}

/*
 * Requests were served at the beginning of the entry; if the thread had to go, another one is
 * chosen.
 */
static void shootdown_interrupt(struct core *core, const struct thread *t)
{
    core_count(core, R4_COUNTER_SHOOTDOWN_INTERRUPTS);
    if (core->current == t) {
        end_entry(core, arch_cycles());
        return;
    }
    begin_locked(core);
    end_locked(core);
}

void kernel_interrupt(struct core *core, enum kernel_interrupt which)
{
    const struct thread *t = core->current;

    begin_entry(core, false);
    if (which == INTERRUPT_SHOOTDOWN) {
        shootdown_interrupt(core, t);
        return;
    }
    begin_locked(core);
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
    end_locked(core);
}

void kernel_line(struct core *core, uint32_t line)
{
    begin_entry(core, false);
    begin_locked(core);
    core_count(core, R4_COUNTER_DEVICE_INTERRUPTS);
    irq_fire(core, line);
    end_locked(core);
}

void kernel_start(struct core *core)
{
    begin_entry(core, false);
    begin_locked(core);
    end_locked(core);
}
