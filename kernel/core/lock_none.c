/* SPDX-License-Identifier: MIT */
/*
 * Owns: the interface of the lock without its effect: it counts who met whom and lets everybody in.
 * Stands in for lock.c in an image that a test must see fail, which shows that the tests notice a
 * missing lock.
 */
#include <kernel/lock.h>

#include <kernel/cluster.h>
#include <kernel/shootdown.h>

bool lock_draw(struct core *core, uint32_t *ticket)
{
    struct cluster *cl = core->cluster;
    *ticket = __atomic_fetch_add(&cl->lock.next, 1, __ATOMIC_RELAXED);

    if (__atomic_load_n(&cl->lock.serving, __ATOMIC_RELAXED) != *ticket) {
        cluster_count(cl, R4_COUNTER_LOCK_CONTENDED);
    }
    shootdown_serve(core);
    cl->lock.taken_at = core->entered_at;
    cluster_count(cl, R4_COUNTER_LOCK_TAKES);
    return true;
}

void lock_take(struct core *core)
{
    uint32_t ticket;

    (void)lock_draw(core, &ticket);
}

void lock_await(struct core *core, uint32_t ticket)
{
    (void)core;
    (void)ticket;
}

void lock_release_short(struct core *core)
{
    __atomic_fetch_add(&core->cluster->lock.serving, 1, __ATOMIC_RELAXED);
}

void lock_release(struct core *core, uint64_t now)
{
    (void)now;
    lock_release_short(core);
}

void lock_excuse_hold(struct core *core)
{
    core_excuse_entry(core);
}
