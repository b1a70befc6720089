/* SPDX-License-Identifier: MIT */
/* Owns: the calls on notifications. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/notification.h>

/* Nothing to ask about an own slot whose badge is none or a minted one. */
enum r4_err decode_notification_signal(struct call *c)
{
    if (!c->is_chain && (int64_t)c->slot->extra >= 0) {
        return R4_OK;
    }
    return call_may_signal(c, call_invoked(c), 0);
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

/* Whether a signal looks at the words again: those for one use are used up, and what they gave stands. */
static bool waits_through_chain(const struct call *c)
{
    return c->is_chain && !c->ref.is_once;
}

/* A signal looks at the words of all who wait through chains, at the worst. */
enum r4_err decode_notification_wait(struct call *c)
{
    const struct notification *n = notification_of(c->slot);

    return waits_through_chain(c) && n->bits == 0 && n->chain_waiters >= R4_CHAIN_WAITERS_MAX
               ? call_fail(c, R4_E_LIMIT, 0)
               : R4_OK;
}

/*
 * A thread that waits gets its reply from whoever ends the wait. One that used up words for one use
 * has its right to what comes already.
 */
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
    t->waits_through = waits_through_chain(c) ? c->word : 0;
    n->chain_waiters += t->waits_through != 0;
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
