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
 * Domains keep the last pages that walks found (pd.window_page). A GRANT in a page that is known is
 * found without a walk; where it is not for the caller, the walk is made all the same.
 * Pure. Locking: the cluster's lock, which keeps page tables as they are.
 */
#pragma once

#include <kernel/pd.h>

/*
 * A domain that has nothing: no table, no window, no page. Stands in for one that is gone; lies in
 * read-only memory.
 */
struct pd *window_nobody(void);

/*
 * As window_word, from what a walk found before: nothing if it is not known any more. The same
 * instructions whether it is.
 */
uint64_t *window_known_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit);

/* What the domain keeps in place `i` is nothing, or what a walk finds. For the auditor. */
bool window_is_kept_rightly(const struct pd *pd, unsigned i);

/* A walk found `word` at `index` with `leaf_bit`. */
void window_keep(struct pd *pd, uint32_t index, uint64_t leaf_bit, const uint64_t *word);

/*
 * Where word `index` (INDEX_WORD apart) of the window lies, if a leaf with `leaf_bit`
 * (ARCH_PTE_OWN or ARCH_PTE_MARK) maps it; else a word of constant memory that is 0
 * (window_is_nothing).
 */
uint64_t *window_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit);

bool window_is_nothing(const uint64_t *word);

/* `word`, or nothing if `known` is something: a word is read once. The same instructions for both. */
uint64_t *window_unless(const uint64_t *known, uint64_t *word);

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
