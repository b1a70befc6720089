/* SPDX-License-Identifier: MIT */
/* Owns: the calls on notifications. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/notification.h>

enum r4_err decode_notification_signal(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_notification_signal(struct call *c)
{
    notification_signal(c->core, notification_of(c->slot), notification_badge(c->slot));
}

/* There are bits: takes all. */
static void take_bits(struct call *c, struct notification *n)
{
    call_result(c, 0, n->bits);
    n->bits = 0;
}

enum r4_err decode_notification_wait(struct call *c)
{
    (void)c;
    return R4_OK;
}

/* A thread that waits gets its reply from whoever ends the wait. */
void commit_notification_wait(struct call *c)
{
    struct notification *n = notification_of(c->slot);
    struct thread *t = c->thread;

    if (n->bits != 0) {
        take_bits(c, n);
        return;
    }
    if (n->waiters == NULL) {
        n->waiters = &t->link;
    } else {
        list_insert_before(n->waiters, &t->link);
    }
    t->waiting_on = n;
    t->state = R4_THREAD_STATE_WAITING;
}

enum r4_err decode_notification_poll(struct call *c)
{
    return notification_of(c->slot)->bits != 0 ? R4_OK : call_fail(c, R4_E_AGAIN, 0);
}

void commit_notification_poll(struct call *c)
{
    take_bits(c, notification_of(c->slot));
}
