/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 2 for capabilities that are being revoked (revoke.h).
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

/* All below `top` is frozen. Returns the last slot there, or `top`. */
static const struct slot *audit_frozen(struct audit *a, const struct slot *top)
{
    const struct slot *last = top;

    for (const struct slot *s = derive_next(top, top); s != NULL; s = derive_next(top, s)) {
        audit_expect(a, slot_has(s, SLOT_FROZEN), AUDIT_TREE_REVOKE);
        last = s;
    }
    return last;
}

/* What the walk has behind it is frozen, and the walk stands below its top. */
static void audit_freezing(struct audit *a)
{
    const struct derive_walk *walk = &a->cluster->freezing;
    struct derive_walk again;

    if (walk->top == NULL) {
        return;
    }
    audit_expect(a, slot_has(walk->top, SLOT_REVOKING), AUDIT_TREE_REVOKE);
    derive_walk_begin(&again, walk->top);
    while (again.top != NULL && again.at != walk->at) {
        const struct slot *s = derive_walk_step(&again);

        audit_expect(a, s == NULL || slot_has(s, SLOT_FROZEN), AUDIT_TREE_REVOKE);
    }
    audit_expect(a, again.top != NULL, AUDIT_TREE_REVOKE);
}

void audit_revokes(struct audit *a)
{
    const struct slot *s = audit_next_slot(a, NULL);

    audit_freezing(a);
    while (s != NULL) {
        const bool is_settled = slot_has(s, SLOT_REVOKING) && s != a->cluster->freezing.top;

        s = audit_next_slot(a, is_settled ? audit_frozen(a, s) : s);
    }
}
