/* SPDX-License-Identifier: MIT */
#include <kernel/notification.h>

#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/proxy.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <lib/hints.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

/* `t` waits here. */
static void take_out(struct notification *n, struct thread *t)
{
    if (list_is_empty(&t->link)) {
        n->waiters = NULL;
    } else {
        n->waiters = n->waiters == &t->link ? t->link.next : n->waiters;
        list_remove(&t->link);
    }
    t->waiting_on = NULL;
    if (t->waits_through != 0) {
        n->chain_waiters--;
    }
}

void notification_cancel(struct notification *n, struct thread *t)
{
    R4_ASSERT(t->waiting_on == n);
    take_out(n, t);
}

/*
 * The words through which `t` waited still let it receive here. One for one use, written since, does
 * not: nobody uses it up now.
 */
static bool may_still_receive(const struct core *core, const struct thread *t,
                              const struct notification *n)
{
    const struct proxy_start start = {.peer = (uint32_t)r4_call_peer(t->waits_through),
                                      .index = (uint32_t)r4_call_index(t->waits_through)};
    struct cap_ref ref;
    uint32_t about = 0;

    return proxy_resolve(core->cluster, thread_pd(t), start, NULL, &ref, &about) == R4_OK &&
           slot_type(ref.slot) == R4_TYPE_NOTIFICATION && notification_of(ref.slot) == n &&
           (ref.rights & R4_RIGHT_RECEIVE) != 0 && !ref.is_once;
}

static struct thread *first_waiter(const struct notification *n)
{
    return container_of(n->waiters, struct thread, link);
}

/* Takes out the thread that waited longest, if any. */
static struct thread *pop_waiter(struct notification *n)
{
    if (n->waiters == NULL) {
        return NULL;
    }
    struct thread *t = first_waiter(n);

    take_out(n, t);
    return t;
}

static void give(struct thread *t, uint64_t bits)
{
    thread_set_reply(t, R4_OK);
    arch_regs_set_word(&t->context.regs, 0, bits);
}

struct thread *notification_give(struct notification *n, uint64_t bits)
{
    struct thread *t = first_waiter(n);

    if (UNLIKELY(t->waits_through != 0)) {
        return NULL;
    }
    take_out(n, t);
    give(t, bits);
    return t;
}

/*
 * The first waiter, `t`, waits through a chain. Returns the first one that may have the bits; those
 * before it are refused.
 */
static NOINLINE struct thread *refuse_waiters(struct core *core, struct notification *n,
                                              struct thread *t)
{
    while (t != NULL && t->waits_through != 0 && !may_still_receive(core, t, n)) {
        thread_set_reply(t, R4_E_PROXY);
        sched_ready(core, t);
        t = pop_waiter(n);
    }
    return t;
}

/* Bits for somebody who waits through a chain: those who may not have them are refused first. */
static NOINLINE void wake_by_chain(struct core *core, struct notification *n, uint64_t bits)
{
    struct thread *t = refuse_waiters(core, n, pop_waiter(n));

    if (t == NULL) {
        n->bits = bits;
        return;
    }
    give(t, bits);
    sched_ready(core, t);
}

void notification_wake(struct core *core, struct notification *n, uint64_t bits)
{
    struct thread *t = notification_give(n, bits);

    if (UNLIKELY(t == NULL)) {
        wake_by_chain(core, n, bits);
        return;
    }
    sched_ready(core, t);
}

void notification_signal(struct core *core, struct notification *n, uint64_t bits)
{
    if (n->waiters == NULL) {
        n->bits |= bits;
    } else if (bits != 0) {
        notification_wake(core, n, bits);
    }
}

bool notification_reap_one(struct core *core, struct notification *n)
{
    struct thread *t = pop_waiter(n);

    if (t == NULL) {
        return false;
    }
    thread_set_reply(t, R4_E_DEAD);
    sched_ready(core, t);
    return true;
}
