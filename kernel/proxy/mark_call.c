/* SPDX-License-Identifier: MIT */
/*
 * Owns: the mark that says where GRANT words count: a software bit of the leaf entry of one mapping,
 * and a flag of its frame capability. Resolutions read the page table under the lock, so both take
 * effect at once on all cores.
 */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/vspace.h>

enum r4_err decode_frame_mark(struct call *c)
{
    const struct slot *s = c->slot;

    if (slot_has(s, SLOT_DEVICE | SLOT_SHARED)) {
        return call_fail(c, R4_E_TYPE, 0);
    }
    if (slot_has(s, SLOT_MARKED)) {
        return call_fail(c, R4_E_MARKED, 0);
    }
    c->plan.map.entry = vspace_entry_of(c->cluster, s);
    if (c->plan.map.entry == NULL) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (derive_has_relatives(s)) {
        return call_fail(c, R4_E_SHARED, 0);
    }
    return slot_has(s, SLOT_PARTS) ? call_fail(c, R4_E_BUSY, 0) : R4_OK;
}

void commit_frame_mark(struct call *c)
{
    arch_pte_or(c->plan.map.entry, ARCH_PTE_MARK);
    slot_set_flags(c->slot, SLOT_MARKED, 0);
}

enum r4_err decode_frame_unmark(struct call *c)
{
    if (!slot_has(c->slot, SLOT_MARKED)) {
        return call_fail(c, R4_E_STATE, 0);
    }
    c->plan.map.entry = vspace_entry_of(c->cluster, c->slot);
    return R4_OK;
}

/* The entry may have gone with its page table. */
void commit_frame_unmark(struct call *c)
{
    if (c->plan.map.entry != NULL) {
        arch_pte_and(c->plan.map.entry, ~ARCH_PTE_MARK);
        cluster_forget_chains(c->cluster);
    }
    slot_set_flags(c->slot, 0, SLOT_MARKED);
}
