/* SPDX-License-Identifier: MIT */
/*
 * Owns: unqueued communication: a word of sticky bits and a ring of waiters.
 * Invariants
 * (notification I1) Bits are set or threads wait, never both.
 * (notification I2) `waiters` is NULL, or the longest-waiting thread, whose `link` ring holds all
 *     of them and nothing else.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/object.h>
#include <lib/list.h>

struct core;
struct thread;

struct notification {
    struct object object;
    uint64_t bits;
    struct list_link *waiters; /* link of the longest-waiting thread, NULL for none */
    uint32_t chain_waiters;    /* those with thread.waits_through */
    uint32_t reserved;
};
_Static_assert(sizeof(struct notification) == 32, "a notification is 32 bytes");

static inline struct notification *notification_of(const struct slot *s)
{
    return (struct notification *)(uintptr_t)s->object;
}

/* The bits that a signal through this capability sets: its badge, 1 if it has none. */
static inline uint64_t notification_badge(const struct slot *s)
{
    return s->extra == 0 ? 1 : s->extra;
}

/*
 * ORs bits in; hands all to the longest-waiting thread and readies it. Bits 0: nothing happens.
 * Waiters through a chain that does not lead here any more are refused on the way (PROXY).
 */
void notification_signal(struct core *core, struct notification *n, uint64_t bits);

/* The same where somebody waits and there are bits. */
void notification_wake(struct core *core, struct notification *n, uint64_t bits);

/*
 * The same, without readying the thread, which is returned. NULL: it waits through a chain, and
 * nothing was done.
 */
R4_MUST_USE struct thread *notification_give(struct notification *n, uint64_t bits);

/* Takes `t`, which waits here, out of the queue; leaves its state and its reply to the caller. */
void notification_cancel(struct notification *n, struct thread *t);

/* One step of destruction: wakes one waiter with R4_E_DEAD; false when none is left. */
bool notification_reap_one(struct core *core, struct notification *n);
