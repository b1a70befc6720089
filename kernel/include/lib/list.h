/* SPDX-License-Identifier: MIT */
/*
 * Owns: intrusive doubly linked rings. A head is a link that stands in no item.
 * Invariants: (list I1) link->next->prev == link and link->prev->next == link for every link in a ring;
 * (list I2) a link that is in no ring points to itself.
 * Locking: the caller's.
 */
#pragma once

#include <stdbool.h>

struct list_link {
    struct list_link *next;
    struct list_link *prev;
};

static inline void list_init(struct list_link *link)
{
    link->next = link;
    link->prev = link;
}

static inline bool list_is_empty(const struct list_link *head)
{
    return head->next == head;
}

/* Puts `link`, which is in no ring, right before `place`: at the end, if `place` is the head. */
static inline void list_insert_before(struct list_link *place, struct list_link *link)
{
    struct list_link *before = place->prev;

    link->next = place;
    link->prev = before;
    before->next = link;
    place->prev = link;
}

/* Takes `link` out of its ring and leaves it alone with itself. */
static inline void list_remove(struct list_link *link)
{
    struct list_link *before = link->prev;
    struct list_link *behind = link->next;

    before->next = behind;
    behind->prev = before;
    list_init(link);
}
