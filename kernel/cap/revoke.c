/* SPDX-License-Identifier: MIT */
/* Owns: the two parts of revoke and the size of their steps. */
#include <kernel/revoke.h>

#include <kernel/call.h>
#include <kernel/delete.h>

/* Between two preemption points. Deleting may mean taking a mapping away from other cores. */
#define FREEZE_STEP 256u
#define DELETE_STEP 16u /* in ordinary deletions */

bool revoke_freeze(struct core *core)
{
    struct derive_walk *walk = &core->cluster->freezing;

    while (walk->top != NULL) {
        derive_walk_mark(walk, FREEZE_STEP, SLOT_FROZEN); /* no part of the readable view */
        if (walk->top != NULL && preempt_poll(core)) {
            return false;
        }
    }
    return true;
}

/* True: all descendants are frozen, and nobody else's freezing is under way. */
static bool begin(struct core *core, struct slot *top)
{
    if (!slot_has(top, SLOT_REVOKING)) {
        if (!revoke_freeze(core)) {
            return false;
        }
        top->meta |= SLOT_REVOKING;
        derive_walk_begin(&core->cluster->freezing, top);
    }
    return revoke_freeze(core);
}

/* Stops early when something died that has to be taken apart. */
static void delete_some(struct core *core, struct slot *top)
{
    for (uint32_t work = 0; work < DELETE_STEP && core->cluster->zombies == NULL;) {
        struct slot *s = derive_first_child(top);

        if (s == NULL) {
            top->meta &= ~SLOT_REVOKING;
            return;
        }
        work += delete_work(core->cluster, s);
        delete_slot(core, s);
    }
}

bool revoke_descendants(struct core *core, struct slot *top)
{
    if (!begin(core, top)) {
        return false;
    }
    for (;;) {
        if (!delete_reap(core)) {
            return false;
        }
        if (slot_is_empty(top)) {
            return false;
        }
        delete_some(core, top);
        if (!slot_has(top, SLOT_REVOKING)) {
            return true;
        }
        if (preempt_poll(core)) {
            return false;
        }
    }
}
