/* SPDX-License-Identifier: MIT */
/* Owns: the walk over everything that the kernel half of a page table shows, for the check that it is the cluster's own. */
#include <arch/impl/mmu.h>
#include <x86/boot.h>
#include <x86/layout.h>

#define ENTRIES    512u
#define KERNEL_TOP 256u /* first entry of the root's kernel half */

static bool is_channel(uint64_t va)
{
    return va - X86_CHANNEL_BASE < (uint64_t)X86_CHANNELS_MAX * R4_PAGE_BYTES;
}

static uint64_t canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16);
}

/*
 * Everything below one entry of the root, level by level without recursion: `at` holds where the walk is in each table.
 */
bool arch_boot_root_is_within(struct paddr root, bool (*is_owned)(const void *, struct paddr),
                              const void *context, uint64_t *offender)
{
    uint64_t *table[5];
    unsigned at[5] = {0, 0, 0, 0, KERNEL_TOP};
    unsigned level = 4;
    table[4] = arch_dmap_ptr(root);
    while (level <= 4) {
        if (at[level] == ENTRIES) {
            at[level] = 0;
            level++;
            continue;
        }
        uint64_t pte = table[level][at[level]];
        at[level]++;
        if (!arch_pte_is_present(pte) || (pte & X86_PTE_UNCACHED) != 0) {
            continue;
        }
        uint64_t va = 0;
        for (unsigned up = level; up <= 4; up++) {
            va |= (uint64_t)(at[up] - 1) << (3 + 9 * up);
        }
        *offender = canonical(va);
        if (!is_channel(*offender) && !is_owned(context, arch_pte_paddr(pte, level))) {
            return false;
        }
        if (!arch_pte_is_leaf(pte, level)) {
            level--;
            table[level] = arch_dmap_ptr(arch_pte_paddr(pte, level + 1));
        }
    }
    return true;
}
