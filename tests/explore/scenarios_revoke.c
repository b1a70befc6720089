/* SPDX-License-Identifier: MIT */
/* Owns: link against a revoke of the root that is interrupted. */
#include "scenarios.h"

#include <kernel/derive.h>

#define CHILDREN 140u /* more than are frozen between two preemption points */
#define POLLS    3u

static void build(void)
{
    explore_world();
    make_children(CHILDREN);
    grant_through_the_middle(0);
    add_call(0, call_on(R4_CALL_CAP_REVOKE, FIRST))->polls = POLLS;
    add_store(1, GRANT_OF(1), grant(2, USE_INDEX, ALL, TTL - 2u));
    add_store(1, USE_OF(1), 0);
    add_call(2, call_on(R4_CALL_CAP_LINK, USE_INDEX))->argument[0] = LINKED_SLOT;
}

static bool is_refused_by(const struct recheck *r, const void *context)
{
    return r->err == ((const struct result *)context)->reply.err;
}

static const char *judge(void)
{
    const struct result *revoke = &actor[0].result[0];
    const struct result *link = &actor[2].result[0];
    const bool is_linked = !slot_is_empty(domain_slot(2, LINKED_SLOT));

    if (revoke->reply.err != R4_OK) {
        return "the revoke failed";
    }
    if (link->reply.err == R4_OK) {
        explore_outcome(is_linked ? "linked after" : "linked before and revoked");
        if (link->end > revoke->begin && link->end < revoke->end) {
            return "a link below a capability that was being revoked";
        }
        return is_linked == (link->end > revoke->end)
                   ? NULL
                   : "a linked capability that outlived the revoke, or died without it";
    }
    if (is_linked) {
        return "a refused link left something";
    }
    if (link->reply.err == R4_E_REVOKING) {
        explore_outcome("refused: revoking");
        return link->end > revoke->begin && link->begin < revoke->end ? NULL
                                                                      : "REVOKING without a revoke";
    }
    explore_outcome("refused");
    return explore_could(pd_of(&domain[2].t->pd_slot), USE_INDEX, link, is_refused_by, link)
               ? NULL
               : "a link that was refused without a reason";
}

const struct scenario scenario_link_revoke = {
    .name = "link and a revoke of the root that is interrupted",
    .actors = 3,
    .build = build,
    .judge = judge,
    .wanted = {"linked before and revoked", "linked after", "refused: revoking", "refused"},
    .audits = true,
};
