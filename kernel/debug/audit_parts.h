/* SPDX-License-Identifier: MIT */
/*
 * The parts of the auditor, one file a group of rules, called by audit.c in the order in which they
 * stand here: each may rely on what the parts before it found in order.
 */
#pragma once

#include <kernel/audit.h>
#include <kernel/cluster.h>
#include <kernel/derive.h>

struct audit {
    struct cluster *cluster;
    struct audit_report *report;
};

/* Counts one thing looked at; `is_good` false: one violation. Returns `is_good`. */
bool audit_expect(struct audit *a, bool is_good, enum audit_detail detail);

/* Rule 1, the account: regions and sums. Rule 9 for cluster and cores is in audit.c. */
void audit_account(struct audit *a);

/* Rule 2, links: every bracket of the tour. False: the tour cannot be walked. */
bool audit_tour_links(struct audit *a);
/* Rule 2, homes, headers and counts; rule 3; rule 9 for PDs and threads. */
void audit_slots(struct audit *a);
/* Rule 2, parents and children. */
void audit_tour_pairs(struct audit *a);
/* Rule 2, capabilities that are being revoked. */
void audit_revokes(struct audit *a);
/* Rule 1, what stands under one parent: `parent` is an untyped, or the anchor. */
void audit_children(struct audit *a, const struct slot *parent);

/* Rule 4. */
void audit_threads(struct audit *a);
/* Rule 4 for user parts; the list of threads holds `threads` and is in order. */
void audit_user_parts(struct audit *a, uint64_t threads);
/* Rule 8. */
void audit_asids(struct audit *a);
void audit_peers(struct audit *a);
/* Rule 6. */
void audit_spaces(struct audit *a);

/* Whether the memory lies in the cluster's own regions. */
bool audit_owns(const struct cluster *cl, struct paddr base, uint64_t bytes);

/* The slots of the tour after `at`; start with NULL. */
static inline struct slot *audit_next_slot(const struct audit *a, const struct slot *at)
{
    return derive_next(&a->cluster->tour, at == NULL ? &a->cluster->tour : at);
}
