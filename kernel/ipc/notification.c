/* SPDX-License-Identifier: MIT */
#include <kernel/notification.h>

#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

void notification_cancel(struct notification *n, struct thread *t)
{
    R4_ASSERT(t->waiting_on == n);
    if (n->waiters == &t->link) {
        n->waiters = list_is_empty(&t->link) ? NULL : t->link.next;
    }
    list_remove(&t->link);
    t->waiting_on = NULL;
}

/* Takes out the thread that waited longest, if any. */
static struct thread *pop_waiter(struct notification *n)
{
    if (n->waiters == NULL) {
        return NULL;
    }
    struct thread *t = container_of(n->waiters, struct thread, link);

    notification_cancel(n, t);
    return t;
}

void notification_signal(struct core *core, struct notification *n, uint64_t bits)
{
    if (n->waiters == NULL) {
        n->bits |= bits;
        return;
    }
    if (bits == 0) {
        return;
    }
    struct thread *t = pop_waiter(n);

    thread_set_reply(t, R4_OK);
    arch_regs_set_word(&t->context.regs, 0, bits);
    sched_ready(core, t);
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
