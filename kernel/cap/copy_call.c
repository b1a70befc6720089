/* SPDX-License-Identifier: MIT */
/* Owns: the calls that make a child of a capability: copy, mint, derive. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/derive.h>
#include <kernel/untyped.h>
#include <lib/hints.h>

#define BADGE_SESSION (UINT64_C(1) << 63) /* badges that the kernel makes */

/* The caller's own, and nothing to say about it, nor about what is made of it. */
static inline bool is_plain_source(const struct call *c)
{
    const struct slot *s = c->slot;

    return !c->is_chain && slot_ttl(s) != 0 &&
           !slot_has(s, SLOT_MARKED | SLOT_FROZEN | SLOT_REVOKING) &&
           slot_type(s) != R4_TYPE_UNTYPED && c->cluster->freezing.top == NULL;
}

/* As plan_child, for what takes more than a glance. */
static NOINLINE enum r4_err plan_any_child(struct call *c, uint32_t table, uint32_t dest)
{
    const struct cap_ref *source = call_invoked(c);
    enum r4_err err = call_may_derive(c, source, 0);

    if (err == R4_OK) {
        err = call_untyped_is_free(c, c->slot);
    }
    if (err != R4_OK || c->reap_first) {
        return err;
    }
    c->plan.make.meta = cap_child_meta(source, R4_RIGHTS_DEFINED);
    c->plan.make.extra = cap_child_extra(source);
    return call_dest(c, table, 1, dest, 2, &c->plan.make.to);
}

/*
 * Checks the source, then the destination. The children of an untyped may be objects that are being
 * destroyed.
 */
static enum r4_err plan_child(struct call *c, uint32_t table, uint32_t dest)
{
    c->reap_first = false;
    if (UNLIKELY(!is_plain_source(c))) {
        return plan_any_child(c, table, dest);
    }
    c->plan.make.meta = cap_own_child_meta(c->slot);
    c->plan.make.extra = cap_own_child_extra(c->slot);
    return call_dest(c, table, 1, dest, 2, &c->plan.make.to);
}

void call_make_child(struct call *c)
{
    struct slot *source = c->slot;

    if (c->reap_first) {
        call_reap(c);
        return;
    }
    if (UNLIKELY(slot_type(source) == R4_TYPE_UNTYPED)) {
        source->extra = untyped_pack((struct untyped_state){
            .watermark_bytes = UINT64_C(1) << slot_size_bits(source),
        });
    }
    cap_make_child(source, &c->plan.make.to, c->plan.make.meta, c->plan.make.extra);
}

enum r4_err decode_cap_copy(struct call *c, const struct args_cap_copy *a)
{
    return plan_child(c, a->table, a->dest);
}

void commit_cap_copy(struct call *c)
{
    call_make_child(c);
}

enum r4_err decode_cap_mint(struct call *c, const struct args_cap_mint *a)
{
    enum r4_err err;

    if (!type_takes_badge(slot_type(c->slot))) {
        return call_fail(c, R4_E_TYPE, 0);
    }
    if (c->slot->extra != 0) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err = plan_child(c, a->table, a->dest);
    if (err != R4_OK || c->reap_first) {
        return err;
    }
    if (a->badge == 0 || (a->badge & BADGE_SESSION) != 0) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    c->plan.make.extra = a->badge;
    return R4_OK;
}

void commit_cap_mint(struct call *c)
{
    call_make_child(c);
}

enum r4_err decode_cap_derive(struct call *c, const struct args_cap_derive *a)
{
    const enum r4_err err = plan_child(c, a->table, a->dest);

    if (err != R4_OK || c->reap_first) {
        return err;
    }
    if ((a->rights & ~R4_RIGHTS_DEFINED) != 0) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    c->plan.make.meta &= ~((uint64_t)R4_RIGHTS_DEFINED << SLOT_RIGHTS_SHIFT) |
                         (uint64_t)a->rights << SLOT_RIGHTS_SHIFT;
    return R4_OK;
}

void commit_cap_derive(struct call *c)
{
    call_make_child(c);
}
