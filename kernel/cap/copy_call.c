/* SPDX-License-Identifier: MIT */
/* Owns: the calls that make a child of a capability: copy, mint, derive. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/derive.h>
#include <kernel/untyped.h>

#define BADGE_SESSION (UINT64_C(1) << 63) /* badges that the kernel makes */

/* What the child keeps in `extra`: a badge; of an untyped, where its free memory begins. */
static uint64_t child_extra(const struct slot *source)
{
    const uint8_t type = slot_type(source);

    return type_has_badge(type) || type == R4_TYPE_UNTYPED ? source->extra : 0;
}

/*
 * Checks the source, then the destination. The children of an untyped may be objects that are being
 * destroyed.
 */
static enum r4_err plan_child(struct call *c, uint32_t table, uint32_t dest)
{
    struct cap_table *to;
    enum r4_err err;

    c->reap_first = false;
    err = call_may_derive(c, c->slot, 0);
    if (err != R4_OK) {
        return err;
    }
    if (slot_type(c->slot) == R4_TYPE_UNTYPED && derive_has_children(c->slot)) {
        return call_must_reap(c) ? R4_OK : call_fail(c, R4_E_BUSY, 0);
    }
    err = call_dest(c, table, 1, dest, 2, &to, &c->plan.make.dest);
    if (err != R4_OK) {
        return err;
    }
    c->plan.make.home = table_home(to);
    c->plan.make.meta = cap_child_meta(c->slot, c->rights);
    c->plan.make.extra = child_extra(c->slot);
    return R4_OK;
}

static void make_child(struct call *c)
{
    struct slot *source = c->slot;

    if (c->reap_first) {
        call_reap(c);
        return;
    }
    cap_make_child(source, c->plan.make.dest, c->plan.make.home, c->plan.make.meta,
                   c->plan.make.extra);
    if (slot_type(source) == R4_TYPE_UNTYPED) {
        source->extra = untyped_pack((struct untyped_state){
            .watermark_bytes = UINT64_C(1) << slot_size_bits(source),
        });
    }
}

enum r4_err decode_cap_copy(struct call *c, const struct args_cap_copy *a)
{
    return plan_child(c, a->table, a->dest);
}

void commit_cap_copy(struct call *c)
{
    make_child(c);
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
    if (err != R4_OK) {
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
    make_child(c);
}

enum r4_err decode_cap_derive(struct call *c, const struct args_cap_derive *a)
{
    enum r4_err err = plan_child(c, a->table, a->dest);

    if (err != R4_OK) {
        return err;
    }
    if ((a->rights & ~R4_RIGHTS_DEFINED) != 0) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    c->plan.make.meta = cap_child_meta(c->slot, c->rights & a->rights);
    return R4_OK;
}

void commit_cap_derive(struct call *c)
{
    make_child(c);
}
