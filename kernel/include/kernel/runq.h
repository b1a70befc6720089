/* SPDX-License-Identifier: MIT */
/*
 * Owns: one core's queues of ready threads: 256 first-in first-out rings and a two-level bitmap.
 * Invariants
 * (runq I1) Bit p is set exactly when ring p is not empty; bit w of `summary` exactly when word w
 *     is not 0.
 * (runq I2) A thread's link is in a ring exactly while its state is READY (kept by sched.c).
 * Pure (works on links). Locking: the cluster's lock.
 */
#pragma once

#include <lib/list.h>
#include <stdbool.h>
#include <stdint.h>

struct runq {
    uint64_t summary;
    uint64_t words[4];
    uint32_t count;
    struct list_link ring[256];
};

void runq_init(struct runq *q);
void runq_push_back(struct runq *q, struct list_link *link, uint8_t priority);
void runq_push_front(struct runq *q, struct list_link *link, uint8_t priority);
void runq_remove(struct runq *q, struct list_link *link, uint8_t priority);
/* Highest priority with a thread, -1 if there is none. */
static inline int runq_top(const struct runq *q)
{
    if (q->summary == 0) {
        return -1;
    }
    const int word = 63 - __builtin_clzll(q->summary);

    return word * 64 + 63 - __builtin_clzll(q->words[word]);
}
/* Takes the first thread of the highest priority; the queue is not empty. */
struct list_link *runq_pop(struct runq *q);
/* Whether a thread of this priority waits. */
static inline bool runq_has(const struct runq *q, uint8_t priority)
{
    return (q->words[priority / 64u] >> priority % 64u & 1u) != 0;
}
