/* SPDX-License-Identifier: MIT */
/* Owns: scenarios of resolving while words change: signals, fences, links. */
#include "scenarios.h"

#include <kernel/derive.h>

/* ------------------------------------------------------------------------------------------------
 * One GRANT, rewritten again and again: wider, narrower, for somebody else, too long-lived, none
 */

static void build_one_hop(void)
{
    explore_world();
    grant_directly(0);
    add_store(0, GRANT_OF(0), grant(2, SECOND, R4_RIGHT_RECEIVE, TTL));
    add_store(0, GRANT_OF(0), grant(1, SECOND, ALL, TTL));
    add_store(0, GRANT_OF(0), grant(2, SECOND, ALL, slot_ttl(domain_slot(0, SECOND))));
    add_store(0, GRANT_OF(0), 0);
    add_store(0, GRANT_OF(0), grant(2, SECOND, ALL, TTL));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

static const char *judge_signals(void)
{
    for (uint32_t i = 0; i < actor[2].steps; i++) {
        name_signal(&actor[2].result[i]);
        if (!signal_was_possible(&actor[2].result[i])) {
            return "a signal that no placement of the stores allows";
        }
    }
    return NULL;
}

const struct scenario scenario_one_hop = {
    .name = "resolve, one hop",
    .actors = 3,
    .loads_once = true,
    .build = build_one_hop,
    .judge = judge_signals,
    .wanted = {"signal first", "signal second", "refused", "refused: rights",
               "refused: time to live"},
};

/* ------------------------------------------------------------------------------------------------
 * Two GRANTs, whose owners rewrite theirs
 */

static void build_two_hops(void)
{
    explore_world();
    grant_through_the_middle(0);
    add_store(0, GRANT_OF(0), grant(1, SECOND, R4_RIGHT_SIGNAL, TTL));
    add_store(0, GRANT_OF(0), 0);
    add_store(1, GRANT_OF(1), grant(2, USE_INDEX, R4_RIGHT_RECEIVE, TTL - 1u));
    add_store(1, USE_OF(1), use(0, GRANT_INDEX, TTL - 1u));
    add_store(1, GRANT_OF(1), grant(2, USE_INDEX, ALL, TTL - 2u));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

const struct scenario scenario_two_hops = {
    .name = "resolve, two hops",
    .actors = 3,
    .loads_once = true,
    .build = build_two_hops,
    .judge = judge_signals,
    .wanted = {"signal first", "signal second", "refused", "refused: rights",
               "refused: time to live"},
};

/* ------------------------------------------------------------------------------------------------
 * Un-grant and fence, against short calls and a long one
 */

/* Steps of the one who takes back. */
#define UNGRANT 0u
#define FENCE   1u

/* The fence came back while the call ran which then succeeded, or the call began after it. */
static const char *judge_fence_against(const struct result *of, const struct actor *granter)
{
    const struct result *fence = &granter->result[FENCE];

    if (of->reply.err == R4_OK && of->end > fence->end) {
        return "an operation through a word that was erased before a fence that had come back";
    }
    explore_outcome(of->end < granter->result[UNGRANT].begin ? "before"
                    : of->begin > fence->end                 ? "after"
                                                             : "meanwhile");
    return NULL;
}

static void build_fence(void)
{
    explore_world();
    grant_through_the_middle(0);
    add_store(0, GRANT_OF(0), grant(1, SECOND, R4_RIGHT_SIGNAL, TTL));
    add_store(1, GRANT_OF(1), 0);
    add_fence(1);
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

static const char *judge_fence(void)
{
    for (uint32_t i = 0; i < actor[2].steps; i++) {
        const char *what = judge_fence_against(&actor[2].result[i], &actor[1]);

        if (what != NULL) {
            return what;
        }
    }
    return judge_signals();
}

const struct scenario scenario_fence = {
    .name = "un-grant and fence",
    .actors = 3,
    .build = build_fence,
    .judge = judge_fence,
    .wanted = {"before", "meanwhile", "after", "signal first", "refused"},
};

#define CHILDREN 40u /* more than are deleted between two preemption points */

static void build_fence_long(void)
{
    explore_world();
    make_children(CHILDREN);
    grant_directly(0);
    add_store(0, GRANT_OF(0), 0);
    add_fence(0);
    add_call(2, call_on(R4_CALL_CAP_REVOKE, USE_INDEX))->polls = 2;
}

static const char *judge_fence_long(void)
{
    const struct result *of = &actor[2].result[0];
    const bool has_children = derive_has_children(domain_slot(0, FIRST));

    if (of->reply.err == R4_OK && has_children) {
        return "a revoke that succeeded and left something";
    }
    if (of->reply.err != R4_OK && of->reply.err != R4_E_PROXY) {
        return "a revoke with an error of its own";
    }
    explore_outcome(of->reply.err == R4_OK ? "revoked"
                    : of->interrupted > 0  ? "stopped"
                                           : "refused");
    return judge_fence_against(of, &actor[0]);
}

const struct scenario scenario_fence_long = {
    .name = "un-grant and fence against a revoke that is interrupted",
    .actors = 3,
    .build = build_fence_long,
    .judge = judge_fence_long,
    .wanted = {"revoked", "stopped", "refused", "before", "meanwhile", "after"},
};

/* ------------------------------------------------------------------------------------------------
 * Link and un-grant
 */

static void build_link(void)
{
    explore_world();
    grant_through_the_middle(0);
    add_store(0, GRANT_OF(0), grant(1, SECOND, ALL & ~R4_RIGHT_RECEIVE, TTL));
    add_store(0, GRANT_OF(0), 0);
    add_store(1, GRANT_OF(1), grant(2, USE_INDEX, R4_RIGHT_SIGNAL, TTL - 1u));
    add_store(1, GRANT_OF(1), 0);
    add_call(2, call_on(R4_CALL_CAP_LINK, USE_INDEX))->argument[0] = LINKED_SLOT;
}

static bool is_link_by(const struct recheck *r, const void *context)
{
    const struct result *of = context;
    const struct slot *s = domain_slot(2, LINKED_SLOT);
    enum r4_err err = r->err;

    if (err == R4_OK && (r->rights & R4_RIGHT_LINK) == 0) {
        err = (r->near_rights & R4_RIGHT_LINK) == 0 ? R4_E_RIGHTS : R4_E_PROXY;
    }
    if (of->reply.err != err || (err != R4_OK && !slot_is_empty(s))) {
        return false;
    }
    return err != R4_OK ||
           (slot_rights(s) == r->rights && slot_ttl(s) == r->ttl && s->object == r->root->object &&
            s->extra == r->root->extra && derive_first_child(r->root) == s);
}

static const char *judge_link(void)
{
    const struct result *of = &actor[2].result[0];

    explore_outcome(of->reply.err == R4_OK         ? "linked"
                    : of->reply.err == R4_E_RIGHTS ? "refused: rights"
                                                   : "refused");
    return explore_could(pd_of(&domain[2].t->pd_slot), USE_INDEX, of, is_link_by, of)
               ? NULL
               : "a link that is neither what it should be nor nothing";
}

const struct scenario scenario_link = {
    .name = "link and un-grant",
    .actors = 3,
    .build = build_link,
    .judge = judge_link,
    .wanted = {"linked", "refused", "refused: rights"},
};
