/* SPDX-License-Identifier: MIT */
#include <kernel/window.h>

#include <arch/mmu.h>
#include <kernel/vspace.h>

#define TABLE_ENTRIES 512u
#define LARGE_MASK    ((UINT64_C(1) << 21) - 1)
#define HUGE_MASK     ((UINT64_C(1) << 30) - 1)

/* As pd_format lays out a domain: the root table, and struct pd behind it. */
static const struct {
    _Alignas(4096) uint64_t page[TABLE_ENTRIES];
    struct pd pd;
} nobody;
_Static_assert(sizeof(nobody.page) == PD_STRUCT_OFFSET, "struct pd stands behind the root table");

const struct pd *window_nobody(void)
{
    return &nobody.pd;
}

/* Read like a word of memory; written never, since it is no GRANT. */
static inline uint64_t *nothing(void)
{
    return (uint64_t *)(uintptr_t)nobody.page;
}

bool window_is_nothing(const uint64_t *word)
{
    return word == nobody.page;
}

static inline const uint64_t *root_of(const struct pd *pd)
{
    return (const uint64_t *)(const void *)((const char *)pd - PD_STRUCT_OFFSET);
}

static inline uint64_t entry_at(const uint64_t *table, uint64_t va, unsigned level)
{
    return vspace_load(&table[arch_pte_index(va, level)]);
}

static inline const uint64_t *below(uint64_t entry)
{
    const uint64_t *table = arch_dmap_ptr((struct paddr){arch_pte_base(entry)});

    return arch_pte_is_table(entry) ? table : nobody.page;
}

/* The entry if it is a large leaf, else 0. */
static inline uint64_t large_leaf(uint64_t entry, unsigned level)
{
    return arch_pte_is_present(entry) && arch_pte_is_leaf(entry, level) ? entry : 0;
}

/* Above level 1 an entry is a table, a leaf, or nothing; behind a leaf the walk meets zeros. */
uint64_t *window_word(const struct pd *pd, uint32_t index, uint64_t leaf_bits)
{
    const uint64_t offset = (uint64_t)(index & (R4_INDEX_WORD - 1u)) * sizeof(uint64_t);
    const uint64_t va = pd->window_base + offset;
    const uint64_t *table = offset < pd->window_bytes ? root_of(pd) : nobody.page;
    const uint64_t entry4 = entry_at(table, va, 4);
    const uint64_t entry3 = entry_at(below(entry4), va, 3);
    const uint64_t entry2 = entry_at(below(entry3), va, 2);
    const uint64_t entry1 = entry_at(below(entry2), va, 1);
    const uint64_t leaf3 = large_leaf(entry3, 3);
    const uint64_t leaf2 = large_leaf(entry2, 2);
    const uint64_t leaf = leaf3 | leaf2 | entry1;
    const uint64_t small = leaf2 != 0 ? LARGE_MASK : R4_PAGE_BYTES - 1u;
    const uint64_t mask = leaf3 != 0 ? HUGE_MASK : small;
    const uint64_t base = arch_pte_base(leaf) & ~mask;
    char *page = arch_dmap_ptr((struct paddr){base});
    const bool is_there = (leaf & leaf_bits) == leaf_bits;

    return is_there ? (uint64_t *)(void *)(page + (va & mask)) : nothing();
}
