/* SPDX-License-Identifier: MIT */
/*
 * Owns: the door of system calls, and the hottest of them, which have ways of their own. A call
 * takes the lock once and ends with sched_choose under it. While it waits for the lock its thread
 * may be made to leave (shootdown.h): then the call is dropped, and made again when the thread runs
 * again.
 * Not here: the calls of the table (invoke.c), faults and interrupts (interrupt.c), saving and
 * restoring registers (arch).
 */
#include <kernel/entry.h>

#include <kernel/cluster.h>
#include <kernel/notification.h>
#include <kernel/pd.h>
#include <kernel/proxy.h>
#include <kernel/sched.h>
#include <kernel/table.h>
#include <kernel/thread.h>
#include <kernel/trace.h>
#include <r4/abi/calls.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

#include "door.h"
#include "invoke.h"

/* `null_locked` is the price of an entry with the lock: it goes the way of all calls but for the call. */
static ALWAYS_INLINE struct thread *null_locked_call(struct core *core, uint64_t word)
{
    struct thread *t = core->current;

    if (!door_begin_call(core, word)) {
        return NULL;
    }
    thread_set_reply(t, R4_OK);
    return door_end_call(core, t, sched_is_calm(core, t));
}

/* The commonest call without a capability needs no table. */
static ALWAYS_INLINE struct thread *yield_call(struct core *core, uint64_t word)
{
    struct thread *t = core->current;

    if (!door_begin_call(core, word)) {
        return NULL;
    }
    trace(core, R4_TRACE_POINT_CALL, t->number, R4_CALL_YIELD);
    thread_set_reply(t, R4_OK);
    sched_rotate(core);
    return door_end_call(core, t, false);
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
    s = table_slot_checked(table, (uint32_t)index);
    return LIKELY((s->meta & mask) == needed && (int64_t)s->extra >= 0) ? s : NULL;
}

/* Whatever became of the thread that entered. */
static NOINLINE struct thread *end_any(struct core *core, struct thread *t)
{
    return door_end_call(core, t, sched_is_settled(core, t));
}

/* The lock is held, and the call is not what it looked like, or has to be traced. */
static NOINLINE struct thread *other_call(struct core *core, uint64_t word)
{
    struct thread *t = core->current;

    invoke_any(core, t, word);
    return end_any(core, t);
}

/* The signal wakes somebody who waits through a chain. */
static NOINLINE struct thread *wake_by_chain(struct core *core, struct notification *n,
                                             uint64_t bits)
{
    notification_wake(core, n, bits);
    return door_end_call(core, core->current, sched_is_calm(core, core->current));
}

/* The signal woke a thread that this core is not handed to. */
static NOINLINE struct thread *wake_in_queue(struct core *core, struct thread *t)
{
    sched_enqueue(core, t);
    return door_end_call(core, core->current, sched_is_calm(core, core->current));
}

/* The signal wakes somebody. */
static ALWAYS_INLINE struct thread *wake_call(struct core *core, struct notification *n,
                                              uint64_t bits)
{
    struct thread *t = notification_give(n, bits);

    if (UNLIKELY(t == NULL)) {
        return wake_by_chain(core, n, bits);
    }
    return sched_hand_over(core, t) ? door_end_call(core, NULL, false) : wake_in_queue(core, t);
}

/* As the table of calls would refuse it: find_through_chain, then decode_notification_signal. */
static ALWAYS_INLINE enum r4_err check_signal(const struct cap_ref *ref)
{
    if (UNLIKELY(slot_type(ref->slot) != R4_TYPE_NOTIFICATION)) {
        return R4_E_TYPE;
    }
    if (UNLIKELY((ref->near_rights & R4_RIGHT_SIGNAL) == 0)) {
        return R4_E_RIGHTS;
    }
    if (UNLIKELY((ref->rights & R4_RIGHT_SIGNAL) == 0)) {
        return R4_E_PROXY;
    }
    return LIKELY((int64_t)ref->slot->extra > 0) ? R4_OK : R4_E_BADGE;
}

/* Somebody waits, or words for one use are on the way. */
static NOINLINE struct thread *signal_slowly(struct core *core, const struct slot *s,
                                             struct once_words *once)
{
    struct thread *t = core->current;

    if (!once_claim(once)) {
        invoke_refuse(t, R4_E_PROXY, 0);
        return end_any(core, t);
    }
    thread_set_reply(t, R4_OK);
    notification_signal(core, notification_of(s), notification_badge(s));
    once_spend(once);
    return end_any(core, t);
}

/* The commonest call through a chain: a signal by a word of the caller's own window. */
static NOINLINE __attribute__((no_stack_protector)) struct thread *chain_call(struct core *core,
                                                                              uint64_t word)
{
    struct thread *t = core->current;
    struct pd *pd = pd_of(&t->pd_slot);
    const struct proxy_start start = {.index = (uint32_t)(word >> R4_CALL_INDEX_LO)};
    uint32_t about = 0;
    struct once_words once;
    struct cap_ref ref;
    enum r4_err err;

    if (UNLIKELY(pd_table(pd) == NULL || core->trace.is_on)) {
        return other_call(core, word);
    }
    once.count = 0;
    err = proxy_resolve(core->cluster, pd, start, &once, &ref, &about);
    if (LIKELY(err == R4_OK)) {
        err = check_signal(&ref);
    }
    if (UNLIKELY(err != R4_OK)) {
        invoke_refuse(t, err, about);
        return end_any(core, t);
    }
    if (UNLIKELY(once.count != 0 || notification_of(ref.slot)->waiters != NULL)) {
        return signal_slowly(core, ref.slot, &once);
    }
    thread_set_reply(t, R4_OK);
    notification_of(ref.slot)->bits |= notification_badge(ref.slot);
    return door_end_call(core, t, sched_is_calm(core, t));
}

/* A word of the caller's window: the highest bit that an index can have, and none above. */
static ALWAYS_INLINE bool names_word(uint64_t word)
{
    return word >> R4_CALL_INDEX_LO >= R4_INDEX_WORD && (word & R4_CALL_MBZ_MASK) == 0;
}

/* The commonest call on a capability. A signal does not change who runs: sched_choose does. */
static NOINLINE struct thread *signal_call(struct core *core, uint64_t word)
{
    struct thread *t = core->current;
    struct notification *n;
    const struct slot *s;

    if (!door_begin_call(core, word)) {
        return NULL;
    }
    s = find_signal(t, word);
    if (UNLIKELY(s == NULL || core->trace.is_on)) {
        return names_word(word) ? chain_call(core, word) : other_call(core, word);
    }
    thread_set_reply(t, R4_OK);
    n = notification_of(s);
    if (n->waiters != NULL) {
        return wake_call(core, n, notification_badge(s));
    }
    n->bits |= notification_badge(s);
    return door_end_call(core, t, sched_is_calm(core, t));
}

static NOINLINE struct thread *small_call(struct core *core, uint64_t word)
{
    return word == R4_CALL_YIELD ? yield_call(core, word) : invoke_call(core, word);
}

/*
 * Calls without a capability are the small numbers, and the first of them have ways of their own.
 * So has a signal: its lower half is the number alone where no peer is named.
 * `null` is the price of an entry: a request that waits interrupts the core right after it.
 */
struct thread *kernel_call_begin(struct core *core, uint64_t word)
{
    core_count(core, R4_COUNTER_CALLS);
    if (UNLIKELY(word <= R4_CALL_YIELD)) {
        if (word == R4_CALL_NULL) {
            thread_set_reply(core->current, R4_OK);
            return core->current;
        }
        return word == R4_CALL_NULL_LOCKED ? null_locked_call(core, word) : small_call(core, word);
    }
    return (uint32_t)word == R4_CALL_NOTIFICATION_SIGNAL ? signal_call(core, word)
                                                         : invoke_call(core, word);
}

/*
 * Makes the call that could not be made at once, unless its thread has to leave meanwhile. After a long
 * signal it is made in an entry of its own: it may be long, too.
 */
static NOINLINE void call_late(struct core *core)
{
    struct thread *t = core->current;

    if (core->call_stage == CALL_STAGE_TICKET) {
        core->in_call = true;
        lock_await(core, core->ticket);
        core->in_call = false;
    }
    const bool was_long = door_is_drain_due(core->cluster) && door_drain(core);

    if (UNLIKELY(core->current != t)) {
        return;
    }
    if (UNLIKELY(was_long)) {
        arch_regs_restart(&t->context.regs);
    } else {
        invoke_any(core, t, arch_regs_call(&t->context.regs));
    }
}

void kernel_call_finish(struct core *core)
{
    if (core->call_stage != CALL_STAGE_CHOICE) {
        call_late(core);
    }
    door_unlock(core);
}

void kernel_call(struct core *core)
{
    if (kernel_call_begin(core, arch_regs_call(&core->current->context.regs)) == NULL) {
        kernel_call_finish(core);
    }
}
