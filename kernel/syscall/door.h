/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the kernel's doors share: the time of the entry, the lock, doorbells that are made up
 * for, and the accounting at the end.
 * Here and not in door.c is what every entry executes.
 */
#pragma once

#include <kernel/cluster.h>
#include <kernel/link.h>
#include <kernel/lock.h>
#include <kernel/sched.h>
#include <lib/hints.h>

/* What kernel_call_begin left undone. */
enum call_stage {
    CALL_STAGE_TICKET, /* to wait for the lock, and then the call */
    CALL_STAGE_LOCKED, /* the call: a doorbell has to be made up for first */
    CALL_STAGE_CHOICE, /* the call is made, the lock is held: another thread may have to run */
};

/* The interrupts-off stretch of this entry, which ends without the lock. */
void door_account(struct core *core);

/*
 * Releases the lock after a stretch that may be the longest, or nearly: the counters may have to
 * know. Returns the thread that runs.
 */
struct thread *door_release_long(struct core *core);

/* A doorbell that was lost is made up for. True: that was long, and this entry shall not be. */
bool door_drain(struct core *core);

static inline bool door_is_drain_due(const struct cluster *cl)
{
    return cl->links_bound != 0 && link_is_pending(cl);
}

/* Returns the thread that runs, which is `t` for calls. The counter's low half is enough to see a short stretch. */
static ALWAYS_INLINE struct thread *door_release(struct core *core, struct thread *t)
{
    if (UNLIKELY((uint32_t)arch_cycles() - (uint32_t)core->entered_at > core->known_stretch)) {
        return door_release_long(core);
    }
    lock_release_short(core);
    return t;
}

/*
 * The lock, for all doors but that of calls. A request that waits here is served while
 * this core waits for the lock: whoever asks holds it until it has its answer.
 */
static ALWAYS_INLINE void door_take(struct core *core)
{
    lock_take(core);
    if (UNLIKELY(door_is_drain_due(core->cluster))) {
        (void)door_drain(core);
    }
}

static ALWAYS_INLINE void door_lock(struct core *core)
{
    core->entered_at = arch_cycles();
    door_take(core);
}

static ALWAYS_INLINE void door_unlock(struct core *core)
{
    sched_choose(core);
    (void)door_release(core, NULL);
}

/* The call register is kept for kernel_call_finish. */
static ALWAYS_INLINE bool door_delay_call(struct core *core, uint64_t word, enum call_stage stage)
{
    arch_regs_set_reply(&core->current->context.regs, word);
    core->call_stage = (uint8_t)stage;
    return false;
}

/*
 * The door of calls takes the lock if it is free. Then no request waits; one that comes later
 * interrupts the core right after this entry.
 */
static ALWAYS_INLINE bool door_begin_call(struct core *core, uint64_t word)
{
    core->entered_at = arch_cycles();
    const struct cluster *cl = core->cluster;

    if (UNLIKELY(!lock_draw(core, &core->ticket))) {
        return door_delay_call(core, word, CALL_STAGE_TICKET);
    }
    if (UNLIKELY(door_is_drain_due(cl))) {
        return door_delay_call(core, word, CALL_STAGE_LOCKED);
    }
    return true;
}

/* Releases the lock if the running thread, `t`, runs on, without looking any further. */
static ALWAYS_INLINE struct thread *door_end_call(struct core *core, struct thread *t, bool runs_on)
{
    if (UNLIKELY(!runs_on)) {
        core->call_stage = CALL_STAGE_CHOICE;
        return NULL;
    }
    return door_release(core, t);
}
