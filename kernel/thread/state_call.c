/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that make a thread run, stop it, and say what it does.
 * Not here: what it is (configure_call.c).
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/sched.h>

static bool is_active(const struct thread *t)
{
    return t->state == R4_THREAD_STATE_READY || t->state == R4_THREAD_STATE_RUNNING ||
           t->state == R4_THREAD_STATE_WAITING;
}

static bool is_user_address(uint64_t address)
{
    return address < R4_USER_TOP;
}

enum r4_err decode_thread_start(struct call *c, const struct args_thread_start *a)
{
    if (thread_of(c->slot)->state != R4_THREAD_STATE_STOPPED) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (!is_user_address(a->entry)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    if (!is_user_address(a->stack)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    c->plan.thread.entry = a->entry;
    c->plan.thread.stack = a->stack;
    c->plan.thread.arg0 = a->arg0;
    c->plan.thread.arg1 = a->arg1;
    return R4_OK;
}

void commit_thread_start(struct call *c)
{
    struct thread *t = thread_of(c->slot);

    sched_forget_fpu(c->cluster, t);
    arch_context_init(&t->context, (struct uaddr){c->plan.thread.entry},
                      (struct uaddr){c->plan.thread.stack}, c->plan.thread.arg0,
                      c->plan.thread.arg1);
    t->was_started = 1;
    sched_ready(c->core, t);
}

enum r4_err decode_thread_suspend(struct call *c)
{
    return is_active(thread_of(c->slot)) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_thread_suspend(struct call *c)
{
    thread_stop(c->core, thread_of(c->slot), R4_THREAD_STATE_STOPPED);
}

enum r4_err decode_thread_resume(struct call *c)
{
    const struct thread *t = thread_of(c->slot);

    return t->was_started != 0 && thread_is_at_rest(t) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_thread_resume(struct call *c)
{
    struct thread *t = thread_of(c->slot);

    t->fault = (struct thread_fault){.cause = R4_FAULT_CAUSE_NONE};
    sched_ready(c->core, t);
}

enum r4_err decode_thread_state(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_thread_state(struct call *c)
{
    const struct thread *t = thread_of(c->slot);

    call_result(c, 0, t->state);
    call_result(c, 1, t->fault.cause);
    call_result(c, 2, t->fault.address);
    call_result(c, 3, t->fault.code);
    call_result(c, 4, t->core);
    call_result(c, 5, t->priority);
}

enum r4_err decode_thread_registers(struct call *c, const struct args_thread_registers *a)
{
    if (!thread_is_at_rest(thread_of(c->slot))) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (a->first > R4_REGISTER_R15 || a->first % R4_CALL_WORDS != 0) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->first;
    return R4_OK;
}

void commit_thread_registers(struct call *c)
{
    const struct thread *t = thread_of(c->slot);
    const unsigned first = (unsigned)c->plan.word[0];

    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        call_result(c, i, arch_regs_get(&t->context.regs, first + i));
    }
}
