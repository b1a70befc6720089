/* SPDX-License-Identifier: MIT */
/* Owns: the call that pairs two protection domains. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/peer.h>

/* One side: the domain, argument `detail`, and the empty slot of its table, the argument after it. */
static enum r4_err find_side(struct call *c, uint32_t index, uint32_t number, uint32_t detail,
                             struct call_peer_side *out)
{
    struct slot *s;
    enum r4_err err = call_slot(c, index, detail, R4_TYPE_PD, R4_RIGHT_CONTROL, &s);
    struct cap_table *t;

    if (err != R4_OK) {
        return err;
    }
    out->pd = pd_of(s);
    t = pd_table(out->pd);
    if (t == NULL || out->pd->asid == 0) {
        return call_fail(c, R4_E_STATE, detail);
    }
    if (!table_has(t, number)) {
        return call_fail(c, R4_E_RANGE, detail + 1u);
    }
    out->to = table_place(t, number);
    out->number = number;
    return slot_is_empty(out->to.slot) ? R4_OK : call_fail(c, R4_E_OCCUPIED, detail + 1u);
}

enum r4_err decode_peer_bind(struct call *c, const struct args_peer_bind *a)
{
    struct call_peer_side *side = c->plan.peer;
    enum r4_err err = call_may_create(c, c->slot, 0);

    if (err == R4_OK) {
        err = find_side(c, a->a, a->slot_a, 1, &side[0]);
    }
    if (err == R4_OK) {
        err = find_side(c, a->b, a->slot_b, 3, &side[1]);
    }
    if (err == R4_OK && side[0].to.slot == side[1].to.slot) {
        err = call_fail(c, R4_E_OCCUPIED, 4);
    }
    return err;
}

/* The capability that was invoked is the first end; the second one stands below it in the tour. */
void commit_peer_bind(struct call *c)
{
    const struct call_peer_side *side = c->plan.peer;
    struct peer *peer = peer_of(c->slot);
    const uint64_t meta =
        slot_meta(R4_TYPE_PEER, 0, 0, R4_PEER_SIZE_BITS) | (c->slot->meta & SLOT_RECORD_MASK);
    const uint64_t object = c->slot->object;

    slot_fill(&side[0].to, meta, object, peer_link(side[1].pd, side[1].number));
    derive_replace(c->slot, side[0].to.slot);
    slot_clear(c->slot);
    slot_fill(&side[1].to, meta, object, peer_link(side[0].pd, side[0].number));
    derive_insert_child(side[0].to.slot, side[1].to.slot);
    peer->end[0] = side[0].to.slot;
    peer->end[1] = side[1].to.slot;
}
