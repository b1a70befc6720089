/* SPDX-License-Identifier: MIT */
/*
 * Owns: revoke, the end of all that was made from a capability.
 *
 * It has two parts. First every descendant is frozen, so that none can have children any more; then
 * the descendants are deleted, from the front. Both stop at preemption points. How far the freezing
 * came stands in the cluster: one revoke freezes at a time, and every call that would create
 * something meanwhile helps it and is then made again, so it ends whatever becomes of the thread
 * that began it. How far the deleting came stands in the tour: what is left is left.
 *
 * Invariants
 * (revoke I1) A capability that is REVOKING and not the top of cluster->freezing has only FROZEN
 * descendants.
 * (revoke I2) Nothing is inserted below a capability that is FROZEN or REVOKING, nor anywhere while
 * cluster->freezing has a top (call_may_create).
 * So a revoke that has frozen meets each descendant once and cannot be outrun. FROZEN goes only with
 * the capability; a revoke that nobody finished leaves a tree that can be used, moved and deleted,
 * and makes nothing new until the next revoke of its top, or of what that was made from.
 * Locking: the cluster's lock, kept over each step.
 */
#pragma once

#include <kernel/slot.h>

struct core;

/*
 * Goes on with the freezing that is under way. True: none is; false: an interrupt waits. Takes at
 * least one step.
 */
R4_MUST_USE bool revoke_freeze(struct core *core);

/*
 * Deletes the descendants of `top`. False: the caller makes its call again, since an interrupt waits,
 * or since `top` itself stood in something that was destroyed. The running thread may be among what
 * is destroyed.
 */
R4_MUST_USE bool revoke_descendants(struct core *core, struct slot *top);
