/* SPDX-License-Identifier: MIT */
/*
 * Owns: the kernel's doors, and the way of a system call from its registers to decode and commit. A
 * door that needs shared state takes the lock once and ends with sched_choose under it. While it
 * waits for the lock the thread that entered may be made to leave (shootdown.h): then its call or
 * fault is dropped, and made again when the thread runs again. A trap (breakpoint, single step)
 * stands behind its instruction and does not come again: it is lost then.
 * Not here: arguments (args.c and the generated thunks), saving and restoring registers (arch).
 */
#include <kernel/entry.h>

#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/irq.h>
#include <kernel/link.h>
#include <kernel/lock.h>
#include <kernel/notification.h>
#include <kernel/revoke.h>
#include <kernel/sched.h>
#include <kernel/shootdown.h>
#include <kernel/trace.h>
#include <r4/abi/layout.h>

#define LIKELY(x)     __builtin_expect((x), 1)
#define UNLIKELY(x)   __builtin_expect((x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE      __attribute__((noinline)) /* keeps its registers out of the callers' */

/* ------------------------------------------------------------------------------------------------
 * Into the kernel and out of it
 */

static void begin_entry(struct core *core)
{
    core->entered_at = arch_cycles();
    core->in_call = false;
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

/* The first stretch of this length, or nearly: the counters may have to know. */
static NOINLINE struct thread *end_long(struct core *core, struct thread *t)
{
    const uint64_t now = arch_cycles();
    const uint64_t *hold = &core->cluster->counters[R4_COUNTER_LOCK_LONGEST_HOLD];
    const uint64_t *entry = &core->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];

    end_entry(core, now);
    lock_release(core, now);
    core->known_stretch = (uint32_t)(*hold < *entry ? *hold : *entry);
    return t;
}

/* Returns `t`. The counter's low half is enough to see that the stretch was a short one. */
static inline struct thread *release(struct core *core, struct thread *t)
{
    if (UNLIKELY((uint32_t)arch_cycles() - (uint32_t)core->entered_at > core->known_stretch)) {
        return end_long(core, t);
    }
    lock_release_short(core);
    return t;
}

/* A doorbell that was lost is made up for here. */
static inline bool is_drain_due(const struct core *core)
{
    const struct cluster *cl = core->cluster;

    return cl->links_bound != 0 && link_is_pending(cl);
}

static void drain_links(struct core *core)
{
    if (UNLIKELY(is_drain_due(core))) {
        link_drain(core);
    }
}

static void begin_locked(struct core *core)
{
    lock_take(core);
    drain_links(core);
}

static void end_locked(struct core *core)
{
    sched_choose(core);
    (void)release(core, NULL);
}

/* ------------------------------------------------------------------------------------------------
 * System calls
 */

static void refuse(struct thread *t, enum r4_err err, uint32_t detail)
{
    arch_regs_set_reply(&t->context.regs, (uint64_t)err | (uint64_t)detail << R4_REPLY_DETAIL_LO);
}

/*
 * The invoked capability through a chain. A right that is lacking in the caller's own USE or in the
 * GRANT that it names is the caller's business, what is lacking behind is not.
 */
static NOINLINE enum r4_err find_through_chain(struct call *c, const struct call_desc *desc)
{
    const struct proxy_start start = {.peer = (uint32_t)r4_call_peer(c->word),
                                      .index = (uint32_t)r4_call_index(c->word)};
    enum r4_err err;

    if ((c->word & R4_CALL_MBZ_MASK) != 0 || !proxy_is_start(start.peer, start.index)) {
        return R4_E_INDEX;
    }
    err = proxy_resolve(&c->cluster->asids, pd_of(&c->thread->pd_slot), start, &c->once, &c->ref,
                        &c->detail);
    if (err != R4_OK) {
        return err;
    }
    c->is_chain = true;
    c->slot = c->ref.slot;
    c->rights = c->ref.rights;
    if (desc->object != R4_TYPE_ANY && desc->object != slot_type(c->slot)) {
        return R4_E_TYPE;
    }
    if ((desc->chain_rights & ~c->ref.near_rights) != 0) {
        return R4_E_RIGHTS;
    }
    return (desc->chain_rights & ~c->rights) == 0 ? R4_OK : R4_E_PROXY;
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

/*
 * The invoked capability. All of its errors have detail 0. A thread that runs has a PD: it stops
 * when it loses it.
 */
static ALWAYS_INLINE enum r4_err find_invoked(struct call *c, const struct call_desc *desc)
{
    const uint64_t index = c->word >> R4_CALL_INDEX_LO;
    struct cap_table *table;
    enum r4_err err;

    if (UNLIKELY(desc->object == R4_TYPE_NONE)) {
        c->slot = NULL;
        return (c->word & ~R4_CALL_NUMBER_MASK) == 0 ? R4_OK : R4_E_INDEX;
    }
    table = pd_table(pd_of(&c->thread->pd_slot));
    if (UNLIKELY(table == NULL)) {
        return R4_E_INDEX;
    }
    if (UNLIKELY((c->word & (R4_CALL_MBZ_MASK | R4_CALL_PEER_MASK)) != 0 || index >= table->last)) {
        return find_through_chain(c, desc);
    }
    c->slot = table_slot(table, (uint32_t)index);
    if (UNLIKELY(slot_type(c->slot) != desc->object)) {
        err = check_type(c, desc);
        if (err != R4_OK) {
            return err;
        }
    }
    c->rights = slot_rights(c->slot);
    return (desc->rights & ~c->rights) == 0 ? R4_OK : R4_E_RIGHTS;
}

/* A call that is to be made again has used nothing yet; one that goes on as another call has. */
static NOINLINE void end_once(struct call *c, uint64_t word)
{
    if (c->restart && c->word == word) {
        once_give_back(&c->once);
    } else {
        once_spend(&c->once);
    }
}

/*
 * The reply is written before commit: whoever ends a wait, or moves the thread, comes after it. A
 * restart takes it back. The thread's memory stays what it is until the lock is released, even if
 * the call destroyed the thread.
 */
static void commit_call(struct call *c, const struct call_desc *desc)
{
    struct thread *t = c->thread;
    const uint64_t word = c->word;

    thread_set_reply(t, R4_OK);
    desc->commit(c);
    if (UNLIKELY(c->once.count != 0)) {
        end_once(c, word);
    }
    if (UNLIKELY(c->restart)) {
        arch_regs_set_reply(&t->context.regs, c->word);
        arch_regs_restart(&t->context.regs);
    }
}

/*
 * Refused, unless nobody knows yet whether the call may create what it wants to: then it helps to
 * find out, and is made again.
 */
static NOINLINE void refuse_call(const struct call *c, enum r4_err err)
{
    struct arch_regs *regs = &c->thread->context.regs;

    if (err != CALL_FREEZE_FIRST) {
        refuse(c->thread, err, c->detail);
        return;
    }
    (void)revoke_freeze(c->core);
    arch_regs_set_reply(regs, c->word);
    arch_regs_restart(regs);
}

/* A call of the table, which has it. */
static ALWAYS_INLINE void run_call(struct core *core, struct thread *t, uint64_t word)
{
    const uint64_t number = word & R4_CALL_NUMBER_MASK;
    const struct call_desc *desc = &call_table[number];
    struct call c;
    enum r4_err err;

    trace(core, R4_TRACE_POINT_CALL, t->number, number);
    c.core = core;
    c.cluster = core->cluster;
    c.thread = t;
    c.word = word;
    c.detail = 0;
    c.has_value = false;
    c.restart = false;
    c.is_chain = false;
    c.once.count = 0;
    err = find_invoked(&c, desc);
    if (LIKELY(err == R4_OK)) {
        err = desc->thunk(&c);
    }
    if (UNLIKELY(err == R4_OK && c.once.count != 0 && !once_claim(&c.once))) {
        err = call_fail(&c, R4_E_PROXY, 0);
    }
    if (UNLIKELY(err != R4_OK)) {
        refuse_call(&c, err);
        return;
    }
    commit_call(&c, desc);
}

/* The same where it is not the usual way. */
static NOINLINE __attribute__((no_stack_protector)) void
run_any_call(struct core *core, struct thread *t, uint64_t word)
{
    run_call(core, t, word);
}

/* What kernel_call_begin left undone. */
enum call_stage {
    CALL_STAGE_TICKET, /* to wait for the lock, and then the call */
    CALL_STAGE_LOCKED, /* the call: a doorbell has to be made up for first */
    CALL_STAGE_CHOICE, /* the call is made, the lock is held: another thread may have to run */
};

/* Releases the lock if the thread runs on, without looking any further. */
static inline struct thread *end_call(struct core *core, struct thread *t, bool runs_on)
{
    if (UNLIKELY(!runs_on)) {
        core->call_stage = CALL_STAGE_CHOICE;
        return NULL;
    }
    return release(core, t);
}

/*
 * Takes the lock if it is free. Then no request waits: whoever asks holds the lock until it has its
 * answer. One that comes later interrupts the core right after this entry.
 */
static inline bool begin_call(struct core *core)
{
    core->entered_at = arch_cycles();
    if (UNLIKELY(!lock_draw(core, &core->ticket))) {
        core->call_stage = CALL_STAGE_TICKET;
        return false;
    }
    if (UNLIKELY(is_drain_due(core))) {
        core->call_stage = CALL_STAGE_LOCKED;
        return false;
    }
    return true;
}

/* `null_locked` is the price of an entry with the lock: it goes the way of all calls but for the call. */
static NOINLINE struct thread *null_locked_call(struct core *core, struct thread *t)
{
    if (!begin_call(core)) {
        return NULL;
    }
    thread_set_reply(t, R4_OK);
    return end_call(core, t, sched_is_calm(core));
}

/* The commonest call without a capability needs no table. */
static NOINLINE struct thread *yield_call(struct core *core, struct thread *t)
{
    if (!begin_call(core)) {
        return NULL;
    }
    trace(core, R4_TRACE_POINT_CALL, t->number, R4_CALL_YIELD);
    thread_set_reply(t, R4_OK);
    sched_rotate(core);
    return end_call(core, t, false);
}

/*
 * The notification of a signal through a slot of the caller's own with a minted badge or none; NULL
 * if it is anything else, which the table of calls answers.
 */
static ALWAYS_INLINE const struct slot *find_signal(const struct thread *t, uint64_t word)
{
    struct cap_table *table = pd_table(pd_of(&t->pd_slot));
    const uint64_t index = word >> R4_CALL_INDEX_LO;
    const uint64_t needed = R4_TYPE_NOTIFICATION | (uint64_t)R4_RIGHT_SIGNAL << SLOT_RIGHTS_SHIFT;
    const uint64_t mask = UINT64_C(0xff) | (uint64_t)R4_RIGHT_SIGNAL << SLOT_RIGHTS_SHIFT;
    const struct slot *s;

    if (UNLIKELY(table == NULL || index >= table->last)) {
        return NULL;
    }
    s = table_slot(table, (uint32_t)index);
    return LIKELY((s->meta & mask) == needed && (int64_t)s->extra >= 0) ? s : NULL;
}

/* The commonest call on a capability. */
static NOINLINE __attribute__((no_stack_protector)) struct thread *
signal_call(struct core *core, struct thread *t, uint64_t word)
{
    const struct slot *s;

    if (!begin_call(core)) {
        return NULL;
    }
    s = find_signal(t, word);
    if (UNLIKELY(s == NULL)) {
        run_any_call(core, t, word);
    } else {
        trace(core, R4_TRACE_POINT_CALL, t->number, R4_CALL_NOTIFICATION_SIGNAL);
        thread_set_reply(t, R4_OK);
        notification_signal(core, notification_of(s), notification_badge(s));
    }
    return end_call(core, t, sched_is_settled(core, t));
}

/* No stack protector: nothing here is indexed or copied, and most calls go this way. */
static NOINLINE __attribute__((no_stack_protector)) struct thread *
table_call(struct core *core, struct thread *t, uint64_t word)
{
    const uint64_t number = word & R4_CALL_NUMBER_MASK;

    if (UNLIKELY(number >= R4_CALL_TABLE_SIZE || call_table[number].thunk == NULL)) {
        refuse(t, R4_E_CALL, 0);
        return t;
    }
    if (!begin_call(core)) {
        return NULL;
    }
    run_call(core, t, word);
    return end_call(core, t, sched_is_settled(core, t));
}

static NOINLINE struct thread *small_call(struct core *core, struct thread *t, uint64_t word)
{
    if (word == R4_CALL_NULL_LOCKED) {
        return null_locked_call(core, t);
    }
    return word == R4_CALL_YIELD ? yield_call(core, t) : table_call(core, t, word);
}

/*
 * Calls without a capability are the small numbers, and the first of them have ways of their own.
 * So has a signal: its lower half is the number alone where no peer is named.
 * `null` is the price of an entry: a request that waits interrupts the core right after it.
 */
struct thread *kernel_call_begin(struct core *core, uint64_t word)
{
    struct thread *t = core->current;

    core_count(core, R4_COUNTER_CALLS);
    if (UNLIKELY(word == R4_CALL_NULL)) {
        thread_set_reply(t, R4_OK);
        return t;
    }
    if (UNLIKELY(word <= R4_CALL_YIELD)) {
        return small_call(core, t, word);
    }
    return (uint32_t)word == R4_CALL_NOTIFICATION_SIGNAL ? signal_call(core, t, word)
                                                         : table_call(core, t, word);
}

/* Makes the call that could not be made at once, unless its thread has to leave meanwhile. */
static NOINLINE void call_late(struct core *core)
{
    struct thread *t = core->current;

    if (core->call_stage == CALL_STAGE_TICKET) {
        core->in_call = true;
        lock_await(core, core->ticket);
    }
    drain_links(core);
    if (LIKELY(core->current == t)) {
        run_any_call(core, t, arch_regs_call(&t->context.regs));
    }
}

void kernel_call_finish(struct core *core)
{
    if (core->call_stage != CALL_STAGE_CHOICE) {
        call_late(core);
    }
    end_locked(core);
}

void kernel_call(struct core *core)
{
    if (kernel_call_begin(core, arch_regs_call(&core->current->context.regs)) == NULL) {
        kernel_call_finish(core);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Faults, interrupts, the start
 */

void kernel_fault(struct core *core, struct thread_fault fault)
{
    struct thread *t = core->current;

    begin_entry(core);
    core_count(core, R4_COUNTER_FAULTS);
    begin_locked(core);
    if (core->current == t) {
        trace(core, R4_TRACE_POINT_FAULT, t->number, fault.cause);
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

    begin_entry(core);
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
    begin_entry(core);
    begin_locked(core);
    core_count(core, R4_COUNTER_DEVICE_INTERRUPTS);
    irq_fire(core, line);
    end_locked(core);
}

void kernel_start(struct core *core)
{
    begin_entry(core);
    begin_locked(core);
    end_locked(core);
}
