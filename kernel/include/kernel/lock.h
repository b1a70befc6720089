/* SPDX-License-Identifier: MIT */
/*
 * Owns: the big lock of a cluster, a ticket lock. A core that waits for it serves requests of the
 * holder (shootdown.h) meanwhile, so the holder may wait for this cluster's cores. Nobody waits for
 * another cluster while holding it. Taken once per kernel entry that touches shared state, released
 * before return to user mode.
 */
#pragma once

#include <kernel/types.h>

struct core;

struct lock {
    uint32_t next;    /* ticket to draw; atomic */
    uint32_t serving; /* ticket that holds the lock; atomic */
    /* The holder's. */
    uint64_t taken_at; /* cycle counter at the take, or at lock_excuse_hold */
    uint64_t excuses;  /* holds that were excused; whoever waited for one is excused too */
};

/* The hold counts from the kernel entry on if the lock is free, else from the take. */
void lock_take(struct core *core);
/*
 * The two halves of lock_take: draws a ticket, which is written only if the lock is not free at
 * once; waits for its turn.
 */
R4_MUST_USE bool lock_draw(struct core *core, uint32_t *ticket);
void lock_await(struct core *core, uint32_t ticket);
/* `now` is the cycle counter, or a little earlier. */
void lock_release(struct core *core, uint64_t now);
/* The same for a hold that is known to be no longer than lock_longest_hold. */
void lock_release_short(struct core *core);
/*
 * What the hold in progress took until now counts neither for lock_longest_hold nor for
 * longest_irqs_off, here or at the cores that wait (audit).
 */
void lock_excuse_hold(struct core *core);
