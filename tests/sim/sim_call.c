/* SPDX-License-Identifier: MIT */
/* Owns: system calls as a program makes them: registers, the call instruction, its repetition. */
#include "sim.h"

#include "recheck.h"
#include "sim_user.h"

#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define RESTARTS_MAX 100000u
/* Stands in registers that the entry code has not saved yet. */
#define NOT_SAVED UINT64_C(0xbadbadbadbadbad)

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

/* The capability that the loaded call invokes, by a slot or through a chain; NULL for none. */
static const struct slot *invoked_by(const struct thread *t)
{
    const uint64_t w = arch_regs_call(&t->context.regs);
    const uint32_t peer = r4_call_peer(w);
    const uint32_t index = r4_call_index(w);
    const struct pd *pd = thread_pd(t);
    struct cap_table *table = pd_table(pd);

    if (table == NULL) {
        return NULL;
    }
    if (peer != 0 || (index & R4_INDEX_WORD) != 0) {
        const struct recheck chain =
            recheck_chain(sim.of[sim_cluster_of(t)].cluster, pd, peer, index, recheck_now);

        return chain.err == R4_OK ? chain.root : NULL;
    }
    return index < table_slots(table) ? table_slot(table, index) : NULL;
}

/* The thread that the loaded call starts afresh, if it is such a call. */
static const struct thread *started_by(const struct thread *t)
{
    const struct slot *s;

    if (r4_call_number(arch_regs_call(&t->context.regs)) != R4_CALL_THREAD_START) {
        return NULL;
    }
    s = invoked_by(t);
    return s != NULL && slot_type(s) == R4_TYPE_THREAD ? thread_of(s) : NULL;
}

/*
 * The call in its two halves (kernel/entry.h). What the C calling convention preserves is not in
 * the context before the second half.
 */
static void enter_call(struct core *core, struct thread *t)
{
    static const uint8_t preserved[] = {R4_REGISTER_RBX, R4_REGISTER_RBP, R4_REGISTER_R12,
                                        R4_REGISTER_R13, R4_REGISTER_R14, R4_REGISTER_R15};
    const struct arch_regs before = t->context.regs;
    struct arch_regs *regs = &t->context.regs;
    const struct thread *next;

    for (size_t i = 0; i < sizeof(preserved); i++) {
        regs->reg[preserved[i]] = NOT_SAVED;
    }
    next = kernel_call_begin(core, arch_regs_call(regs));
    for (size_t i = 0; i < sizeof(preserved); i++) {
        regs->reg[preserved[i]] = before.reg[preserved[i]];
    }
    if (next == NULL) {
        kernel_call_finish(core);
    } else if (next != t || core->current != t) {
        sim_fail("a call that ended in its first half switched the thread");
    }
}

bool sim_enter_call(struct thread *t)
{
    struct core *core = sim_core_of(t);
    const uint64_t called = arch_regs_call(&t->context.regs);
    const uint64_t number = t->number;
    const struct thread *started;

    if (core == NULL) {
        sim_fail("a thread that does not run cannot call");
    }
    started = started_by(t);
    t->context.regs.reg[R4_REGISTER_RIP] += HOST_CALL_BYTES;
    sim_begin_entry(core);
    enter_call(core, t);
    if (started != NULL && sim_reply_of(t).err == R4_OK) {
        sim_user_restart(started);
    }
    sim_end_entry();
    if (t->number == number && sim_user_must_repeat(t)) {
        sim.restarts++;
        return false;
    }
    if (t->number == number && t->state != R4_THREAD_STATE_WAITING) {
        sim_check_listed(called, sim_reply_of(t));
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

bool sim_enter_call_contended(struct thread *t, void (*meanwhile)(void))
{
    struct lock *lock = &sim_core_of(t)->cluster->lock;
    bool is_done;

    sim.meanwhile = meanwhile;
    lock->next++;
    is_done = sim_enter_call(t);
    if (sim.meanwhile != NULL) {
        sim_fail("the call did not wait for the lock");
    }
    return is_done;
}

struct sim_reply sim_call(struct thread *t, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    const uint64_t w = r4_call_with_number(r4_call_with_index(0, cap), (uint16_t)call);

    return sim_call_raw(t, w, word);
}
