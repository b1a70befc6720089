/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that say what a thread is: protection domain, core, priority, fault notification,
 * name.
 * Not here: what it does (state_call.c).
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/sched.h>

static bool is_configured(const struct thread *t)
{
    return t->state != R4_THREAD_STATE_NEW;
}

static bool has_core(const struct call *c, uint32_t index)
{
    return index < c->cluster->core_count;
}

enum r4_err decode_thread_configure(struct call *c, const struct args_thread_configure *a)
{
    struct cap_ref source;
    enum r4_err err;

    if (is_configured(thread_of(c->slot))) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err = call_source(c, a->pd, 1, R4_TYPE_PD, R4_RIGHT_CONTROL, &source);
    if (err != R4_OK) {
        return err;
    }
    const struct pd *pd = pd_of(source.slot);
    if (pd->asid == 0 || pd_table(pd) == NULL) {
        return call_fail(c, R4_E_STATE, 1);
    }
    if (!has_core(c, a->core)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    c->plan.thread.source = source;
    c->plan.thread.core = a->core;
    c->plan.thread.priority = a->priority;
    return R4_OK;
}

void commit_thread_configure(struct call *c)
{
    struct thread *t = thread_of(c->slot);

    slot_embed(&c->plan.thread.source, &t->pd_slot, SLOT_HOME_THREAD_PD);
    t->core = c->plan.thread.core;
    t->priority = c->plan.thread.priority;
    t->state = R4_THREAD_STATE_STOPPED;
}

enum r4_err decode_thread_set_priority(struct call *c, const struct args_thread_set_priority *a)
{
    if (!is_configured(thread_of(c->slot))) {
        return call_fail(c, R4_E_STATE, 0);
    }
    c->plan.thread.priority = a->priority;
    return R4_OK;
}

void commit_thread_set_priority(struct call *c)
{
    sched_set_priority(c->core, thread_of(c->slot), c->plan.thread.priority);
}

enum r4_err decode_thread_set_core(struct call *c, const struct args_thread_set_core *a)
{
    if (!is_configured(thread_of(c->slot))) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (!has_core(c, a->core)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.thread.core = a->core;
    return R4_OK;
}

void commit_thread_set_core(struct call *c)
{
    sched_set_core(c->core, thread_of(c->slot), c->plan.thread.core);
}

enum r4_err decode_thread_bind_fault(struct call *c, const struct args_thread_bind_fault *a)
{
    if (!slot_is_empty(&thread_of(c->slot)->fault_slot)) {
        return call_fail(c, R4_E_STATE, 0);
    }
    return call_signal_source(c, a->notification, 1, &c->plan.source);
}

void commit_thread_bind_fault(struct call *c)
{
    slot_embed(&c->plan.source, &thread_of(c->slot)->fault_slot, SLOT_HOME_THREAD_FAULT);
}

enum r4_err decode_thread_set_name(struct call *c, const struct args_thread_set_name *a)
{
    c->plan.word[0] = a->low;
    c->plan.word[1] = a->high;
    return R4_OK;
}

void commit_thread_set_name(struct call *c)
{
    struct thread *t = thread_of(c->slot);

    t->name[0] = c->plan.word[0];
    t->name[1] = c->plan.word[1];
}
