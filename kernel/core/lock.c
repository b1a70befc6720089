/* SPDX-License-Identifier: MIT */
#include <kernel/lock.h>

#include <kernel/cluster.h>
#include <kernel/shootdown.h>
#include <lib/hints.h>

static void begin_hold(struct cluster *cl, uint64_t now)
{
    cl->lock.taken_at = now;
    cluster_count(cl, R4_COUNTER_LOCK_TAKES);
}

/*
 * Waits for its turn. The holder may be waiting for this very core, so it serves requests
 * meanwhile. `excuses` is read before the wait without order: an excuse that is missed there costs
 * the exactness of one measurement, nothing else.
 */
NOINLINE void lock_await(struct core *core, uint32_t ticket)
{
    struct cluster *cl = core->cluster;
    const uint64_t excuses = __atomic_load_n(&cl->lock.excuses, __ATOMIC_RELAXED);

    /* Acquire: pairs with the release in lock_release_short. */
    while (__atomic_load_n(&cl->lock.serving, __ATOMIC_ACQUIRE) != ticket) {
        shootdown_serve(core);
        arch_pause();
    }
    if (cl->lock.excuses != excuses) {
        core_excuse_entry(core);
    }
    cluster_count(cl, R4_COUNTER_LOCK_CONTENDED);
    begin_hold(cl, arch_cycles());
}

bool lock_draw(struct core *core, uint32_t *ticket)
{
    struct cluster *cl = core->cluster;
    const uint64_t entered_at = core->entered_at;
    const uint32_t drawn = __atomic_fetch_add(&cl->lock.next, 1, __ATOMIC_RELAXED);

    /* Acquire: pairs with the release in lock_release_short. */
    if (__builtin_expect(__atomic_load_n(&cl->lock.serving, __ATOMIC_ACQUIRE) != drawn, 0)) {
        *ticket = drawn;
        return false;
    }
    begin_hold(cl, entered_at);
    return true;
}

void lock_take(struct core *core)
{
    uint32_t ticket;

    if (!lock_draw(core, &ticket)) {
        lock_await(core, ticket);
    }
}

void lock_release_short(struct core *core)
{
    struct lock *lock = &core->cluster->lock;

    /*
     * Only the holder writes `serving`. Release: pairs with the acquires in lock_draw and
     * lock_await.
     */
    __atomic_store_n(&lock->serving, __atomic_load_n(&lock->serving, __ATOMIC_RELAXED) + 1,
                     __ATOMIC_RELEASE);
}

void lock_release(struct core *core, uint64_t now)
{
    struct cluster *cl = core->cluster;
    const uint64_t held = now - cl->lock.taken_at;

    if (held > cl->counters[R4_COUNTER_LOCK_LONGEST_HOLD]) {
        cl->counters[R4_COUNTER_LOCK_LONGEST_HOLD] = held;
    }
    lock_release_short(core);
}

void lock_excuse_hold(struct core *core)
{
    struct lock *lock = &core->cluster->lock;

    core_excuse_entry(core);
    lock->taken_at = core->entered_at;
    __atomic_store_n(&lock->excuses, lock->excuses + 1, __ATOMIC_RELAXED);
}
