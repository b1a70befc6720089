/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that install page tables and take them out.
 *
 * Invariants
 * (page table I1) A page table stands in at most one entry of one address space: only the sole
 *     capability for it can install it, and copies made afterwards are not mapped and cannot be.
 * (page table I2) It is empty when it is installed: entries from an earlier place never come to
 *     life again.
 */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/vspace.h>

enum r4_err decode_page_table_map(struct call *c, const struct args_page_table_map *a)
{
    struct vspace_place at;
    struct pd *pd;
    enum r4_err err = call_map_source(c, a->pd, &pd);

    if (err != R4_OK) {
        return err;
    }
    if (a->address >= R4_USER_TOP) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    at = vspace_walk(pd, a->address, 1);
    if (at.level == 1 || arch_pte_is_present(vspace_load(at.entry))) {
        return call_fail(c, R4_E_ADDRESS_TAKEN, 2);
    }
    c->plan.map.pd = pd;
    c->plan.map.entry = at.entry;
    c->plan.map.level = (uint8_t)(at.level - 1u);
    c->plan.map.address = a->address & ~((UINT64_C(1) << vspace_level_bits(at.level)) - 1u);
    return R4_OK;
}

void commit_page_table_map(struct call *c)
{
    struct slot *s = c->slot;
    const struct paddr table = {s->object};

    arch_zero(arch_dmap_ptr(table), R4_PAGE_BYTES);
    s->extra = vspace_mapping(c->plan.map.pd, c->plan.map.address);
    slot_set_flags(s, SLOT_MAPPED | (uint64_t)c->plan.map.level << SLOT_LEVEL_SHIFT, 0);
    vspace_store(c->plan.map.entry, arch_pte_table(table));
    call_result(c, 0, c->plan.map.level);
}

enum r4_err decode_page_table_unmap(struct call *c)
{
    return slot_has(c->slot, SLOT_MAPPED) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_page_table_unmap(struct call *c)
{
    vspace_unmap_slot(c->core, c->slot);
}
