/* SPDX-License-Identifier: MIT */
/*
 * Owns: what it takes to make one capability out of another, or to carry one to another slot: slot,
 * view, tour and the object's count of capabilities change together. Whoever calls has checked that
 * the destination is empty and that the source may be handed on (call_may_derive).
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <kernel/table.h>
#include <r4/abi/rights.h>

/*
 * A capability as a call names it: one in a slot of the caller's own, or one in another domain's
 * slot at the end of a chain of proxies (proxy.h). `slot` is the real capability in both cases.
 */
struct cap_ref {
    struct slot *slot;
    uint64_t session;     /* of a chain: its session id; 0: the caller's own slot */
    uint16_t rights;      /* what comes through */
    uint16_t near_rights; /* what the USE and the GRANT that it names let through */
    uint8_t ttl;          /* how often the caller may hand it on */
    bool is_once_near;    /* the GRANT that the caller's end names is for one use */
    bool is_once;         /* any GRANT of the chain is */
};

static inline struct cap_ref cap_ref_own(struct slot *s)
{
    return (struct cap_ref){
        .slot = s, .rights = slot_rights(s), .near_rights = slot_rights(s), .ttl = slot_ttl(s)};
}

/* What a child has of its parent's meta, time to live and rights apart. */
#define CAP_KEPT                                                                                   \
    (UINT64_C(0xff) << SLOT_TYPE_SHIFT | UINT64_C(0xff) << SLOT_SIZE_SHIFT | SLOT_DEVICE |         \
     SLOT_SHARED | SLOT_RECORD_MASK)

/* meta of a child, with all rights, of a capability in a slot of the caller's own: see cap_child_meta. */
static inline uint64_t cap_own_child_meta(const struct slot *s)
{
    const uint64_t kept = CAP_KEPT | (uint64_t)R4_RIGHTS_DEFINED << SLOT_RIGHTS_SHIFT |
                          UINT64_C(0xf) << SLOT_TTL_SHIFT;

    return (s->meta & kept) - (UINT64_C(1) << SLOT_TTL_SHIFT);
}

/* Its `extra`: see cap_child_extra. */
static inline uint64_t cap_own_child_extra(const struct slot *s)
{
    return type_is_inherited(slot_type(s)) ? s->extra : 0;
}

/*
 * meta of a child of `source` with those of `rights`: one less time to live, not mapped, under no
 * revoke.
 */
uint64_t cap_child_meta(const struct cap_ref *source, uint16_t rights);

/*
 * `extra` of a child: the badge, or the session id in place of one that there is not; of an untyped,
 * where its free memory begins.
 */
uint64_t cap_child_extra(const struct cap_ref *source);

/*
 * Fills the empty slot `to`, which is embedded in an object, with a child of `source`: same type,
 * rights, badge and record, TTL less one. The caller checked that `source` may have children
 * (call_source).
 */
void slot_embed(const struct cap_ref *source, struct slot *to, enum slot_home home);

/* Fills the empty place with a child of `source`. */
void cap_make_child(struct slot *source, const struct slot_place *to, uint64_t meta,
                    uint64_t extra);

/*
 * Fills the place with a child of `source` that is a capability of another type, for a part of the
 * cluster. `meta` has the child's rights and time to live; record and flags of the source play no
 * part.
 */
void cap_make_part(struct slot *source, const struct slot_place *to, uint64_t meta,
                   uint64_t object);

/*
 * Carries the capability over, with its place in the tour, and empties `from`. The walk of a revoke
 * (derive_walk_move) and user parts (part_move_carrier) have been told.
 */
void cap_move(struct slot *from, const struct slot_place *to);
