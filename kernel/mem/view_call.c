/* SPDX-License-Identifier: MIT */
/* Owns: the calls that show a table's readable views to an address space, and hide them again. */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/view.h>
#include <kernel/vspace.h>

static enum r4_err check_address(struct call *c, uint64_t address, uint32_t pages)
{
    const uint64_t bytes = pages * R4_PAGE_BYTES;

    if (pages > R4_VIEW_PAGES_MAX) {
        return call_fail(c, R4_E_RANGE, 0);
    }
    if (address == 0 || address >= R4_USER_TOP || bytes > R4_USER_TOP - address) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    if (address % R4_PAGE_BYTES != 0) {
        return call_fail(c, R4_E_ALIGN, 2);
    }
    return R4_OK;
}

static enum r4_err no_table(struct call *c, uint8_t level)
{
    c->has_value = true;
    call_result(c, 0, level);
    return call_fail(c, R4_E_NO_TABLE, 2);
}

/* Whether something is mapped in the run: a large frame, or one of its pages. */
static bool is_taken(const struct vspace_run *run)
{
    const uint32_t entries = run->at.level == 1 ? run->pages : 1;
    uint64_t any = 0;

    for (uint32_t i = 0; i < entries; i++) {
        any |= arch_pte_is_present(vspace_load(&run->at.entry[i]));
    }
    return any != 0;
}

/* A missing table is an error before a page that is taken, wherever in the range they are. */
static enum r4_err check_entries(struct call *c, uint64_t address, uint32_t pages)
{
    bool any_taken = false;

    for (uint32_t i = 0; i < pages;) {
        const struct vspace_run run =
            vspace_run(c->plan.map.pd, address + i * R4_PAGE_BYTES, pages - i);
        const bool run_taken = is_taken(&run);

        if (run.at.level != 1 && !run_taken) {
            return no_table(c, (uint8_t)(run.at.level - 1u));
        }
        any_taken |= run_taken;
        i += run.pages;
    }
    return any_taken ? call_fail(c, R4_E_ADDRESS_TAKEN, 2) : R4_OK;
}

enum r4_err decode_cap_table_map_view(struct call *c, const struct args_cap_table_map_view *a)
{
    const uint32_t pages = view_pages(call_invoked_table(c));
    enum r4_err err = call_map_source(c, a->pd, &c->plan.map.pd);

    if (err == R4_OK) {
        err = check_address(c, a->address, pages);
    }
    if (err == R4_OK) {
        err = check_entries(c, a->address, pages);
    }
    c->plan.map.address = a->address;
    return err;
}

void commit_cap_table_map_view(struct call *c)
{
    struct pd *pd = c->plan.map.pd;

    c->slot->extra = vspace_mapping(pd, c->plan.map.address);
    slot_set_flags(c->slot, SLOT_MAPPED, 0);
    view_map(pd, c->plan.map.address, call_invoked_table(c));
}

enum r4_err decode_cap_table_unmap_view(struct call *c)
{
    return slot_has(c->slot, SLOT_MAPPED) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_cap_table_unmap_view(struct call *c)
{
    vspace_unmap_slot(c->core, c->slot);
}
