/* SPDX-License-Identifier: MIT */
/*
 * Owns: peers: a pairing of two protection domains. Each end is a capability that stands in a slot
 * of one domain's table and stays there; what it says of the other end stands in the slot's `extra`
 * (layout `peer`), so that a resolution needs nothing else. The object remembers where the ends are.
 *
 * Invariants
 * (peer I1) end[i] is NULL, or a slot that names this object, whose `extra` names the slot end[1-i]
 *     and the ASID that the other domain had when the peer was bound; 0 if end[1-i] is NULL.
 * (peer I2) An end that is NULL was never bound or has been deleted; it never becomes another slot
 *     unless both are NULL and the capability still has CONTROL, which no end has.
 * A domain that dies leaves its peers as they are: the generation of its ASID has moved on, so they
 * lead nowhere.
 * Locking: the cluster's lock.
 */
#pragma once

#include <arch/mmu.h>
#include <kernel/slot.h>
#include <kernel/types.h>
#include <r4/abi/layout.h>

struct cluster;
struct pd;

struct peer {
    struct slot *end[2];
    uint64_t reserved[2];
};
_Static_assert(sizeof(struct peer) == 32, "a peer is 32 bytes");

static inline struct peer *peer_of(const struct slot *s)
{
    return arch_dmap_ptr((struct paddr){s->object});
}

static inline uint32_t peer_asid_index(uint64_t link)
{
    return (uint32_t)r4_asid_index(r4_peer_asid(link));
}

static inline uint16_t peer_generation(uint64_t link)
{
    return (uint16_t)r4_asid_generation(r4_peer_asid(link));
}

static inline uint32_t peer_slot(uint64_t link)
{
    return (uint32_t)r4_peer_slot(link);
}

/* The session id of a GRANT at `index` of the window at the other end of the peer. */
static inline uint64_t peer_session(uint64_t link, uint32_t index)
{
    return R4_SESSION_IS_SESSION_MASK | (uint64_t)index |
           (uint64_t)peer_asid_index(link) << R4_SESSION_ASID_LO |
           (uint64_t)peer_generation(link) << R4_SESSION_GENERATION_LO;
}

/* What the end at the other side says of a domain's end in slot `number`. */
uint64_t peer_link(const struct pd *pd, uint32_t number);

/* True for an end of a bound peer, or what is left of it. */
static inline bool peer_is_bound(const struct slot *s)
{
    return slot_rights(s) == 0;
}

/* The slot `s`, which holds a peer, is about to be emptied: the other end becomes a tombstone. */
void peer_cut(struct cluster *cl, struct slot *s);
