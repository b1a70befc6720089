/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that map and unmap a frame. One capability is at most one mapping, which its slot
 * remembers, so that the mapping goes when the capability goes.
 */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/vspace.h>

#define ACCESS_ALL (R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_EXEC)

static enum r4_err check_address(struct call *c, uint64_t address, uint64_t bytes)
{
    if (address == 0 || address >= R4_USER_TOP || bytes > R4_USER_TOP - address) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    if (address % bytes != 0) {
        return call_fail(c, R4_E_ALIGN, 2);
    }
    return R4_OK;
}

static enum r4_err find_entry(struct call *c, uint64_t address, uint8_t level)
{
    const struct vspace_place at = vspace_walk(c->plan.map.pd, address, level);

    if (arch_pte_is_present(vspace_load(at.entry))) {
        return call_fail(c, R4_E_ADDRESS_TAKEN, 2);
    }
    if (at.level != level) {
        c->has_value = true;
        call_result(c, 0, at.level - 1u);
        return call_fail(c, R4_E_NO_TABLE, 2);
    }
    c->plan.map.entry = at.entry;
    return R4_OK;
}

static enum r4_err check_access(struct call *c, uint16_t access)
{
    if ((access & R4_RIGHT_WRITE) != 0 && (access & R4_RIGHT_EXEC) != 0) {
        return call_fail(c, R4_E_WX, 3);
    }
    if ((access & ~ACCESS_ALL) != 0 || (access & R4_RIGHT_READ) == 0) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    if ((access & ~c->rights) != 0) {
        return call_fail(c, R4_E_RIGHTS, 3);
    }
    return R4_OK;
}

enum r4_err decode_frame_map(struct call *c, const struct args_frame_map *a)
{
    const uint8_t size_bits = slot_size_bits(c->slot);
    enum r4_err err = call_map_source(c, a->pd, &c->plan.map.pd);

    if (err == R4_OK) {
        err = check_address(c, a->address, UINT64_C(1) << size_bits);
    }
    if (err == R4_OK) {
        err = find_entry(c, a->address, vspace_frame_level(size_bits));
    }
    if (err == R4_OK) {
        err = check_access(c, a->access);
    }
    c->plan.map.address = a->address;
    c->plan.map.access = a->access;
    return err;
}

void commit_frame_map(struct call *c)
{
    struct slot *s = c->slot;
    const uint8_t level = vspace_frame_level(slot_size_bits(s));
    const uint64_t leaf = vspace_leaf(s, level, c->plan.map.access);

    s->extra = vspace_mapping(c->plan.map.pd, c->plan.map.address);
    slot_set_flags(s, SLOT_MAPPED, 0);
    vspace_store(c->plan.map.entry, leaf);
}

enum r4_err decode_frame_unmap(struct call *c)
{
    return slot_has(c->slot, SLOT_MAPPED) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_frame_unmap(struct call *c)
{
    vspace_unmap_slot(c->core, c->slot);
}
