/* SPDX-License-Identifier: MIT */
/*
 * Owns: a lock for one core that does something undefined, without effect on the result, once the shell runs.
 */
#include <kernel/lock.h>

#include <kernel/cluster.h>

#define TAKES_BEFORE 100u

bool lock_draw(struct core *core, uint32_t *ticket)
{
    struct cluster *cl = core->cluster;

    *ticket = cl->lock.next++;
    cl->lock.excuses = UINT64_C(1) << (cl->lock.next < TAKES_BEFORE ? 0 : 64);
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
    core->cluster->lock.serving++;
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
