/* SPDX-License-Identifier: MIT */
/*
 * Owns: what it takes to make one capability out of another, or to carry one to another slot: slot,
 * view, tour and the object's count of capabilities change together. Whoever calls has checked that
 * the destination is empty and that the source may be handed on (call_may_derive).
 * Not here: children in embedded slots (slot_embed in table.h).
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <kernel/slot.h>

/*
 * meta of a child of `source` with those of `rights`: one less time to live, not mapped, under no
 * revoke.
 */
uint64_t cap_child_meta(const struct slot *source, uint16_t rights);

/* Fills `dest` with a child of `source`; `home` is the shifted home of dest's storage. */
void cap_make_child(struct slot *source, struct slot *dest, uint64_t home, uint64_t meta,
                    uint64_t extra);

/*
 * Fills `dest` with a child of `source` that is a capability of another type, for a part of the
 * cluster. `meta` has the child's rights and time to live; record and flags of the source play no
 * part.
 */
void cap_make_part(struct slot *source, struct slot *dest, uint64_t home, uint64_t meta,
                   uint64_t object);

/* Carries the capability over, with its place in the tour, and empties `from`. */
void cap_move(struct slot *from, struct slot *dest, uint64_t home);
