/* SPDX-License-Identifier: MIT */
#include <kernel/peer.h>

#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/pd.h>
#include <kernel/table.h>

uint64_t peer_link(const struct pd *pd, uint32_t number)
{
    return r4_peer_with_slot(r4_peer_with_asid(0, pd->asid), (uint16_t)number);
}

static void make_tombstone(struct slot *s)
{
    slot_set_extra(s, 0);
}

void peer_cut(struct cluster *cl, struct slot *s)
{
    struct peer *peer = peer_of(s);
    const unsigned side = peer->end[0] == s ? 0 : 1;

    if (!peer_is_bound(s)) {
        return;
    }
    R4_ASSERT(peer->end[side] == s);
    peer->end[side] = NULL;
    if (peer->end[1 - side] != NULL) {
        make_tombstone(peer->end[1 - side]);
        cluster_forget_chains(cl);
    }
}
