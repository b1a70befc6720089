/* SPDX-License-Identifier: MIT */
/*
 * Owns: one core's queues of ready threads: 256 first-in first-out rings, a bitmap of those that
 * are not empty, and the highest of them.
 * Invariants
 * (runq I1) Bit p is set exactly when ring p is not empty; `top` is the highest such p, -1 if there
 *     is none.
 * (runq I2) A thread's link is in a ring exactly while its state is READY and it is not its core's
 *     `next` (kept by sched.c).
 * Pure (works on links). Locking: the cluster's lock.
 */
#pragma once

#include <lib/list.h>
#include <stdbool.h>
#include <stdint.h>

struct runq {
    int32_t top;
    uint32_t count;
    uint64_t words[4];
    struct list_link ring[256];
};

/* Puts the link first or last in the ring of its priority. Inline for the switch of threads. */
static inline void runq_push(struct runq *q, struct list_link *link, uint8_t priority,
                             bool is_first)
{
    const uint32_t p = priority;
    struct list_link *head = &q->ring[p];

    list_insert_before(is_first ? head->next : head, link);
    q->words[p / 64u] |= UINT64_C(1) << p % 64u;
    if ((int32_t)p > q->top) {
        q->top = (int32_t)p;
    }
    q->count++;
}

void runq_init(struct runq *q);
void runq_push_back(struct runq *q, struct list_link *link, uint8_t priority);
void runq_push_front(struct runq *q, struct list_link *link, uint8_t priority);
void runq_remove(struct runq *q, struct list_link *link, uint8_t priority);
/* Takes the first thread of the highest priority; the queue is not empty. */
struct list_link *runq_pop(struct runq *q);
/* Takes the first thread of this priority, which has one; `link` goes to the end instead. */
struct list_link *runq_exchange(struct runq *q, struct list_link *link, uint8_t priority);

/* Highest priority with a thread, -1 if there is none. */
static inline int runq_top(const struct runq *q)
{
    return q->top;
}
