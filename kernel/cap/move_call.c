/* SPDX-License-Identifier: MIT */
/* Owns: the calls that carry a capability to another slot. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/peer.h>
#include <lib/hints.h>

/* A capability that is frozen or being revoked stays so wherever it goes, and carries what it carries. */
static void move(struct call *c, struct slot *source)
{
    if (UNLIKELY(c->cluster->freezing.top != NULL)) {
        derive_walk_move(&c->cluster->freezing, source, c->plan.move.to.slot);
    }
    if (UNLIKELY(slot_has(source, SLOT_PARTS))) {
        part_move_carrier(c->cluster, source, c->plan.move.to.slot);
    }
    cap_move(source, &c->plan.move.to);
}

/* The words of the other side name a peer's end by its slot. */
static bool is_fixed(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_PEER && peer_is_bound(s);
}

enum r4_err decode_cap_move(struct call *c, const struct args_cap_move *a)
{
    if (is_fixed(c->slot)) {
        return call_fail(c, R4_E_TYPE, 0);
    }
    return call_dest(c, a->table, 1, a->dest, 2, &c->plan.move.to);
}

void commit_cap_move(struct call *c)
{
    move(c, c->slot);
}

enum r4_err decode_cap_table_take(struct call *c, const struct args_cap_table_take *a)
{
    const enum r4_err err = call_table_slot(c, a->source, 1, &c->plan.move.source);

    if (err != R4_OK) {
        return err;
    }
    if (is_fixed(c->plan.move.source)) {
        return call_fail(c, R4_E_TYPE, 1);
    }
    return call_dest(c, 0, 2, a->dest, 2, &c->plan.move.to);
}

void commit_cap_table_take(struct call *c)
{
    move(c, c->plan.move.source);
}
