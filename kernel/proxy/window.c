/* SPDX-License-Identifier: MIT */
#include <kernel/window.h>

#include <arch/mmu.h>
#include <arch/select.h>
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

struct pd *window_nobody(void)
{
    return (struct pd *)(uintptr_t)&nobody.pd;
}

static inline uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

static inline uint64_t page_of(const uint64_t *word)
{
    return address_of(word) & ~(uint64_t)(R4_PAGE_BYTES - 1u);
}

bool window_is_nothing(const uint64_t *word)
{
    return page_of(word) == address_of(nobody.page);
}

uint64_t *window_unless(const uint64_t *known, uint64_t *word)
{
    const uint64_t nothing = address_of(nobody.page);

    return (uint64_t *)(uintptr_t)arch_select_if_equal(page_of(known), nothing, address_of(word),
                                                       nothing);
}

/* A page's tag: its number, and above it what its leaf allows. A marked page is also the cluster's own. */
#define TAG_OWN         (UINT64_C(1) << 32)
#define TAG_MARK        (UINT64_C(1) << 33)
#define TAG_NUMBER_MASK (TAG_OWN - 1u)

static inline uint64_t page_number(uint32_t index)
{
    return (index & (R4_INDEX_WORD - 1u)) * sizeof(uint64_t) >> R4_PAGE_BITS;
}

static inline uint64_t tag_bit(uint64_t leaf_bit)
{
    return leaf_bit == ARCH_PTE_MARK ? TAG_MARK : TAG_OWN;
}

uint64_t *window_known_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit)
{
    const uint64_t number = page_number(index);
    const uint64_t needed = tag_bit(leaf_bit);
    const struct window_page *page = &pd->window_page[number % WINDOW_PAGES_KEPT];
    const uint64_t differs = (page->tag ^ (number | needed)) & (TAG_NUMBER_MASK | needed);
    const uint64_t address =
        arch_select_if_equal(differs, 0, page->address, address_of(nobody.page));

    return (uint64_t *)(uintptr_t)(address + (index * sizeof(uint64_t) & (R4_PAGE_BYTES - 1u)));
}

void window_keep(struct pd *pd, uint32_t index, uint64_t leaf_bit, const uint64_t *word)
{
    const uint64_t number = page_number(index);

    pd->window_page[number % WINDOW_PAGES_KEPT] =
        (struct window_page){.tag = number | TAG_OWN | tag_bit(leaf_bit), .address = page_of(word)};
}

/* The entry for `va` in the table at this address. */
static inline uint64_t entry_at(uint64_t table, uint64_t va, unsigned level)
{
    const uint64_t *entries = (const uint64_t *)(uintptr_t)table;

    return vspace_load(&entries[arch_pte_index(va, level)]);
}

/* Address of the table below an entry. */
static inline uint64_t below(uint64_t entry)
{
    return arch_select_if_equal(entry & ARCH_PTE_KIND, ARCH_PTE_TABLE,
                                arch_dmap_address(arch_pte_base(entry)), address_of(nobody.page));
}

/* The entry if it is a large leaf, else 0. */
static inline uint64_t large_leaf(uint64_t entry)
{
    return arch_select_if_equal(entry & ARCH_PTE_KIND, ARCH_PTE_LEAF, entry, 0);
}

/* Above level 1 an entry is a table, a leaf, or nothing; behind a leaf the walk meets zeros. */
uint64_t *window_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit)
{
    const uint64_t nothing = address_of(nobody.page);
    const uint64_t offset = (uint64_t)(index & (R4_INDEX_WORD - 1u)) * sizeof(uint64_t);
    const uint64_t va = pd->window_base + offset;
    const uint64_t root =
        arch_select_if_below(offset, pd->window_bytes, address_of(pd) - PD_STRUCT_OFFSET, nothing);
    const uint64_t entry4 = entry_at(root, va, 4);
    const uint64_t entry3 = entry_at(below(entry4), va, 3);
    const uint64_t entry2 = entry_at(below(entry3), va, 2);
    const uint64_t entry1 = entry_at(below(entry2), va, 1);
    const uint64_t leaf3 = large_leaf(entry3);
    const uint64_t leaf2 = large_leaf(entry2);
    const uint64_t leaf = leaf3 | leaf2 | entry1;
    const uint64_t up_to_large = arch_select_if_equal(leaf2, 0, R4_PAGE_BYTES - 1u, LARGE_MASK);
    const uint64_t mask = arch_select_if_equal(leaf3, 0, up_to_large, HUGE_MASK);
    const uint64_t page = arch_dmap_address(arch_pte_base(leaf) & ~mask);
    const uint64_t word = arch_select_if_any(leaf, leaf_bit, page + (va & mask), nothing);

    return (uint64_t *)(uintptr_t)word;
}

bool window_is_kept_rightly(const struct pd *pd, unsigned i)
{
    const struct window_page *page = &pd->window_page[i];
    const uint32_t index =
        (uint32_t)((page->tag & TAG_NUMBER_MASK) * R4_PAGE_BYTES / sizeof(uint64_t));
    const uint64_t bit = (page->tag & TAG_MARK) != 0 ? ARCH_PTE_MARK : ARCH_PTE_OWN;

    return page->tag == 0 || address_of(window_word(pd, index, bit)) == page->address;
}
