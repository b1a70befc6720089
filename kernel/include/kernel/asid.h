/* SPDX-License-Identifier: MIT */
/*
 * Owns: the cluster's table of software ASIDs: index + generation -> protection domain.
 *
 * Invariants
 * (asid I1) An entry in use names a live PD whose asid word names the entry with its generation.
 * (asid I2) A generation is never used twice for an index; an index whose generations are used up
 * is retired.
 * (asid I3) Index 0 is never given out. Free indices wait in first-in first-out order.
 * (asid I4) An entry without a PD has a generation that no ASID was given out with: those of its
 *     index are below it, and index 0 has one that nobody asks for.
 * Locking: the cluster's lock. Nothing here is known to another cluster.
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/errors.h>
#include <r4/abi/limits.h>

struct pd;

struct asid_entry {
    struct pd *pd;       /* NULL: free or retired */
    uint16_t generation; /* of the current or next use; starts at 1, 0 once retired */
    uint16_t next_free;  /* next in the free ring */
};

struct asid_table {
    struct asid_entry entry[R4_ASIDS_MAX];
    uint16_t free_head; /* 0: none free */
    uint16_t free_tail;
};

void asid_table_init(struct asid_table *t);
/* Whether asid_take would find one. */
bool asid_is_available(const struct asid_table *t);
/* Gives `pd` the oldest free index; returns the asid word (layout `asid`). */
uint32_t asid_take(struct asid_table *t, struct pd *pd);
/* Frees it; the generation moves on. */
void asid_release(struct asid_table *t, uint32_t asid);
/* The PD of (index, generation), or NULL. */
struct pd *asid_find(const struct asid_table *t, uint32_t index, uint16_t generation);
