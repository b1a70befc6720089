/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that map and unmap a frame. One capability is at most one mapping, which its slot
 * remembers, so that the mapping goes when the capability goes.
 */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/vspace.h>
#include <lib/hints.h>

#define ACCESS_ALL (R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_EXEC)

/* Of a whole page, not 0. */
static inline bool is_page_address(uint64_t address)
{
    return address - 1u < R4_USER_TOP - R4_PAGE_BYTES && address % R4_PAGE_BYTES == 0;
}

/* Readable, and nothing besides or one of the others; within the rights. */
static inline bool is_access(const struct call *c, uint16_t access)
{
    const unsigned kinds = 1u << R4_RIGHT_READ | 1u << (R4_RIGHT_READ | R4_RIGHT_WRITE) |
                           1u << (R4_RIGHT_READ | R4_RIGHT_EXEC);

    return access <= ACCESS_ALL && (kinds >> access & 1u) != 0 && (access & ~c->rights) == 0;
}

/* The entry of a page into which it can be mapped without a word; NULL if there is one to be said. */
static inline uint64_t *map_glance(const struct call *c, const struct pd *pd,
                                   const struct args_frame_map *a)
{
    uint64_t *entry;

    if (UNLIKELY(pd == NULL || !vspace_is_page(c->slot) || !is_page_address(a->address) ||
                 !is_access(c, a->access))) {
        return NULL;
    }
    entry = vspace_page(pd, a->address);
    return LIKELY(entry != NULL) && !arch_pte_is_present(vspace_load(entry)) ? entry : NULL;
}

static enum r4_err check_address(struct call *c, uint64_t address, uint64_t bytes)
{
    /* Not 0, and no part above the top. */
    if (address - 1u >= R4_USER_TOP - bytes) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    if ((address & (bytes - 1u)) != 0) {
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
    return (access & ~c->rights) == 0 ? R4_OK : call_has_rights(c, call_invoked(c), access, 3);
}

/* Says what there is to be said, and maps what is no page or what another's PD is for. */
static NOINLINE enum r4_err map_exactly(struct call *c, uint32_t pd, uint64_t address,
                                        uint16_t access)
{
    const uint8_t size_bits = slot_size_bits(c->slot);
    enum r4_err err = call_map_source(c, pd, &c->plan.map.pd);

    if (err == R4_OK) {
        err = check_address(c, address, UINT64_C(1) << size_bits);
    }
    if (err == R4_OK) {
        err = find_entry(c, address, vspace_frame_level(size_bits));
    }
    return err == R4_OK ? check_access(c, access) : err;
}

enum r4_err decode_frame_map(struct call *c, const struct args_frame_map *a)
{
    struct pd *pd = call_map_glance(c, a->pd);

    c->plan.map.address = a->address;
    c->plan.map.access = a->access;
    c->plan.map.pd = pd;
    c->plan.map.entry = map_glance(c, pd, a);
    return LIKELY(c->plan.map.entry != NULL) ? R4_OK : map_exactly(c, a->pd, a->address, a->access);
}

void commit_frame_map(struct call *c)
{
    struct slot *s = c->slot;
    s->extra = vspace_mapping(c->plan.map.pd, c->plan.map.address);
    slot_set_flags(s, SLOT_MAPPED, 0);
    vspace_store(c->plan.map.entry,
                 vspace_leaf(s, vspace_frame_level(slot_size_bits(s)), c->plan.map.access));
}

enum r4_err decode_frame_unmap(struct call *c)
{
    return slot_has(c->slot, SLOT_MAPPED) ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_frame_unmap(struct call *c)
{
    vspace_unmap_slot(c->core, c->slot);
}
