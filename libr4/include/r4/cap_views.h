/* SPDX-License-Identifier: MIT */
/*
 * Owns: the readable views of a capability table in an address space: what stands in a slot is one
 * load there, where cap_table_identify is a call into the kernel.
 *
 * Invariants: `view` points to the records of all slots, read-only, or is NULL.
 * Locking: none is needed to read. Each word is right at the moment of the load; the kernel changes
 * them on other cores, so that two loads may see two moments.
 */
#ifndef R4_CAP_VIEWS_H
#define R4_CAP_VIEWS_H

#include <r4/abi/layout.h>
#include <r4/abi/structs.h>
#include <r4/vspace.h>

struct r4_cap_views {
    const struct r4_slot_view *view;
    uint32_t slots; /* of the table; number 0 and the last one are never a capability */
};

/*
 * Maps the views of the table, which has so many slots, at `address`, a page; makes the page tables
 * on the way. Errors of cap_table_map_view, and those of making page tables. Cost: 1 kernel entry, and 2
 * for each page table that is missing.
 */
enum r4_err r4_cap_views_map(struct r4_cap_views *views, struct r4_vspace *vspace, uint32_t table,
                             uint32_t slots, uint64_t address);

/* Takes them away again; `table` is the capability with which they were mapped. Cost: 1 kernel entry. */
enum r4_err r4_cap_views_unmap(struct r4_cap_views *views, uint32_t table);

/*
 * Layout `cap_view` of the slot, whose number is below `slots`; 0: it is empty. Cost: 1 load; no kernel
 * entry. So for those below, which take a field of it.
 */
static inline uint64_t r4_cap_views_word(const struct r4_cap_views *views, uint32_t slot)
{
    return __atomic_load_n(&views->view[slot].view, __ATOMIC_ACQUIRE);
}

static inline uint32_t r4_cap_views_type(const struct r4_cap_views *views, uint32_t slot)
{
    return (uint32_t)r4_cap_view_type(r4_cap_views_word(views, slot));
}

static inline uint32_t r4_cap_views_rights(const struct r4_cap_views *views, uint32_t slot)
{
    return (uint32_t)r4_cap_view_rights(r4_cap_views_word(views, slot));
}

static inline uint32_t r4_cap_views_ttl(const struct r4_cap_views *views, uint32_t slot)
{
    return (uint32_t)r4_cap_view_ttl(r4_cap_views_word(views, slot));
}

/* The badge of what stands there; layout `io_range` for I/O ports. Cost: 1 load. */
static inline uint64_t r4_cap_views_badge(const struct r4_cap_views *views, uint32_t slot)
{
    return __atomic_load_n(&views->view[slot].badge, __ATOMIC_RELAXED);
}

#endif
