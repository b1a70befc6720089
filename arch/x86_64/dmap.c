/* SPDX-License-Identifier: MIT */
/*
 * Owns: which granules the direct map of a cluster shows. Its tables exist for all of RAM from
 * boot on, so a granule comes or goes with one store; entries are not global.
 * Locking: the cluster's lock, or the boot core. Losing needs a flush by the caller.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <kernel/panic.h>
#include <r4/abi/limits.h>
#include <string.h>

#define GRANULE_LEVEL 2u
#define GRANULE_LEAF                                                                               \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_ACCESSED | X86_PTE_DIRTY | X86_PTE_LARGE |          \
     X86_PTE_NX)

/* The entry of the granule at `pa`, NULL if there is no table for it. */
static uint64_t *find_entry(struct paddr root, struct paddr pa)
{
    uint64_t va = X86_DMAP_BASE + pa.a;
    struct paddr table = root;
    if (pa.a >= ARCH_DMAP_BYTES) {
        return NULL;
    }
    for (unsigned level = 4; level > GRANULE_LEVEL; level--) {
        const uint64_t *entries = arch_dmap_ptr(table);
        uint64_t entry = entries[arch_pte_index(va, level)];
        if (!arch_pte_is_present(entry)) {
            return NULL;
        }
        table = arch_pte_paddr(entry, level);
    }
    return (uint64_t *)arch_dmap_ptr(table) + arch_pte_index(va, GRANULE_LEVEL);
}

static void set_run(struct paddr root, struct paddr base, uint64_t bytes, uint64_t flags)
{
    for (uint64_t done = 0; done < bytes; done += R4_GRANULE_BYTES) {
        struct paddr pa = {base.a + done};
        uint64_t *entry = find_entry(root, pa);
        R4_ASSERT(entry != NULL);
        __atomic_store_n(entry, flags == 0 ? 0 : pa.a | flags, __ATOMIC_RELAXED);
    }
}

void arch_dmap_gain(struct paddr root, struct paddr base, uint64_t bytes)
{
    set_run(root, base, bytes, GRANULE_LEAF);
}

void arch_dmap_lose(struct paddr root, struct paddr base, uint64_t bytes)
{
    set_run(root, base, bytes, 0);
}

bool arch_dmap_reaches(struct paddr root, struct paddr page)
{
    const uint64_t *entry = find_entry(root, page);
    return entry != NULL && arch_pte_is_present(*entry);
}

void arch_root_copy_kernel(void *root, const void *kernel_root)
{
    const size_t half = R4_PAGE_BYTES / 2;
    memcpy((uint8_t *)root + half, (const uint8_t *)kernel_root + half, half);
}
