/* SPDX-License-Identifier: MIT */
/*
 * Owns: walks and changes of page tables through the arch contract's entry format (arch/mmu.h).
 * Levels: 4 is the root, 1 holds 4 KiB leaves; a leaf of level 2 maps 2 MiB, of level 3 1 GiB.
 * Locking: the cluster's lock for changes.
 */
#pragma once

#include <arch/mmu.h>
#include <kernel/pd.h>
#include <kernel/types.h>

#define VSPACE_ROOT_LEVEL 4u
#define VSPACE_INDEX_BITS 9u

/*
 * An entry is read and written as one word: other cores' hardware walks the tables, and sets bits
 * in them, at the same time.
 */
static inline uint64_t vspace_load(const uint64_t *entry)
{
    return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

/* Where a walk ended. */
struct vspace_place {
    uint64_t *entry; /* the last entry reached */
    uint8_t level;   /* its level */
};

/* Walks from the root of `pd` down to `level`, or to the first entry that is absent or a leaf. */
struct vspace_place vspace_walk(const struct pd *pd, uint64_t va, uint8_t level);

/* The entry of level 1 for the page at `va`, or NULL if a table above it is missing. */
static inline uint64_t *vspace_page(const struct pd *pd, uint64_t va)
{
    uint64_t table = arch_dmap_address(pd->root.a);

    for (unsigned level = VSPACE_ROOT_LEVEL; level > 1; level--) {
        const uint64_t *at = (const uint64_t *)(uintptr_t)table + arch_pte_index(va, level);
        const uint64_t entry = vspace_load(at) ^ ARCH_PTE_TABLE;

        if ((entry & ARCH_PTE_KIND) != 0) {
            return NULL;
        }
        table = arch_dmap_address(arch_pte_base(entry));
    }
    return (uint64_t *)(uintptr_t)table + arch_pte_index(va, 1);
}

/* Entries of level 1 for pages in a row, side by side in one table. */
struct vspace_run {
    struct vspace_place at; /* the first one, or where the walk to it ended above level 1 */
    uint32_t pages;
};

/* What one walk tells of the pages from `va` on, `pages` of them (not 0) or fewer. */
struct vspace_run vspace_run(const struct pd *pd, uint64_t va, uint32_t pages);

/* What was written to a table before is seen by whoever sees the new entry. */
static inline void vspace_store(uint64_t *entry, uint64_t value)
{
    __atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

/* Bits of the address that one entry of `level` covers. */
static inline uint8_t vspace_level_bits(uint8_t level)
{
    return (uint8_t)(R4_PAGE_BITS + VSPACE_INDEX_BITS * (level - 1u));
}

/* The level at which a frame of this size is a leaf: 12, 21 and 30 bits are 1, 2 and 3. */
static inline uint8_t vspace_frame_level(uint8_t size_bits)
{
    return size_bits >> 3;
}

/* A frame of one page: a leaf of level 1. */
static inline bool vspace_is_page(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_FRAME && slot_size_bits(s) == R4_PAGE_BITS;
}

/* The mapping word (mapping.h) for `va` in `pd`, which has an ASID. */
uint64_t vspace_mapping(const struct pd *pd, uint64_t va);

/* The leaf that maps the frame; it says whether the frame is RAM of this cluster. */
uint64_t vspace_leaf(const struct slot *frame, uint8_t level, uint16_t access);

/* The entry that the slot's mapping put into a page table, NULL if it is not there (any more). */
uint64_t *vspace_entry_of(struct cluster *cl, const struct slot *s);

/*
 * Takes the mapping of the frame, page table or views away if it is still there, with shootdown,
 * and clears SLOT_MAPPED. User parts that a frame carries are detached.
 */
void vspace_unmap_slot(struct core *core, struct slot *s);

/* The PD that the slot's mapping word names if it still lives. */
struct pd *vspace_mapped_pd(struct cluster *cl, const struct slot *s);
