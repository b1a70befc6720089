/* SPDX-License-Identifier: MIT */
/*
 * Owns: the contract arch/mmu.h on the host, and translation as a core's hardware does it.
 * A TLB entry outlives the page-table entry it was made from until the kernel flushes it: that is
 * what makes a forgotten shootdown visible.
 */
#include <arch/mmu.h>
#include <host/machine.h>

#include <string.h>

#include <r4/abi/limits.h>

#define KERNEL_HALF 256u /* first entry of a root table that belongs to the kernel */

void *arch_dmap_ptr(struct paddr pa)
{
    if (pa.a >= host.arena_bytes) {
        host_fail("the direct map does not reach this address");
    }
    return host.arena + pa.a;
}

uint64_t arch_dmap_address(uint64_t pa)
{
    return (uint64_t)(uintptr_t)host.arena + pa;
}

struct paddr arch_dmap_paddr(const void *ptr)
{
    const uint64_t offset = (uint64_t)(uintptr_t)ptr - (uint64_t)(uintptr_t)host.arena;

    if (offset >= host.arena_bytes) {
        host_fail("this pointer is not one of the direct map");
    }
    return (struct paddr){offset};
}

uint64_t arch_pte_leaf(struct paddr pa, unsigned level, uint16_t access, bool is_device)
{
    const uint64_t page = UINT64_C(1) << (R4_PAGE_BITS + 9u * (level - 1u));
    uint64_t pte = HOST_PTE_PRESENT | HOST_PTE_LEAF | HOST_PTE_USER | pa.a >> R4_PAGE_BITS;

    if (pa.a % page != 0) {
        host_fail("a leaf that is not aligned to its size");
    }
    pte |= (access & R4_RIGHT_READ) != 0 ? HOST_PTE_READ : 0;
    pte |= (access & R4_RIGHT_WRITE) != 0 ? HOST_PTE_WRITE : 0;
    pte |= (access & R4_RIGHT_EXEC) != 0 ? HOST_PTE_EXEC : 0;
    pte |= is_device ? HOST_PTE_DEVICE : 0;
    return pte;
}

uint64_t arch_pte_table(struct paddr pa)
{
    return HOST_PTE_PRESENT | HOST_PTE_USER | HOST_PTE_READ | HOST_PTE_WRITE | HOST_PTE_EXEC |
           pa.a >> R4_PAGE_BITS;
}

void arch_root_copy_kernel(void *root, const void *kernel_root)
{
    const size_t offset = KERNEL_HALF * sizeof(uint64_t);

    memcpy((char *)root + offset, (const char *)kernel_root + offset, offset);
}

void arch_zero(void *ptr, size_t bytes)
{
    memset(ptr, 0, bytes);
}

static uint64_t page_bytes(unsigned level)
{
    return UINT64_C(1) << (R4_PAGE_BITS + 9u * (level - 1u));
}

bool host_walk(struct paddr root, uint64_t va, struct host_tlb_entry *out)
{
    const uint64_t *table = arch_dmap_ptr(root);

    for (unsigned level = 4; level >= 1; level--) {
        const uint64_t pte = table[arch_pte_index(va, level)];

        if (!arch_pte_is_present(pte)) {
            return false;
        }
        if (arch_pte_is_leaf(pte, level)) {
            *out = (struct host_tlb_entry){
                .va = va & ~(page_bytes(level) - 1u),
                .pte = pte & ~ARCH_PTE_SEEN,
                .level = (uint8_t)level,
            };
            return true;
        }
        table = arch_dmap_ptr(arch_pte_paddr(pte, level));
    }
    return false;
}

static bool grants(uint64_t pte, uint16_t access)
{
    const uint64_t needed = ((access & R4_RIGHT_READ) != 0 ? HOST_PTE_READ : 0) |
                            ((access & R4_RIGHT_WRITE) != 0 ? HOST_PTE_WRITE : 0) |
                            ((access & R4_RIGHT_EXEC) != 0 ? HOST_PTE_EXEC : 0);

    return arch_pte_is_user(pte) && (pte & needed) == needed;
}

static bool covers(const struct host_tlb_entry *entry, uint64_t va)
{
    return entry->level != 0 && va - entry->va < page_bytes(entry->level);
}

static struct host_tlb_entry *tlb_find(struct arch_core *arch, uint64_t va)
{
    for (unsigned i = 0; i < HOST_TLB_ENTRIES; i++) {
        if (covers(&arch->tlb[i], va)) {
            return &arch->tlb[i];
        }
    }
    return NULL;
}

bool host_translate(struct core *core, uint64_t va, uint16_t access, struct paddr *out)
{
    struct arch_core *arch = &core->arch;
    struct host_tlb_entry *entry = tlb_find(arch, va);

    if (entry == NULL || !grants(entry->pte, access)) {
        struct host_tlb_entry fresh;

        if (arch->root == 0 || !host_walk((struct paddr){arch->root}, va, &fresh) ||
            !grants(fresh.pte, access)) {
            return false;
        }
        if (entry == NULL) {
            entry = &arch->tlb[arch->tlb_next++ % HOST_TLB_ENTRIES];
        }
        *entry = fresh;
    }
    *out = (struct paddr){arch_pte_paddr(entry->pte, entry->level).a + (va - entry->va)};
    return true;
}

/* Software bits are not the hardware's business. */
static bool is_same_translation(uint64_t a, uint64_t b)
{
    const uint64_t software = ARCH_PTE_SEEN | ARCH_PTE_MARK | ARCH_PTE_OWN;

    return ((a ^ b) & ~software) == 0;
}

uint32_t host_stale_translations(const struct core *core)
{
    uint32_t stale = 0;

    for (unsigned i = 0; i < HOST_TLB_ENTRIES; i++) {
        const struct host_tlb_entry *entry = &core->arch.tlb[i];
        struct host_tlb_entry now;

        if (entry->level != 0 &&
            (!host_walk((struct paddr){core->arch.root}, entry->va, &now) ||
             !is_same_translation(now.pte, entry->pte) || now.level != entry->level)) {
            stale++;
        }
    }
    return stale;
}

void arch_mmu_load(struct core *core, struct paddr root)
{
    host_record(HOST_EVENT_MMU_LOAD, root.a, 0);
    core->arch.root = root.a;
    memset(core->arch.tlb, 0, sizeof(core->arch.tlb));
}

void arch_tlb_flush_page(struct core *core, uint64_t va)
{
    struct host_tlb_entry *entry = tlb_find(&core->arch, va);

    host_record(HOST_EVENT_FLUSH_PAGE, va, 0);
    if (entry != NULL) {
        entry->level = 0;
    }
}

void arch_tlb_flush_all(struct core *core)
{
    host_record(HOST_EVENT_FLUSH_ALL, 0, 0);
    memset(core->arch.tlb, 0, sizeof(core->arch.tlb));
}
