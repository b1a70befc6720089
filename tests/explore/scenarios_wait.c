/* SPDX-License-Identifier: MIT */
/* Owns: waiting through a chain whose words change. */
#include "scenarios.h"

/* Of domain 0's steps. */
#define FIRST_SIGNAL 0u
#define LAST_SIGNAL  3u

static void build(void)
{
    explore_world();
    grant_through_the_middle(0);
    add_call(0, call_on(R4_CALL_NOTIFICATION_SIGNAL, FIRST));
    add_store(0, GRANT_OF(0), grant(1, FIRST, R4_RIGHT_SIGNAL, TTL));
    add_store(0, GRANT_OF(0), grant(1, FIRST, ALL, TTL) | R4_PROXY_ONCE_MASK);
    add_call(0, call_on(R4_CALL_NOTIFICATION_SIGNAL, FIRST));
    add_store(1, GRANT_OF(1), 0);
    add_call(2, call_on(R4_CALL_NOTIFICATION_WAIT, USE_INDEX));
}

/* A word for one use leads nowhere for one who did not use it up. */
static bool may_receive(const struct recheck *r, const void *context)
{
    (void)context;
    return r->err == R4_OK && (r->rights & R4_RIGHT_RECEIVE) != 0 && !r->is_once;
}

static bool may_not_receive(const struct recheck *r, const void *context)
{
    return !may_receive(r, context);
}

/* The first signal after the thread had begun to wait. */
static const struct result *waker_of(const struct result *wait)
{
    const struct result *first = &actor[0].result[FIRST_SIGNAL];
    const struct result *last = &actor[0].result[LAST_SIGNAL];

    if (first->end > wait->blocked) {
        return first;
    }
    return last->end > wait->blocked ? last : NULL;
}

static const char *judge_waiter(const struct result *wait, const struct result *waker)
{
    const struct pd *pd = pd_of(&domain[2].t->pd_slot);
    const bool used = *GRANT_OF(0) == 0;

    if (wait->end == 0) {
        return "a waiter that nobody woke";
    }
    if (wait->reply.err == R4_OK) {
        explore_outcome(used ? "received, once" : "received");
        return waker->effect == 0 &&
                       (used || explore_could(pd, USE_INDEX, waker, may_receive, NULL))
                   ? NULL
                   : "received through words that did not lead there any more";
    }
    explore_outcome("refused when the signal came");
    return wait->reply.err == R4_E_PROXY && waker->effect == FIRST_BIT && !used &&
                   explore_could(pd, USE_INDEX, waker, may_not_receive, NULL)
               ? NULL
               : "a waiter that was refused without a reason, or a signal that was lost";
}

static const char *judge(void)
{
    const struct result *wait = &actor[2].result[0];
    const struct result *waker;

    if (wait->blocked == 0) {
        explore_outcome("refused at once");
        return wait->reply.err == R4_E_PROXY &&
                       explore_could(pd_of(&domain[2].t->pd_slot), USE_INDEX, wait, may_not_receive,
                                     NULL)
                   ? NULL
                   : "refused without a reason";
    }
    waker = waker_of(wait);
    if (waker == NULL) {
        explore_outcome("waits for ever");
        return wait->end == 0 ? NULL : "woken by nobody";
    }
    return judge_waiter(wait, waker);
}

const struct scenario scenario_wait = {
    .name = "wait through a chain that is erased",
    .actors = 3,
    .build = build,
    .judge = judge,
    .wanted = {"received", "received, once", "refused at once", "refused when the signal came",
               "waits for ever"},
};
