/* SPDX-License-Identifier: MIT */
/* Owns: threads as far as capabilities matter to them; notifications. */
#include "model_parts.h"

static struct model_object *invoked(const struct model_step *s)
{
    return &s->m->object[model_object_of(s)];
}

static bool is_active(const struct model_object *t)
{
    return t->state == R4_THREAD_STATE_RUNNING || t->state == R4_THREAD_STATE_WAITING;
}

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

/* A capability that the thread shall hold a child of. */
static bool held_cause(const struct model_step *s, uint8_t error)
{
    const struct model_object *pd = &s->m->object[model_named_pd(s)];

    return error == R4_E_STATE ? pd->table_cap == 0 || pd->asid == 0
                               : model_ref_cause(s, &s->ref[1], error);
}

static bool state_cause(const struct model_step *s)
{
    const struct model_object *t = invoked(s);

    switch (s->number) {
    case R4_CALL_THREAD_CONFIGURE:
        return t->state != R4_THREAD_STATE_NEW;
    case R4_CALL_THREAD_START:
        return t->state != R4_THREAD_STATE_STOPPED;
    case R4_CALL_THREAD_SUSPEND:
        return !is_active(t);
    case R4_CALL_THREAD_RESUME:
        return !t->was_started || t->state != R4_THREAD_STATE_STOPPED;
    case R4_CALL_THREAD_SET_PRIORITY:
    case R4_CALL_THREAD_SET_CORE:
        return t->state == R4_THREAD_STATE_NEW;
    case R4_CALL_THREAD_BIND_FAULT:
        return t->fault_cap != 0;
    default:
        model_unknown(s, "state in call", s->number);
    }
}

/* The chain of a wait, when bits come. A use of a word for one use stands. */
static bool is_looked_at_again(const struct model_step *s)
{
    return s->ref[0].is_chain && s->ref[0].once_count == 0;
}

/* The other refusals come at the end of a wait. */
static bool wait_cause(const struct model_step *s, uint8_t error)
{
    uint32_t looked_at = 0;

    if (error != R4_E_LIMIT || !is_looked_at_again(s) || invoked(s)->bits != 0) {
        return false;
    }
    for (uint32_t t = invoked(s)->first_waiter; t != 0; t = s->m->object[t].next_waiter) {
        looked_at += s->m->object[t].waits_by != 0;
    }
    return looked_at >= R4_CHAIN_WAITERS_MAX;
}

bool model_thread_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (s->number) {
    case R4_CALL_NOTIFICATION_WAIT:
        return wait_cause(s, error);
    case R4_CALL_NOTIFICATION_SIGNAL:
        return model_ref_cause(s, &s->ref[0], error);
    case R4_CALL_NOTIFICATION_POLL:
        return invoked(s)->bits == 0;
    case R4_CALL_THREAD_START:
        return detail == 0 ? state_cause(s) : s->word[detail - 1u] >= R4_USER_TOP;
    case R4_CALL_THREAD_SET_PRIORITY:
    case R4_CALL_THREAD_SET_CORE:
        return detail == 0 ? state_cause(s) : s->word[0] >= s->m->cores;
    case R4_CALL_THREAD_CONFIGURE:
        if (detail == 2) {
            return s->word[1] >= s->m->cores;
        }
        break;
    default:
        break;
    }
    return detail == 0 ? state_cause(s) : held_cause(s, error);
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

/* The thread holds a child of what the argument names. */
static void hold(struct model_step *s, enum model_place place)
{
    model_child(s->m, &s->ref[1], R4_RIGHTS_MASK, (uint8_t)(s->ref[1].ttl - 1u), model_object_of(s),
                place);
}

static void wait_or_take(struct model_step *s)
{
    struct model_object *n = invoked(s);

    if (n->bits == 0) {
        model_wait(s->m, model_object_of(s), s->thread);
        s->m->object[s->thread].waits_by = is_looked_at_again(s) ? s->call_register : 0;
        s->out->end = MODEL_WAITS;
        return;
    }
    s->out->word[0] = n->bits;
    n->bits = 0;
}

/* A wait that is broken off is over at once; its thread sees that when it runs again. */
static void suspend(struct model_step *s)
{
    const uint32_t thread = model_object_of(s);

    if (s->m->object[thread].state == R4_THREAD_STATE_WAITING) {
        model_wake(s->m, thread, R4_E_CANCELED, 0);
    }
    s->m->object[thread].state = R4_THREAD_STATE_STOPPED;
}

/* Which of those that can run does run, the kernel says. Nobody faults here. */
static void say_state(struct model_step *s)
{
    const struct model_object *t = invoked(s);
    const bool is_ready =
        t->state == R4_THREAD_STATE_RUNNING && s->m->hint->state == R4_THREAD_STATE_READY;
    uint64_t *word = s->out->word;

    word[0] = is_ready ? R4_THREAD_STATE_READY : t->state;
    word[1] = R4_FAULT_CAUSE_NONE;
    word[2] = 0;
    word[3] = 0;
    word[4] = t->core;
    word[5] = t->priority;
}

void model_thread_effect(struct model_step *s)
{
    struct model *m = s->m;
    struct model_object *t = invoked(s);

    switch (s->number) {
    case R4_CALL_YIELD:
    case R4_CALL_REAP:
    case R4_CALL_FENCE:
        break;
    case R4_CALL_THREAD_CONFIGURE:
        hold(s, MODEL_PLACE_PD);
        t->state = R4_THREAD_STATE_STOPPED;
        t->core = (uint32_t)s->word[1];
        t->priority = (uint8_t)s->word[2];
        break;
    case R4_CALL_THREAD_SET_PRIORITY:
        t->priority = (uint8_t)s->word[0];
        break;
    case R4_CALL_THREAD_SET_CORE:
        t->core = (uint32_t)s->word[0];
        break;
    case R4_CALL_THREAD_STATE:
        say_state(s);
        break;
    case R4_CALL_THREAD_BIND_FAULT:
        hold(s, MODEL_PLACE_FAULT);
        break;
    case R4_CALL_THREAD_START:
        t->was_started = true;
        t->state = R4_THREAD_STATE_RUNNING;
        break;
    case R4_CALL_THREAD_RESUME:
        t->state = R4_THREAD_STATE_RUNNING;
        break;
    case R4_CALL_THREAD_SUSPEND:
        suspend(s);
        break;
    case R4_CALL_NOTIFICATION_SIGNAL:
        model_signal(m, model_object_of(s), model_signal_bits(&m->cap[s->cap]));
        break;
    case R4_CALL_NOTIFICATION_WAIT:
    case R4_CALL_NOTIFICATION_POLL:
        wait_or_take(s);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
