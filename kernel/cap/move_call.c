/* SPDX-License-Identifier: MIT */
/* Owns: the calls that carry a capability to another slot. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/peer.h>

/* A capability that is frozen or being revoked stays so wherever it goes. */
static void move(struct call *c, struct slot *source)
{
    derive_walk_move(&c->cluster->freezing, source, c->plan.move.dest);
    cap_move(source, c->plan.move.dest, c->plan.move.home);
}

/* The words of the other side name a peer's end by its slot. */
static bool is_fixed(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_PEER && peer_is_bound(s);
}

enum r4_err decode_cap_move(struct call *c, const struct args_cap_move *a)
{
    struct cap_table *to;
    enum r4_err err;

    if (is_fixed(c->slot)) {
        return call_fail(c, R4_E_TYPE, 0);
    }
    err = call_dest(c, a->table, 1, a->dest, 2, &to, &c->plan.move.dest);
    if (err != R4_OK) {
        return err;
    }
    c->plan.move.home = table_home(to);
    return R4_OK;
}

void commit_cap_move(struct call *c)
{
    move(c, c->slot);
}

enum r4_err decode_cap_table_take(struct call *c, const struct args_cap_table_take *a)
{
    struct cap_table *to;
    struct slot *source;
    struct slot *dest;
    enum r4_err err;

    err = call_table_slot(c, a->source, 1, &source);
    if (err != R4_OK) {
        return err;
    }
    if (is_fixed(source)) {
        return call_fail(c, R4_E_TYPE, 1);
    }
    err = call_dest(c, 0, 2, a->dest, 2, &to, &dest);
    if (err != R4_OK) {
        return err;
    }
    c->plan.move.source = source;
    c->plan.move.dest = dest;
    c->plan.move.home = table_home(to);
    return R4_OK;
}

void commit_cap_table_take(struct call *c)
{
    move(c, c->plan.move.source);
}
