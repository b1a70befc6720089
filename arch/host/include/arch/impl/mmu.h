/* SPDX-License-Identifier: MIT */
/*
 * Owns: the host's page-table entry. On purpose unlike that of x86_64: the page number stands at
 * the bottom, access is given by positive bits at the top, and a leaf says so at every level.
 *
 *   0..39 page number | 48 seen | 49 mark | 50 own | 56 device | 57 user | 58 executable | 59 writable | 60 readable |
 * 62 leaf | 63 present
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/rights.h>

struct core;

#define HOST_PTE_FRAME_MASK ((UINT64_C(1) << 40) - 1)
#define ARCH_PTE_SEEN       (UINT64_C(1) << 48)
#define ARCH_PTE_MARK       (UINT64_C(1) << 49)
#define ARCH_PTE_OWN        (UINT64_C(1) << 50)
#define HOST_PTE_DEVICE     (UINT64_C(1) << 56)
#define HOST_PTE_USER       (UINT64_C(1) << 57)
#define HOST_PTE_EXEC       (UINT64_C(1) << 58)
#define HOST_PTE_WRITE      (UINT64_C(1) << 59)
#define HOST_PTE_READ       (UINT64_C(1) << 60)
#define HOST_PTE_LEAF       (UINT64_C(1) << 62)
#define HOST_PTE_PRESENT    (UINT64_C(1) << 63)

void *arch_dmap_ptr(struct paddr pa);
uint64_t arch_dmap_address(uint64_t pa);
struct paddr arch_dmap_paddr(const void *ptr);

static inline unsigned arch_pte_index(uint64_t va, unsigned level)
{
    return (unsigned)(va >> (3u + 9u * level) & 511u);
}

static inline bool arch_pte_is_present(uint64_t pte)
{
    return (pte & HOST_PTE_PRESENT) != 0;
}

static inline bool arch_pte_is_leaf(uint64_t pte, unsigned level)
{
    (void)level;
    return (pte & HOST_PTE_LEAF) != 0;
}

static inline struct paddr arch_pte_paddr(uint64_t pte, unsigned level)
{
    (void)level;
    return (struct paddr){(pte & HOST_PTE_FRAME_MASK) << R4_PAGE_BITS};
}

/* What an entry above level 1 is: pte & ARCH_PTE_KIND. */
#define ARCH_PTE_KIND  (HOST_PTE_PRESENT | HOST_PTE_LEAF)
#define ARCH_PTE_TABLE HOST_PTE_PRESENT
#define ARCH_PTE_LARGE HOST_PTE_LEAF

static inline uint64_t arch_select_if_table(uint64_t pte, uint64_t yes, uint64_t no)
{
    return (pte & ARCH_PTE_KIND) == ARCH_PTE_TABLE ? yes : no;
}

static inline uint64_t arch_pte_base(uint64_t pte)
{
    return (pte & HOST_PTE_FRAME_MASK) << R4_PAGE_BITS;
}

uint64_t arch_pte_leaf(struct paddr pa, unsigned level, uint16_t access, bool is_device);
uint64_t arch_pte_table(struct paddr pa);

static inline bool arch_pte_is_writable(uint64_t pte)
{
    return (pte & HOST_PTE_WRITE) != 0;
}

static inline bool arch_pte_is_executable(uint64_t pte)
{
    return (pte & HOST_PTE_EXEC) != 0;
}

static inline bool arch_pte_is_user(uint64_t pte)
{
    return (pte & HOST_PTE_USER) != 0;
}

static inline void arch_pte_or(uint64_t *entry, uint64_t bits)
{
    __atomic_fetch_or(entry, bits, __ATOMIC_RELAXED);
}

static inline void arch_pte_and(uint64_t *entry, uint64_t bits)
{
    __atomic_fetch_and(entry, bits, __ATOMIC_RELAXED);
}

void arch_mmu_load(struct core *core, struct paddr root);
void arch_tlb_flush_page(struct core *core, uint64_t va);
void arch_tlb_flush_all(struct core *core);
void arch_root_copy_kernel(void *root, const void *kernel_root);
void arch_zero(void *ptr, size_t bytes);
