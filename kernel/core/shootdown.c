/* SPDX-License-Identifier: MIT */
#include <kernel/shootdown.h>

#include <arch/machine.h>
#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <lib/hints.h>

/* ------------------------------------------------------------------------------------------------
 * The core that is asked
 */

/*
 * Runs nothing and uses no address space. A call whose thread goes away is made again when the
 * thread runs again.
 */
static void leave(struct core *core)
{
    if (core->current != NULL) {
        if (core->in_call) {
            arch_regs_restart(&core->current->context.regs);
        }
        sched_detach(core);
    }
    core->in_call = false;
    arch_mmu_load(core, core->cluster->kernel_root);
    core->active_pd = NULL;
}

void shootdown_serve(struct core *core)
{
    /*
     * Acquire: pairs with the release in ask; what the holder changed before it asked is seen by
     * what follows.
     */
    switch ((enum shootdown_kind)__atomic_load_n(&core->request, __ATOMIC_ACQUIRE)) {
    case SHOOTDOWN_NONE:
        return;
    case SHOOTDOWN_PAGE:
        arch_tlb_flush_page(core, core->request_address);
        break;
    case SHOOTDOWN_ALL:
        arch_tlb_flush_all(core);
        break;
    case SHOOTDOWN_LEAVE:
        leave(core);
        break;
    }
    /*
     * Release: pairs with the acquire in await; the holder sees the saved context and that the
     * thread is gone.
     */
    __atomic_store_n(&core->request, SHOOTDOWN_NONE, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------------------------------------
 * The core that asks, which holds the lock
 */

static void ask(struct core *core, struct core *other, enum shootdown_kind kind, uint64_t va)
{
    R4_ASSERT(other != core);
    other->request_address = va;
    /* Release: pairs with the acquire in shootdown_serve. */
    __atomic_store_n(&other->request, kind, __ATOMIC_RELEASE);
    arch_ipi_send(core, other->hardware_id, ARCH_IPI_SHOOTDOWN);
}

/*
 * Cores that were asked answer from user mode (the interrupt) or from their wait for the lock; both
 * are a bounded time away. A core whose word is 0 was not asked or has answered.
 */
static void await(const struct core *other)
{
    /* Acquire: pairs with the release in shootdown_serve. */
    while (__atomic_load_n(&other->request, __ATOMIC_ACQUIRE) != SHOOTDOWN_NONE) {
        arch_pause();
    }
}

/* Asks all other cores that use the address space, waits for them; returns how many there were. */
static uint32_t ask_users(struct core *core, const struct pd *pd, enum shootdown_kind kind,
                          uint64_t va)
{
    const struct cluster *cl = core->cluster;
    uint32_t asked = 0;

    for (uint32_t i = 0; i < cl->core_count; i++) {
        if (cl->cores[i] != core && cl->cores[i]->active_pd == pd) {
            ask(core, cl->cores[i], kind, va);
            asked++;
        }
    }
    for (uint32_t i = 0; asked != 0 && i < cl->core_count; i++) {
        await(cl->cores[i]);
    }
    return asked;
}

static inline bool is_used_by(struct core *const *first, struct core *const *end,
                              const struct pd *pd)
{
    for (struct core *const *other = first; other != end; other++) {
        if (UNLIKELY((*other)->active_pd == pd)) {
            return true;
        }
    }
    return false;
}

/* Whether there are other cores to be asked, which is seldom: those before and behind this one. */
static inline bool has_users(const struct core *core, const struct pd *pd)
{
    struct core *const *cores = core->cluster->cores;
    struct core *const *own = cores + core->index;

    return is_used_by(cores, own, pd) || is_used_by(own + 1, cores + core->cluster->core_count, pd);
}

static NOINLINE void flush_others(struct core *core, const struct pd *pd, enum shootdown_kind kind,
                                  uint64_t va)
{
    cluster_count(core->cluster, R4_COUNTER_SHOOTDOWNS);
    core->cluster->counters[R4_COUNTER_SHOOTDOWN_REQUESTS] += ask_users(core, pd, kind, va);
}

void shootdown_page(struct core *core, struct pd *pd, uint64_t va)
{
    if (core->active_pd == pd) {
        arch_tlb_flush_page(core, va);
    }
    if (UNLIKELY(has_users(core, pd))) {
        flush_others(core, pd, SHOOTDOWN_PAGE, va);
    }
}

void shootdown_all(struct core *core, struct pd *pd)
{
    if (core->active_pd == pd) {
        arch_tlb_flush_all(core);
    }
    if (UNLIKELY(has_users(core, pd))) {
        flush_others(core, pd, SHOOTDOWN_ALL, 0);
    }
}

/*
 * Threads lose their PD before it dies, so no thread that could run is met here. The own core's
 * thread, if it is one of them, has stopped and is switched away from at the end of this entry.
 */
void shootdown_leave_pd(struct core *core, struct pd *pd)
{
    if (core->active_pd == pd) {
        arch_mmu_load(core, core->cluster->kernel_root);
        core->active_pd = NULL;
    }
    ask_users(core, pd, SHOOTDOWN_LEAVE, 0);
}

void shootdown_leave_thread(struct core *core, struct thread *t)
{
    struct core *other = core->cluster->cores[t->core];

    R4_ASSERT(other->current == t);
    ask(core, other, SHOOTDOWN_LEAVE, 0);
    await(other);
    R4_ASSERT(other->current == NULL);
}
