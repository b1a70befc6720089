/* SPDX-License-Identifier: MIT */
/*
 * Owns: protection domains: one address space, one capability table, one proxy window, one software
 * ASID. The object is 8 KiB: the root page table first, struct pd in the second page.
 *
 * Invariants
 * (pd I1) `asid` is 0 until asid_assign; then the root table's kernel half is valid and asid I1
 * holds.
 * (pd I2) table_slot is a child of the capability given to pd_configure; window fields never change
 * after that.
 * (pd I3) A core's active_pd names a PD only while that PD lives: its death makes those cores leave
 * first.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/chain.h>
#include <kernel/object.h>
#include <kernel/table.h>

struct cluster;
struct core;

#define PD_STRUCT_OFFSET 4096u

struct pd {
    struct object object;
    uint32_t asid; /* layout `asid` */
    uint32_t configured;
    struct paddr root;
    uint64_t window_base;
    uint64_t window_bytes;
    struct slot table_slot; /* R4_TYPE_CAP_TABLE or empty */
    struct slot grave;
    uint64_t canary;
    struct kept_chain kept[CHAINS_KEPT]; /* that begin in this domain */
};

/* The PD in a fresh, zeroed 8 KiB block. */
struct pd *pd_format(void *block);

/* The PD that a capability of type PD names. */
static inline struct pd *pd_of(const struct slot *s)
{
    return container_of((struct object *)(uintptr_t)s->object, struct pd, object);
}

/* Its capability table, NULL when it has none (yet, or any more). */
static inline struct cap_table *pd_table(const struct pd *pd)
{
    return pd->table_slot.object == 0 ? NULL : table_of(&pd->table_slot);
}

/*
 * Prepares the kernel half of the root table and takes an ASID. The caller checked that one is free
 * and `asid` is 0.
 */
void pd_assign_asid(struct cluster *cl, struct pd *pd);

/*
 * Takes the address space out of use: every core leaves it, the ASID is released. Bounded. Part of
 * destruction.
 */
void pd_retire(struct core *core, struct pd *pd);
