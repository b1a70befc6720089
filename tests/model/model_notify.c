/* SPDX-License-Identifier: MIT */
/* Owns: the bits of notifications and the threads that wait for them, first come, first served. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#include <stdlib.h>

uint64_t model_signal_bits(const struct model_cap *cap)
{
    return cap->badge == 0 ? 1 : cap->badge;
}

void model_end_wait(struct model *m, uint32_t thread)
{
    struct model_object *t = &m->object[thread];
    uint32_t *at = &m->object[t->waits_at].first_waiter;

    if (t->waits_at == 0) {
        return;
    }
    while (*at != thread) {
        at = &m->object[*at].next_waiter;
    }
    *at = t->next_waiter;
    t->waits_at = 0;
    t->waits_by = 0;
    t->next_waiter = 0;
}

void model_wait(struct model *m, uint32_t notification, uint32_t thread)
{
    uint32_t *at = &m->object[notification].first_waiter;

    while (*at != 0) {
        at = &m->object[*at].next_waiter;
    }
    *at = thread;
    m->object[thread].waits_at = notification;
    m->object[thread].state = R4_THREAD_STATE_WAITING;
}

static void note_wake(struct model *m, uint32_t thread, uint32_t error, uint64_t bits)
{
    struct model_outcome *out = m->outcome;

    if (out->woken_count == MODEL_WOKEN_MAX) {
        abort();
    }
    out->woken[out->woken_count++] =
        (struct model_wake){.thread = thread, .error = error, .bits = bits};
}

void model_wake(struct model *m, uint32_t thread, uint32_t error, uint64_t bits)
{
    model_end_wait(m, thread);
    note_wake(m, thread, error, bits);
    m->object[thread].state = R4_THREAD_STATE_RUNNING;
}

/* The words through which it waits lead here still. */
static bool is_allowed(const struct model *m, uint32_t notification, uint32_t thread)
{
    const uint64_t call = m->object[thread].waits_by;
    struct model_ref ref;

    return call == 0 || (model_resolve(m, thread, (uint32_t)r4_call_peer(call), r4_call_index(call),
                                       R4_TYPE_NOTIFICATION, R4_RIGHT_RECEIVE, 0, &ref)
                                 .error == R4_OK &&
                         m->cap[ref.cap].object == notification);
}

void model_signal(struct model *m, uint32_t notification, uint64_t bits)
{
    uint32_t thread;

    while ((thread = m->object[notification].first_waiter) != 0) {
        if (is_allowed(m, notification, thread)) {
            model_wake(m, thread, R4_OK, bits);
            return;
        }
        model_wake(m, thread, R4_E_PROXY, 0);
    }
    m->object[notification].bits |= bits;
}

bool model_thread_can_run(const struct model *m, uint32_t thread)
{
    return m->object[thread].state == R4_THREAD_STATE_RUNNING;
}
