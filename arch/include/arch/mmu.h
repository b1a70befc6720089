/* SPDX-License-Identifier: MIT */
/*
 * Contract: page-table entries (64 bit, 512 to a 4 KiB table, levels 4..1), translation caches, and the direct map.
 *
 * void *arch_dmap_ptr(struct paddr)           kernel pointer to physical memory that this cluster owns
 * struct paddr arch_dmap_paddr(const void *)  the way back
 *
 * unsigned arch_pte_index(uint64_t va, unsigned level)
 * bool arch_pte_is_present(uint64_t), arch_pte_is_leaf(uint64_t, unsigned level)
 * struct paddr arch_pte_paddr(uint64_t, unsigned level)
 * ARCH_PTE_KIND, ARCH_PTE_TABLE               of entries of levels 4 to 2: pte & KIND is TABLE if there is one
 * ARCH_PTE_LARGE                              a bit of them: a leaf, and not a table or nothing
 * uint64_t arch_select_if_table(uint64_t pte, uint64_t yes, uint64_t no)   one of these levels; a choice as in arch/select.h
 * uint64_t arch_dmap_address(uint64_t pa)     as arch_dmap_ptr, for any number: nothing is looked at
 * uint64_t arch_pte_base(uint64_t)            physical address in the entry; of a large leaf of device memory with other bits below its size
 * uint64_t arch_pte_leaf(struct paddr, unsigned level, uint16_t access (R4_RIGHT_READ|WRITE|EXEC), bool is_device)   a user leaf
 * uint64_t arch_pte_table(struct paddr)       a user non-leaf entry with all access
 * bool arch_pte_is_writable(uint64_t), arch_pte_is_executable(uint64_t), arch_pte_is_user(uint64_t)
 * ARCH_PTE_SEEN, ARCH_PTE_MARK, ARCH_PTE_OWN  software bits of leaves, set and cleared by arch_pte_or/arch_pte_and (atomic):
 *     the auditor met it; it may hold GRANT words; it is RAM of this cluster, which the direct map reaches
 *
 * void arch_mmu_load(struct core *, struct paddr root)   load an address space on this core
 * void arch_tlb_flush_page(struct core *, uint64_t va), arch_tlb_flush_all(struct core *)   this core only
 * void arch_root_copy_kernel(void *root, const void *kernel_root)   makes a zeroed root table carry the kernel's half
 * void arch_zero(void *, size_t bytes)        fast zeroing, multiple of 8
 */
#pragma once

#include <arch/impl/mmu.h>
