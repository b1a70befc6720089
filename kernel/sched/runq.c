/* SPDX-License-Identifier: MIT */
#include <kernel/runq.h>

#define PRIORITIES 256u

/* The highest priority in words[0..word]. */
static int32_t find_top(const struct runq *q, int32_t word)
{
    while (q->words[word] == 0) {
        if (word == 0) {
            return -1;
        }
        word--;
    }
    return word * 64 + 63 - __builtin_clzll(q->words[word]);
}

/* Keeps (runq I1) after a link left the ring. */
static void unmark(struct runq *q, uint8_t priority)
{
    q->count--;
    if (!list_is_empty(&q->ring[priority])) {
        return;
    }
    q->words[priority / 64u] &= ~(UINT64_C(1) << priority % 64u);
    if (priority == q->top) {
        q->top = find_top(q, priority / 64);
    }
}

void runq_init(struct runq *q)
{
    q->top = -1;
    q->count = 0;
    for (unsigned word = 0; word < PRIORITIES / 64u; word++) {
        q->words[word] = 0;
    }
    for (unsigned priority = 0; priority < PRIORITIES; priority++) {
        list_init(&q->ring[priority]);
    }
}

void runq_push_back(struct runq *q, struct list_link *link, uint8_t priority)
{
    runq_push(q, link, priority, false);
}

void runq_push_front(struct runq *q, struct list_link *link, uint8_t priority)
{
    runq_push(q, link, priority, true);
}

void runq_remove(struct runq *q, struct list_link *link, uint8_t priority)
{
    list_remove(link);
    unmark(q, priority);
}

struct list_link *runq_pop(struct runq *q)
{
    const uint8_t priority = (uint8_t)runq_top(q);
    struct list_link *first = q->ring[priority].next;

    runq_remove(q, first, priority);
    return first;
}

struct list_link *runq_exchange(struct runq *q, struct list_link *link, uint8_t priority)
{
    struct list_link *first = q->ring[priority].next;

    list_insert_before(&q->ring[priority], link);
    list_remove(first);
    return first;
}
