/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 4: each thread is in exactly one queue or running.
 * A link stands in one ring only, so it is enough that each queue holds nothing but threads whose
 * state names it, and that as many are queued as have that state.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <kernel/notification.h>
#include <kernel/object.h>
#include <kernel/pd.h>
#include <kernel/thread.h>
#include <r4/abi/objects.h>

/* Threads by state, as their own words say and as the queues hold them. */
struct census {
    uint64_t all;
    uint64_t ready;
    uint64_t running;
    uint64_t waiting;
};

static bool link_is_sound(const struct list_link *link)
{
    return link->next->prev == link && link->prev->next == link;
}

/* Whether a core, on which this one may stand, will be handed to the thread. */
static bool is_next(const struct audit *a, const struct thread *t)
{
    return t->core < a->cluster->core_count && a->cluster->cores[t->core]->next == t;
}

static void audit_thread(struct audit *a, struct thread *t, struct census *c)
{
    const bool is_alone = list_is_empty(&t->link);

    switch (t->state) {
    case R4_THREAD_STATE_READY:
        c->ready++;
        audit_expect(a, is_alone == is_next(a, t) && t->waiting_on == NULL, AUDIT_THREAD_STATE);
        break;
    case R4_THREAD_STATE_RUNNING:
        c->running++;
        audit_expect(a, is_alone && t->waiting_on == NULL, AUDIT_THREAD_STATE);
        audit_expect(a,
                     t->core < a->cluster->core_count && a->cluster->cores[t->core]->current == t,
                     AUDIT_THREAD_CURRENT);
        break;
    case R4_THREAD_STATE_WAITING:
        c->waiting++;
        audit_expect(a, t->waiting_on != NULL, AUDIT_THREAD_STATE);
        break;
    case R4_THREAD_STATE_NEW:
    case R4_THREAD_STATE_STOPPED:
    case R4_THREAD_STATE_FAULTED:
    case R4_THREAD_STATE_DEAD:
        audit_expect(a, is_alone && t->waiting_on == NULL, AUDIT_THREAD_STATE);
        return;
    default:
        audit_expect(a, false, AUDIT_THREAD_STATE);
        return;
    }
    audit_expect(a, thread_pd(t) != NULL, AUDIT_THREAD_PD);
}

/* False: the list cannot be walked. */
static bool audit_list(struct audit *a, struct census *c)
{
    struct list_link *head = &a->cluster->threads;
    uint64_t number = 0;

    for (struct list_link *l = head->next; l != head; l = l->next) {
        struct thread *t = container_of(l, struct thread, all);

        if (!audit_expect(
                a, link_is_sound(l) && t->object.type == R4_TYPE_THREAD && t->number > number,
                AUDIT_THREAD_LIST)) {
            return false;
        }
        number = t->number;
        c->all++;
        audit_thread(a, t, c);
    }
    return true;
}

/* One ring of one priority; returns how many threads it holds. */
static uint64_t audit_ring(struct audit *a, const struct core *core, uint32_t priority,
                           uint64_t at_most)
{
    const struct list_link *head = &core->runq.ring[priority];
    uint64_t count = 0;

    for (struct list_link *l = head->next; l != head; l = l->next) {
        const struct thread *t = container_of(l, struct thread, link);

        if (!audit_expect(a, link_is_sound(l) && count < at_most, AUDIT_THREAD_QUEUE)) {
            break;
        }
        audit_expect(a,
                     t->state == R4_THREAD_STATE_READY && t->core == core->index &&
                         t->priority == priority,
                     AUDIT_THREAD_QUEUE);
        count++;
    }
    return count;
}

static uint64_t audit_queue(struct audit *a, const struct core *core, uint64_t at_most)
{
    uint64_t words[4] = {0};
    int32_t top = -1;
    uint64_t count = 0;

    for (uint32_t p = 0; p < 256; p++) {
        const uint64_t in_ring = audit_ring(a, core, p, at_most);

        words[p / 64] |= in_ring == 0 ? 0 : UINT64_C(1) << p % 64;
        top = in_ring == 0 ? top : (int32_t)p;
        count += in_ring;
    }
    for (uint32_t w = 0; w < 4; w++) {
        audit_expect(a, core->runq.words[w] == words[w], AUDIT_THREAD_BITMAP);
    }
    audit_expect(a, core->runq.count == count && core->runq.top == top, AUDIT_THREAD_BITMAP);
    return count;
}

/* Returns how many threads the core will be handed to. */
static uint64_t audit_next(struct audit *a, const struct core *core)
{
    const struct thread *t = core->next;

    if (t == NULL) {
        return 0;
    }
    audit_expect(a,
                 t->state == R4_THREAD_STATE_READY && t->core == core->index &&
                     t->priority >= core->runq.top,
                 AUDIT_THREAD_NEXT);
    audit_expect(a, core->current == NULL || t->priority > core->current->priority,
                 AUDIT_THREAD_NEXT);
    return 1;
}

static void audit_core(struct audit *a, const struct core *core, struct census *queued)
{
    const struct thread *t = core->current;

    queued->ready += audit_queue(a, core, queued->all) + audit_next(a, core);
    if (t == NULL) {
        audit_expect(a, core->active_pd == NULL, AUDIT_THREAD_SPACE);
        return;
    }
    queued->running++;
    audit_expect(a, t->state == R4_THREAD_STATE_RUNNING && t->core == core->index,
                 AUDIT_THREAD_CURRENT);
    audit_expect(a, core->active_pd != NULL && core->active_pd == thread_pd(t), AUDIT_THREAD_SPACE);
}

/* Returns how many threads wait at `n`. */
static uint64_t audit_waiters(struct audit *a, const struct notification *n, uint64_t at_most)
{
    struct list_link *link = n->waiters;
    uint64_t count = 0;
    uint64_t through_chains = 0;

    if (link == NULL) {
        audit_expect(a, n->chain_waiters == 0, AUDIT_THREAD_CHAINS);
        return 0;
    }
    audit_expect(a, n->bits == 0, AUDIT_THREAD_SIGNALS);
    do {
        const struct thread *t = container_of(link, struct thread, link);

        if (!audit_expect(a, link_is_sound(link) && count < at_most, AUDIT_THREAD_WAITERS)) {
            break;
        }
        audit_expect(a, t->state == R4_THREAD_STATE_WAITING && t->waiting_on == n,
                     AUDIT_THREAD_WAITERS);
        count++;
        through_chains += t->waits_through != 0;
        link = link->next;
    } while (link != n->waiters);
    audit_expect(a, n->chain_waiters == through_chains, AUDIT_THREAD_CHAINS);
    return count;
}

/*
 * The objects that the tour knows: waiters of notifications, and threads that the list may not
 * lack. audit_slots left in each header how often it is named; a header counted here is marked by
 * adding one more.
 */
static void audit_objects(struct audit *a, struct census *queued)
{
    uint64_t threads = 0;

    for (struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        struct object *object = object_of(s);

        if (object == NULL || object->seen != (uint16_t)object->caps) {
            continue;
        }
        if (slot_type(s) == R4_TYPE_NOTIFICATION) {
            queued->waiting +=
                audit_waiters(a, container_of(object, struct notification, object), queued->all);
        } else if (slot_type(s) == R4_TYPE_THREAD && !slot_has(s, SLOT_ZOMBIE)) {
            const struct thread *t = thread_of(s);

            audit_expect(a, !list_is_empty(&t->all), AUDIT_THREAD_LIST);
            threads++;
        }
        object->seen++;
    }
    audit_expect(a, threads <= queued->all, AUDIT_THREAD_LIST);
}

void audit_threads(struct audit *a)
{
    struct census said = {0};
    struct census queued = {0};

    if (!audit_list(a, &said)) {
        return;
    }
    queued.all = said.all;
    for (uint32_t i = 0; i < a->cluster->core_count; i++) {
        audit_core(a, a->cluster->cores[i], &queued);
    }
    audit_objects(a, &queued);
    audit_expect(a, queued.ready == said.ready, AUDIT_THREAD_QUEUE);
    audit_expect(a, queued.running == said.running, AUDIT_THREAD_CURRENT);
    audit_expect(a, queued.waiting == said.waiting, AUDIT_THREAD_WAITERS);
    audit_user_parts(a, said.all);
}
