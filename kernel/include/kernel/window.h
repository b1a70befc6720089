/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way from an index to a word of a proxy window: arithmetic and a walk of the page table
 * in software. The memory is the user's: it is reached through the direct map and may change at any
 * time.
 *
 * Invariant
 * (window I1) The walk is the same instructions and the same number of loads whatever it finds,
 *     also where there is nothing to find: it goes on in a page of zeros. So what it costs says
 *     nothing about another domain's memory.
 * Pure. Locking: the cluster's lock, which keeps page tables as they are.
 */
#pragma once

#include <arch/mmu.h>
#include <arch/select.h>
#include <kernel/pd.h>
#include <kernel/vspace.h>
#include <lib/hints.h>

#define WINDOW_TABLE_ENTRIES (R4_PAGE_BYTES / sizeof(uint64_t))

/*
 * A domain that has nothing: no table, no window, no page; as pd_format lays out a domain. Stands in
 * for one that is gone.
 */
struct window_nobody {
    _Alignas(4096) uint64_t page[WINDOW_TABLE_ENTRIES];
    struct pd pd;
};
_Static_assert(offsetof(struct window_nobody, pd) == PD_STRUCT_OFFSET,
               "struct pd stands behind the root table");

extern const struct window_nobody window_none;

struct pd *window_nobody(void);

/*
 * Where word `index` (INDEX_WORD apart) of the window lies, if a leaf with `leaf_bit`
 * (ARCH_PTE_OWN or ARCH_PTE_MARK) maps it; else a word of constant memory that is 0.
 */
uint64_t *window_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit);

/* The word of constant memory. */
static inline uint64_t *window_nothing(void)
{
    return (uint64_t *)(uintptr_t)window_none.page;
}

static inline bool window_is_nothing(const uint64_t *word)
{
    return word == window_none.page;
}

/* Whether the window is large enough for the word. */
static inline bool window_has(const struct pd *pd, uint32_t index)
{
    return (uint64_t)(index & (R4_INDEX_WORD - 1u)) * sizeof(uint64_t) < pd->window_bytes;
}

/* Where word `index` lies, from `word`, which is word `near` of the same page of the window. */
static inline uint64_t *window_same_page(const uint64_t *word, uint32_t index)
{
    const uintptr_t page = (uintptr_t)word & ~(uintptr_t)(R4_PAGE_BYTES - 1u);

    return (uint64_t *)(page | (index * sizeof(uint64_t) & (R4_PAGE_BYTES - 1u)));
}

static inline bool window_is_same_page(uint32_t a, uint32_t b)
{
    return (a ^ b) * sizeof(uint64_t) < R4_PAGE_BYTES;
}

/* The entry for `va` in the table at this address. */
static inline uint64_t window_entry(uint64_t table, uint64_t va, unsigned level)
{
    const uint64_t *entries = (const uint64_t *)(uintptr_t)table;

    return vspace_load(&entries[arch_pte_index(va, level)]);
}

/* Address of the table below an entry. */
static inline uint64_t window_below(uint64_t entry)
{
    return arch_select_if_table(entry, arch_dmap_address(arch_pte_base(entry)),
                                (uint64_t)(uintptr_t)window_nothing());
}

/* What window_word does, for where it is done most. */
static ALWAYS_INLINE uint64_t *window_walk(const struct pd *pd, uint32_t index, uint64_t leaf_bit)
{
    const uint64_t nothing = (uint64_t)(uintptr_t)window_nothing();
    const uint64_t offset = (uint64_t)(index & (R4_INDEX_WORD - 1u)) * sizeof(uint64_t);
    const uint64_t va = pd->window_base + offset;
    const uint64_t root = arch_select_if_below(offset, pd->window_bytes,
                                               (uint64_t)(uintptr_t)pd - PD_STRUCT_OFFSET, nothing);
    const uint64_t entry4 = window_entry(root, va, 4);
    const uint64_t entry3 = window_entry(window_below(entry4), va, 3);
    const uint64_t entry2 = window_entry(window_below(entry3), va, 2);
    uint64_t leaf = window_entry(window_below(entry2), va, 1);
    uint64_t mask = R4_PAGE_BYTES - 1u;

    /* Above level 1 an entry is a table, a leaf, or nothing; behind a leaf the walk meets zeros. */
    mask = arch_select_if_any(entry2, ARCH_PTE_LARGE, (UINT64_C(1) << 21) - 1u, mask);
    mask = arch_select_if_any(entry3, ARCH_PTE_LARGE, (UINT64_C(1) << 30) - 1u, mask);
    leaf = arch_select_if_any(entry2, ARCH_PTE_LARGE, entry2, leaf);
    leaf = arch_select_if_any(entry3, ARCH_PTE_LARGE, entry3, leaf);
    return (uint64_t *)(uintptr_t)arch_select_if_any(
        leaf, leaf_bit, arch_dmap_address(arch_pte_base(leaf)) + (va & mask), nothing);
}
