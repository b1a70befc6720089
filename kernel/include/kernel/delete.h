/* SPDX-License-Identifier: MIT */
/*
 * Owns: the end of capabilities and of objects.
 *
 * A slot that is deleted is empty at once. If it held an object's last capability, that capability
 * becomes a zombie: it moves, with its place in the tour, into a slot inside the very object that
 * it names, the object's grave. So the memory above it cannot be reused, nobody can name the object
 * any more, and the memory of an object that is being destroyed holds nothing that another object's
 * destruction waits for, whatever contained what. Zombies stand on a stack of the cluster (linked
 * through `extra`). The object of the topmost one is taken apart in bounded steps, and what dies
 * thereby is pushed on top. So destruction never recurses, can stop after any step, and whoever
 * deletes next goes on with it. A notification is too small for a grave: its zombie lies in the
 * cluster. It stays on top of the stack until it is done, and everything that deletes finishes the
 * stack first, so there is never a second one.
 *
 * Invariants
 * (delete I1) A zombie's object has caps == 1 and dying == 1.
 * (delete I2) The stack holds exactly the zombies of the cluster; each lies in a grave, and graves
 * hold nothing else.
 * (delete I3) At most one zombie is a notification; it is the top of the stack.
 * Locking: the cluster's lock, kept over each step.
 */
#pragma once

#include <kernel/cluster.h>
#include <kernel/view.h>

/* Pages of mapped views that take as long as one more deletion. */
#define DELETE_VIEWS 32u

/*
 * Empties the slot, and pushes a zombie if that was the object's last capability. Takes its mapping
 * away first. Bounded work; no error. Between two calls of it that may each end a notification
 * stands delete_reap or a step of it.
 */
void delete_slot(struct core *core, struct slot *s);

/* Other cores that take as long to be asked to forget a mapping, as one more deletion. */
#define DELETE_CORES 2u

/*
 * At most how much work that is, in ordinary deletions: more than 1 if a mapping goes, for which any
 * other core of the cluster may have to be asked, which may carry user parts, or be of many pages.
 */
static inline uint32_t delete_work(const struct cluster *cl, const struct slot *s)
{
    if (!slot_has(s, SLOT_MAPPED)) {
        return 1;
    }
    return 2u + cl->core_count / DELETE_CORES + slot_has(s, SLOT_PARTS) +
           view_pages_mapped(s) / DELETE_VIEWS;
}

/*
 * Takes zombies apart until none is left (true) or an interrupt waits (false: the caller restarts
 * its call). Takes at least one step. The running thread may be among what is destroyed;
 * core->current is then no longer it.
 */
R4_MUST_USE bool delete_reap(struct core *core);
