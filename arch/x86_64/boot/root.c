/* SPDX-License-Identifier: MIT */
/*
 * Owns: the kernel's own page table of a cluster, built out of the cluster's memory: its copy of
 * text and read-only data, device registers, channel pages, and the direct map's tables.
 * Invariant: no entry is writable and executable; everything but the direct map is global.
 */
#include <arch/impl/mmu.h>
#include <r4/abi/limits.h>
#include <string.h>
#include <x86/boot.h>
#include <x86/layout.h>

#define KERNEL_TABLE (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_ACCESSED)
#define KERNEL_LEAF  (X86_PTE_PRESENT | X86_PTE_ACCESSED | X86_PTE_DIRTY | X86_PTE_GLOBAL)
#define KERNEL_DATA  (KERNEL_LEAF | X86_PTE_WRITE | X86_PTE_NX)

struct paddr x86_boot_take(struct boot_pages *pages, uint64_t bytes)
{
    struct paddr pa = {boot_pages_take(pages, bytes, R4_PAGE_BYTES)};
    if (pa.a == 0) {
        arch_boot_fail("a cluster has too little memory for its page tables", "boot pages");
    }
    return pa;
}

/* The entry for `va` at `level`, with the tables above it. */
static uint64_t *make_entry(struct paddr root, struct boot_pages *pages, uint64_t va,
                            unsigned level)
{
    struct paddr table = root;
    for (unsigned at = 4; at > level; at--) {
        uint64_t *entry = (uint64_t *)arch_dmap_ptr(table) + arch_pte_index(va, at);
        if (!arch_pte_is_present(*entry)) {
            *entry = x86_boot_take(pages, R4_PAGE_BYTES).a | KERNEL_TABLE;
        }
        table = arch_pte_paddr(*entry, at);
    }
    return (uint64_t *)arch_dmap_ptr(table) + arch_pte_index(va, level);
}

void x86_boot_map(struct paddr root, struct boot_pages *pages, uint64_t va, struct paddr pa,
                  uint64_t flags)
{
    *make_entry(root, pages, va, 1) = pa.a | flags;
}

/* Maps a copy of [start, end) of the image at its link address. */
static void map_copy(struct paddr root, struct boot_pages *pages, const uint8_t *start,
                     const uint8_t *end, uint64_t flags)
{
    uint64_t bytes = (uint64_t)(uintptr_t)end - (uint64_t)(uintptr_t)start;
    struct paddr copy = x86_boot_take(pages, bytes);
    memcpy(arch_dmap_ptr(copy), arch_dmap_ptr(x86_image_paddr(start)), bytes);
    for (uint64_t at = 0; at < bytes; at += R4_PAGE_BYTES) {
        x86_boot_map(root, pages, (uint64_t)(uintptr_t)start + at, (struct paddr){copy.a + at},
                     flags);
    }
}

static void map_apic(struct paddr root, struct boot_pages *pages)
{
    if (!x86_boot_apic()->is_x2apic) {
        x86_boot_map(root, pages, X86_APIC_VA, x86_boot_apic()->base,
                     KERNEL_DATA | X86_PTE_UNCACHED);
    }
}

struct paddr arch_boot_build_root(struct boot_pages *pages, uint64_t ram_top)
{
    struct paddr root = x86_boot_take(pages, R4_PAGE_BYTES);
    if (ram_top > ARCH_DMAP_BYTES) {
        arch_boot_fail("there is memory above the direct map's 512 GiB", "direct map");
    }
    map_copy(root, pages, x86_text_start, x86_text_end, KERNEL_LEAF);
    map_copy(root, pages, x86_rodata_start, x86_rodata_end, KERNEL_LEAF | X86_PTE_NX);
    map_apic(root, pages);
    for (uint64_t pa = 0; pa < ram_top; pa += R4_GRANULE_BYTES * X86_TABLE_ENTRIES) {
        make_entry(root, pages, X86_DMAP_BASE + pa, 2);
    }
    return root;
}

void *arch_boot_map_channel_page(struct paddr root, struct boot_pages *pages, uint32_t number,
                                 struct paddr page)
{
    uint64_t va = X86_CHANNEL_BASE + number * R4_PAGE_BYTES;
    if (number >= X86_CHANNELS_MAX) {
        arch_boot_fail("there are too many channel pages", "page table");
    }
    x86_boot_map(root, pages, va, page, KERNEL_DATA);
    return (void *)(uintptr_t)va;
}
