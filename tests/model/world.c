/* SPDX-License-Identifier: MIT */
#include "world_parts.h"

#include <kernel/derive.h>
#include <r4/abi/layout.h>
#include <r4/abi/names.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 200000u

bool world_differ(struct world *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(w->text, sizeof(w->text), format, args);
    va_end(args);
    return false;
}

void world_init(struct world *w)
{
    model_init(&w->model);
    world_boot(w);
}

void world_name(struct world *w, uint64_t seed, enum model_bug bug)
{
    sim.seed = seed;
    w->model.bug = bug;
}

/* ------------------------------------------------------------------------------------------------
 * Threads
 */

static uint32_t find_thread(const struct model *m, const struct thread *t)
{
    const uint64_t physical = arch_dmap_paddr(t).a;

    for (uint32_t i = 1; i < m->top_object; i++) {
        if (m->object[i].type == R4_TYPE_THREAD && m->object[i].physical == physical) {
            return i;
        }
    }
    return 0;
}

uint32_t world_thread_on(const struct world *w, uint32_t core)
{
    static struct {
        const struct thread *t;
        uint64_t number;
        uint32_t object;
    } known[WORLD_CORES];
    const struct thread *t = sim_core(0, core)->current;

    if (t == NULL) {
        return 0;
    }
    if (known[core].t != t || known[core].number != t->number ||
        w->model.object[known[core].object].type != R4_TYPE_THREAD ||
        w->model.object[known[core].object].physical != arch_dmap_paddr(t).a) {
        known[core].t = t;
        known[core].number = t->number;
        known[core].object = find_thread(&w->model, t);
    }
    return known[core].object;
}

bool world_is_pending(uint32_t core)
{
    const struct thread *t = sim_core(0, core)->current;

    return t != NULL && sim_must_repeat(t);
}

/* ------------------------------------------------------------------------------------------------
 * The kernel's side
 */

struct run {
    struct core *core;
    struct thread *thread;
    uint64_t number;  /* of the thread */
    struct slot *top; /* that a revoke is about, NULL for none */
    bool is_done;
    bool is_resting;
};

/* The capability that the call is about, if it revokes. */
static struct slot *find_top(const struct model *m, uint32_t thread, uint64_t call_register)
{
    uint32_t cap = 0;

    if (r4_call_number(call_register) == R4_CALL_CAP_REVOKE) {
        cap = model_invoked(m, thread, call_register);
    }
    return cap == 0 ? NULL : world_slot(m, cap);
}

static bool has_begun(const struct slot *top)
{
    return top != NULL && !slot_is_empty(top) && slot_has(top, SLOT_REVOKING);
}

static bool is_still_there(const struct run *r)
{
    return r->core->current == r->thread && r->thread->number == r->number;
}

/* Entries of the running thread until its call is done, it is gone, or it shall rest. */
static void enter(struct run *r, uint32_t limit)
{
    uint32_t entries = 0;

    do {
        r->is_done = sim_enter_call(r->thread);
        sim_settle();
        if (++entries > ENTRIES_MAX) {
            sim_fail("a call restarts for ever");
        }
        r->is_resting = limit != 0 && entries >= limit && has_begun(r->top);
    } while (!r->is_done && is_still_there(r) && !r->is_resting);
}

/* What a thread that rests or is gone left half-way is finished by the root task. */
static void reap(void)
{
    while (world_cluster()->zombies != NULL) {
        (void)SIM_CALL(sim.of[0].root, REAP, 0, 0);
        sim_settle();
    }
}

static void plan_preemption(uint8_t preempt)
{
    if (preempt == OP_PREEMPT_NEVER) {
        sim_no_fault_points(0);
        return;
    }
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT,
                    preempt == OP_PREEMPT_ALWAYS ? 0 : preempt);
}

static uint32_t count_below(const struct slot *top)
{
    uint32_t count = 0;

    for (const struct slot *s = derive_next(top, top); s != NULL; s = derive_next(top, s)) {
        count++;
    }
    return count;
}

static void run_kernel(struct run *r, struct world *w)
{
    const struct op *op = &w->last;
    struct model_call *call = &w->last.call;

    r->thread = r->core->current;
    r->number = r->thread->number;
    if (sim_must_repeat(r->thread)) {
        call->call_register = arch_regs_call(&r->thread->context.regs);
        for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
            call->word[i] = arch_regs_word(&r->thread->context.regs, i);
        }
    } else {
        sim_load_call(r->thread, call->call_register, call->word);
    }
    r->top = find_top(&w->model, w->last_thread, call->call_register);
    plan_preemption(op->preempt);
    enter(r, op->entries);
    sim_no_fault_points(0);
    reap();
}

/* ------------------------------------------------------------------------------------------------
 * Comparison of one operation
 */

static enum model_end end_of(const struct run *r)
{
    const struct thread *t = r->thread;

    if (t->number != r->number || t->object.type != R4_TYPE_THREAD ||
        t->state == R4_THREAD_STATE_DEAD) {
        return MODEL_GONE;
    }
    if (!r->is_done) {
        return has_begun(r->top) ? MODEL_PENDING : MODEL_DONE;
    }
    return t->state == R4_THREAD_STATE_WAITING ? MODEL_WAITS : MODEL_DONE;
}

static struct model_hint hint_of(const struct run *r)
{
    struct model_hint hint = {0};

    if (r->is_done) {
        hint.asid = (uint32_t)arch_regs_word(&r->thread->context.regs, 0);
        hint.state = arch_regs_word(&r->thread->context.regs, 0);
    }
    if (has_begun(r->top)) {
        hint.is_unfinished = true;
        hint.is_made_again = r->is_done;
        hint.remaining = count_below(r->top);
    }
    return hint;
}

static bool compare_reply(struct world *w, const struct sim_reply *reply)
{
    const struct model_outcome *out = &w->outcome;

    if (reply->err != out->error || reply->detail != out->detail) {
        return world_differ(w, "the kernel answers %s detail %u, the model %s detail %u",
                            r4_err_name(reply->err), reply->detail, r4_err_name(out->error),
                            out->detail);
    }
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        if (reply->word[i] != out->word[i]) {
            return world_differ(w, "word %u is 0x%llx in the kernel, 0x%llx in the model", i,
                                (unsigned long long)reply->word[i],
                                (unsigned long long)out->word[i]);
        }
    }
    return true;
}

/* What threads find that this operation woke. */
static bool compare_woken(struct world *w)
{
    for (uint32_t i = 0; i < w->outcome.woken_count; i++) {
        const struct model_wake *wake = &w->outcome.woken[i];
        const struct model_object *o = &w->model.object[wake->thread];

        if (o->type != R4_TYPE_THREAD || o->state == R4_THREAD_STATE_DEAD) {
            continue;
        }
        const struct sim_reply reply = sim_reply_of(world_memory(o->physical));

        if (reply.err != wake->error || reply.detail != 0 ||
            (wake->error == R4_OK && reply.word[0] != wake->bits)) {
            return world_differ(
                w, "thread %u wakes with %s and bits 0x%llx, in the model %s 0x%llx", wake->thread,
                r4_err_name(reply.err), (unsigned long long)reply.word[0], r4_err_name(wake->error),
                (unsigned long long)wake->bits);
        }
    }
    return true;
}

static bool compare_outcome(struct world *w, const struct run *r)
{
    static const char *const names[] = {"done", "waiting", "gone", "pending"};
    const enum model_end end = end_of(r);

    if (w->outcome.complaint != NULL) {
        return world_differ(w, "%s", w->outcome.complaint);
    }
    if (end != w->outcome.end) {
        return world_differ(w, "the call is %s in the kernel, %s in the model", names[end],
                            names[w->outcome.end]);
    }
    /* Whom it woke may have taken the core: then what is left to do is nothing but the reply. */
    if (end == MODEL_DONE && r->is_done) {
        const struct sim_reply reply = sim_reply_of(r->thread);

        if (!compare_reply(w, &reply)) {
            return false;
        }
    }
    return compare_woken(w);
}

/* The program on the core writes a word; it does so in both or in neither. */
static bool store(struct world *w, struct core *core)
{
    const uint64_t address = w->last.call.word[0];
    const uint64_t value = w->last.call.word[1];
    uint64_t physical = 0;
    struct paddr pa = {0};
    const bool is_there =
        host_translate(core, address, R4_RIGHT_WRITE, &pa) && pa.a < host.arena_bytes;

    w->is_stored = model_store(&w->model, w->last_thread, address, value, &physical);
    if (is_there != w->is_stored || (is_there && pa.a != physical)) {
        return world_differ(
            w, "address 0x%llx leads to 0x%llx in the kernel, to 0x%llx in the model",
            (unsigned long long)address, (unsigned long long)pa.a, (unsigned long long)physical);
    }
    if (is_there) {
        *(uint64_t *)world_memory(pa.a) = value;
    }
    return true;
}

static bool call(struct world *w, struct core *core)
{
    struct run run = {.core = core};
    struct model_hint hint;

    run_kernel(&run, w);
    hint = hint_of(&run);
    model_make_call(&w->model, w->last_thread, &w->last.call, &hint, &w->outcome);
    return compare_outcome(w, &run);
}

bool world_apply(struct world *w, const struct op *op)
{
    struct core *core = sim_core(0, op->core);

    w->last = *op;
    w->last_thread = world_thread_on(w, op->core);
    w->is_stored = false;
    if (core->current == NULL || (op->kind == OP_STORE && world_is_pending(op->core))) {
        w->last_thread = 0;
        return true;
    }
    if (w->last_thread == 0 || !model_thread_can_run(&w->model, w->last_thread)) {
        return world_differ(w, "a thread runs on core %u that cannot run in the model", op->core);
    }
    return op->kind == OP_STORE ? store(w, core) : call(w, core);
}

bool world_audit(struct world *w)
{
    struct audit_report report;

    audit_cluster(world_cluster(), &report);
    if (report.violations != 0) {
        return world_differ(w, "the auditor finds detail %llu",
                            (unsigned long long)report.first_detail);
    }
    return true;
}
