/* SPDX-License-Identifier: MIT */
/*
 * Owns: the format of page-table entries, and the direct map's address arithmetic. Entries are
 * made with their accessed and dirty bits set: the processor never writes to a page table.
 */
#pragma once

#include <arch/impl/offsets.h>
#include <kernel/types.h>
#include <r4/abi/rights.h>

struct core;

#define X86_PTE_PRESENT  (UINT64_C(1) << 0)
#define X86_PTE_WRITE    (UINT64_C(1) << 1)
#define X86_PTE_USER     (UINT64_C(1) << 2)
#define X86_PTE_UNCACHED (UINT64_C(3) << 3) /* PWT and PCD */
#define X86_PTE_ACCESSED (UINT64_C(1) << 5)
#define X86_PTE_DIRTY    (UINT64_C(1) << 6)
#define X86_PTE_LARGE    (UINT64_C(1) << 7)
#define X86_PTE_GLOBAL   (UINT64_C(1) << 8)
#define X86_PTE_NX       (UINT64_C(1) << 63)
#define X86_PTE_PADDR    UINT64_C(0x000ffffffffff000)

/* Software bits. */
#define ARCH_PTE_SEEN (UINT64_C(1) << 9)  /* the auditor met the entry */
#define ARCH_PTE_MARK (UINT64_C(1) << 10) /* the page may hold GRANT words */
#define ARCH_PTE_OWN                                                                               \
    (UINT64_C(1) << 11) /* the page is RAM of this cluster: the direct map has it */

#define X86_TABLE_ENTRIES 512u
#define ARCH_DMAP_BYTES   (UINT64_C(1) << 39) /* physical memory that the direct map can show */

static inline void *arch_dmap_ptr(struct paddr pa)
{
    return (void *)(uintptr_t)(X86_DMAP_BASE + pa.a);
}

static inline uint64_t arch_dmap_address(uint64_t pa)
{
    return X86_DMAP_BASE + pa;
}

static inline struct paddr arch_dmap_paddr(const void *pointer)
{
    return (struct paddr){(uint64_t)(uintptr_t)pointer - X86_DMAP_BASE};
}

static inline unsigned arch_pte_index(uint64_t va, unsigned level)
{
    return (unsigned)(va >> (3u + 9u * level) & (X86_TABLE_ENTRIES - 1));
}

static inline bool arch_pte_is_present(uint64_t pte)
{
    return (pte & X86_PTE_PRESENT) != 0;
}

static inline bool arch_pte_is_leaf(uint64_t pte, unsigned level)
{
    return level == 1 || (pte & X86_PTE_LARGE) != 0;
}

static inline struct paddr arch_pte_paddr(uint64_t pte, unsigned level)
{
    uint64_t mask = X86_PTE_PADDR;
    if (level > 1 && (pte & X86_PTE_LARGE) != 0) {
        mask &= ~((UINT64_C(1) << (3u + 9u * level)) - 1);
    }
    return (struct paddr){pte & mask};
}

/* What an entry above level 1 is: pte & ARCH_PTE_KIND. */
#define ARCH_PTE_KIND  (X86_PTE_PRESENT | X86_PTE_LARGE)
#define ARCH_PTE_TABLE X86_PTE_PRESENT
#define ARCH_PTE_LARGE X86_PTE_LARGE

/* One of the two bits and not both: of an absent entry, which is 0, neither, of a leaf both are set. */
static inline uint64_t arch_select_if_table(uint64_t pte, uint64_t yes, uint64_t no)
{
    __asm__("testb %2, %b1\n\tcmovnpq %3, %0"
            : "+&r"(no)
            : "r"(pte), "i"(ARCH_PTE_KIND), "r"(yes)
            : "cc");
    return no;
}

static inline uint64_t arch_pte_base(uint64_t pte)
{
    return pte & X86_PTE_PADDR;
}

static inline uint64_t arch_pte_leaf(struct paddr pa, unsigned level, uint16_t access,
                                     bool is_device)
{
    uint64_t pte = pa.a | X86_PTE_PRESENT | X86_PTE_USER | X86_PTE_ACCESSED | X86_PTE_DIRTY;
    pte |= level > 1 ? X86_PTE_LARGE : 0;
    pte |= (access & R4_RIGHT_WRITE) != 0 ? X86_PTE_WRITE : 0;
    pte |= (access & R4_RIGHT_EXEC) != 0 ? 0 : X86_PTE_NX;
    return pte | (is_device ? X86_PTE_UNCACHED : 0);
}

static inline uint64_t arch_pte_table(struct paddr pa)
{
    return pa.a | X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_USER | X86_PTE_ACCESSED;
}

static inline bool arch_pte_is_writable(uint64_t pte)
{
    return (pte & X86_PTE_WRITE) != 0;
}

static inline bool arch_pte_is_executable(uint64_t pte)
{
    return (pte & X86_PTE_NX) == 0;
}

static inline bool arch_pte_is_user(uint64_t pte)
{
    return (pte & X86_PTE_USER) != 0;
}

static inline void arch_pte_or(uint64_t *entry, uint64_t bits)
{
    __atomic_fetch_or(entry, bits, __ATOMIC_RELAXED);
}

static inline void arch_pte_and(uint64_t *entry, uint64_t bits)
{
    __atomic_fetch_and(entry, bits, __ATOMIC_RELAXED);
}

static inline void arch_mmu_load(struct core *core, struct paddr root)
{
    (void)core;
    __asm__ volatile("movq %0, %%cr3" : : "r"(root.a) : "memory");
}

static inline void arch_tlb_flush_page(struct core *core, uint64_t va)
{
    (void)core;
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void arch_tlb_flush_all(struct core *core)
{
    uint64_t root;
    (void)core;
    __asm__ volatile("movq %%cr3, %0\n\tmovq %0, %%cr3" : "=&r"(root) : : "memory");
}

static inline void arch_zero(void *memory, size_t bytes)
{
    size_t words = bytes / sizeof(uint64_t);
    __asm__ volatile("rep stosq" : "+D"(memory), "+c"(words) : "a"(UINT64_C(0)) : "memory");
}

void arch_root_copy_kernel(void *root, const void *kernel_root);
