/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way of a system call of the table from its registers to decode and commit.
 * Not here: arguments (args.c and the generated thunks), calls with ways of their own (entry.c).
 */
#include "invoke.h"

#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/revoke.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <r4/abi/layout.h>

#include "door.h"

void invoke_refuse(struct thread *t, enum r4_err err, uint32_t detail)
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
    err =
        proxy_resolve(c->cluster, pd_of(&c->thread->pd_slot), start, &c->once, &c->ref, &c->detail);
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
    c->slot = table_slot_checked(table, (uint32_t)index);
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
        invoke_refuse(c->thread, err, c->detail);
        return;
    }
    (void)revoke_freeze(c->core);
    arch_regs_set_reply(regs, c->word);
    arch_regs_restart(regs);
}

_Static_assert(R4_CALL_NUMBERS == R4_CALL_NUMBER_MASK + 1, "call_row has every number");

/* Row 0 if it is no call. */
static ALWAYS_INLINE const struct call_desc *find_call(uint64_t word)
{
    return &call_table[call_row[word & R4_CALL_NUMBER_MASK]];
}

/* A call of the table, which has it. */
static ALWAYS_INLINE void run_call(struct core *core, struct thread *t, uint64_t word,
                                   const struct call_desc *desc)
{
    struct call c;
    enum r4_err err;

    trace(core, R4_TRACE_POINT_CALL, t->number, word & R4_CALL_NUMBER_MASK);
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

NOINLINE __attribute__((no_stack_protector)) void invoke_any(struct core *core, struct thread *t,
                                                             uint64_t word)
{
    run_call(core, t, word, find_call(word));
}

/* No stack protector: nothing here is indexed or copied, and most calls go this way. */
NOINLINE __attribute__((no_stack_protector)) struct thread *invoke_call(struct core *core,
                                                                        uint64_t word)
{
    struct thread *t = core->current;
    const struct call_desc *desc = find_call(word);

    if (UNLIKELY(desc->thunk == NULL)) {
        invoke_refuse(t, R4_E_CALL, 0);
        return t;
    }
    if (!door_begin_call(core, word)) {
        return NULL;
    }
    run_call(core, t, word, desc);
    return door_end_call(core, t, sched_is_settled(core, t));
}
