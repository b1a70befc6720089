/* SPDX-License-Identifier: MIT */
/* Owns: the entries of mapped views, a run of them at a time. */
#include <kernel/view.h>

#include <arch/mmu.h>
#include <kernel/mapping.h>
#include <kernel/shootdown.h>
#include <kernel/vspace.h>
#include <r4/abi/rights.h>

struct paddr view_memory(struct cap_table *t)
{
    return arch_dmap_paddr(table_block(t));
}

bool view_is_entry(uint64_t entry, struct paddr page)
{
    return arch_pte_is_present(entry) && arch_pte_is_leaf(entry, 1) &&
           arch_pte_paddr(entry, 1).a == page.a;
}

void view_map(struct pd *pd, uint64_t va, struct cap_table *t)
{
    struct paddr page = view_memory(t);
    uint32_t left = view_pages(t);

    while (left > 0) {
        const struct vspace_run run = vspace_run(pd, va, left);

        for (uint32_t i = 0; i < run.pages; i++) {
            vspace_store(&run.at.entry[i], arch_pte_leaf(page, 1, R4_RIGHT_READ, false));
            page.a += R4_PAGE_BYTES;
        }
        va += run.pages * R4_PAGE_BYTES;
        left -= run.pages;
    }
}

/* How many of the run's entries were still those of the views that begin at `page`. */
static uint32_t clear_run(const struct vspace_run *run, struct paddr page)
{
    uint32_t cleared = 0;

    for (uint32_t i = 0; i < run->pages; i++) {
        if (view_is_entry(vspace_load(&run->at.entry[i]), page)) {
            vspace_store(&run->at.entry[i], 0);
            cleared++;
        }
        page.a += R4_PAGE_BYTES;
    }
    return cleared;
}

void view_unmap(struct core *core, struct pd *pd, const struct slot *s)
{
    const uint64_t start = mapping_address(s->extra);
    struct paddr page = view_memory(table_of(s));
    uint32_t left = view_pages(table_of(s));
    uint32_t cleared = 0;
    uint64_t va = start;

    while (left > 0) {
        const struct vspace_run run = vspace_run(pd, va, left);

        if (run.at.level == 1) {
            cleared += clear_run(&run, page);
        }
        page.a += run.pages * R4_PAGE_BYTES;
        va += run.pages * R4_PAGE_BYTES;
        left -= run.pages;
    }
    if (cleared == 1 && view_pages(table_of(s)) == 1) {
        shootdown_page(core, pd, start);
    } else if (cleared != 0) {
        shootdown_all(core, pd);
    }
}
