/* SPDX-License-Identifier: MIT */
/*
 * Owns: the interface of the lock without its effect: it counts who met whom and lets everybody in.
 * Stands in for lock.c in an image that a test must see fail, which shows that the tests notice a
 * missing lock.
 */
#include <kernel/lock.h>

#include <kernel/cluster.h>
#include <kernel/shootdown.h>

void lock_take(struct core *core)
{
    struct cluster *cl = core->cluster;
    const uint32_t ticket = __atomic_fetch_add(&cl->lock.next, 1, __ATOMIC_RELAXED);

    if (__atomic_load_n(&cl->lock.serving, __ATOMIC_RELAXED) != ticket) {
        cluster_count(cl, R4_COUNTER_LOCK_CONTENDED);
    }
    shootdown_serve(core);
    cl->lock.taken_at = core->entered_at;
    cluster_count(cl, R4_COUNTER_LOCK_TAKES);
}

void lock_release(struct core *core, uint64_t now)
{
    struct cluster *cl = core->cluster;

    (void)now;
    __atomic_fetch_add(&cl->lock.serving, 1, __ATOMIC_RELAXED);
}

void lock_excuse_hold(struct core *core)
{
    core_excuse_entry(core);
}
