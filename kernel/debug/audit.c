/* SPDX-License-Identifier: MIT */
/*
 * Owns: the order of the audit, its report, and rule 9 for the cluster and its cores.
 * Not here: the rules themselves, see audit_parts.h.
 */
#include <kernel/audit.h>

#include "audit_parts.h"

#include <kernel/core.h>

bool audit_expect(struct audit *a, bool is_good, enum audit_detail detail)
{
    a->report->checked++;
    if (!is_good) {
        if (a->report->violations == 0) {
            a->report->first_rule = (uint64_t)detail / 100u;
            a->report->first_detail = (uint64_t)detail;
        }
        a->report->violations++;
    }
    return is_good;
}

static bool audit_canaries(struct audit *a)
{
    const struct cluster *cl = a->cluster;
    const bool low = audit_expect(a, cl->canary_low == R4_CANARY, AUDIT_CANARY_CLUSTER);
    const bool high = audit_expect(a, cl->canary_high == R4_CANARY, AUDIT_CANARY_CLUSTER);
    bool is_intact = low && high;

    if (!is_intact) {
        return false;
    }
    for (uint32_t i = 0; i < cl->core_count; i++) {
        is_intact &= audit_expect(a, cl->cores[i]->canary == R4_CANARY, AUDIT_CANARY_CORE);
        is_intact &= audit_expect(a, arch_stacks_are_intact(cl->cores[i]), AUDIT_CANARY_STACK);
    }
    return is_intact;
}

void audit_cluster(struct cluster *cl, struct audit_report *report)
{
    struct audit a = {.cluster = cl, .report = report};

    *report = (struct audit_report){0};
    if (!audit_canaries(&a)) {
        return;
    }
    audit_account(&a);
    if (!audit_tour_links(&a)) {
        return;
    }
    audit_slots(&a);
    audit_tour_pairs(&a);
    audit_revokes(&a);
    audit_threads(&a);
    audit_asids(&a);
    audit_peers(&a);
    audit_spaces(&a);
}
