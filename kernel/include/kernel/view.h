/* SPDX-License-Identifier: MIT */
/*
 * Owns: the mapping of a table's readable views: read-only, not executable pages of kernel memory in
 * user addresses. The capability through which they were mapped remembers where (mapping.h), as
 * that of a frame does, so that they are gone when the last capability of the table is.
 *
 * Invariants
 * (view I1) Only the pages of views of a table are ever mapped so, never its slots: views are whole
 *     pages from the smallest table on and hold no kernel address (table.h).
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/pd.h>
#include <kernel/table.h>
#include <kernel/types.h>
#include <r4/abi/limits.h>

#define VIEWS_A_PAGE (R4_PAGE_BYTES / sizeof(struct slot_view))
_Static_assert((1u << SLOT_HOME_TABLE_MIN) % VIEWS_A_PAGE == 0, "views are whole pages");

static inline uint32_t view_pages(const struct cap_table *t)
{
    return table_slots(t) / VIEWS_A_PAGE;
}

/* Where they begin in memory. */
struct paddr view_memory(struct cap_table *t);

/* Whether `entry`, of level 1, shows this page of views, whatever the access. */
bool view_is_entry(uint64_t entry, struct paddr page);

/* All page tables are there, and all entries are free. */
void view_map(struct pd *pd, uint64_t va, struct cap_table *t);

/* Takes away what is left of the mapping that `s`, mapped, speaks of, with shootdown. */
void view_unmap(struct core *core, struct pd *pd, const struct slot *s);

/* Pages that have to be looked at to take the mapping of `s` away: 0 if it maps no views. */
static inline uint32_t view_pages_mapped(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_CAP_TABLE && slot_has(s, SLOT_MAPPED) ? view_pages(table_of(s))
                                                                         : 0;
}
