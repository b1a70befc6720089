/* SPDX-License-Identifier: MIT */
/* Owns: the search for a thread by its number, in bounded steps. */
#include <kernel/thread.h>

#include <kernel/call.h>

/* Between two preemption points. */
#define FIND_STEP 256u

static struct thread *thread_at(struct list_link *link)
{
    return container_of(link, struct thread, all);
}

/* The next place on the way, or NULL: what is searched stands here. The head stands behind all. */
static struct list_link *next_place(const struct list_link *head, struct list_link *at,
                                    uint64_t number)
{
    if (at != head && thread_at(at)->number < number) {
        return at->next;
    }
    if (at->prev != head && thread_at(at->prev)->number >= number) {
        return at->prev;
    }
    return NULL;
}

struct thread *thread_find(struct core *core, uint64_t number)
{
    const struct list_link *head = &core->cluster->threads;

    do {
        for (uint32_t i = 0; i < FIND_STEP; i++) {
            struct list_link *next = next_place(head, core->thread_place, number);

            if (next == NULL) {
                return thread_at(core->thread_place);
            }
            core->thread_place = next;
        }
    } while (!preempt_poll(core));
    return NULL;
}
