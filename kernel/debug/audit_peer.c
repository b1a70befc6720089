/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 8 for peers: both ends agree, and what is left of a cut one leads nowhere.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <kernel/peer.h>
#include <kernel/table.h>
#include <r4/abi/objects.h>

/* `end` is the slot that the link at the other side names. */
static bool is_named_by(const struct slot *end, uint64_t link)
{
    uint32_t number;

    (void)table_of_slot((struct slot *)(uintptr_t)end, &number);
    return peer_slot(link) == number;
}

static bool is_end(const struct slot *s)
{
    const struct peer *peer = peer_of(s);
    const unsigned side = peer->end[0] == s ? 0 : 1;
    const struct slot *other = peer->end[1 - side];

    if (!peer_is_bound(s)) {
        return peer->end[0] == NULL && peer->end[1] == NULL && s->extra == 0;
    }
    if (peer->end[side] != s) {
        return false;
    }
    if (other == NULL) {
        return s->extra == 0;
    }
    return slot_type(other) == R4_TYPE_PEER && other->object == s->object &&
           is_named_by(other, s->extra);
}

void audit_peers(struct audit *a)
{
    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (slot_type(s) == R4_TYPE_PEER) {
            audit_expect(a, is_end(s), AUDIT_PEER_ENDS);
        }
    }
}
