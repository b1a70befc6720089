/* SPDX-License-Identifier: MIT */
/* Owns: which outcomes came about, and which must. */
#pragma once

#include "world.h"

#define COVERAGE_ERRORS  64u
#define COVERAGE_DETAILS 16u /* those about a slot of a peer in the upper half */

struct coverage {
    uint64_t seen[R4_CALL_TABLE_SIZE][COVERAGE_ERRORS][COVERAGE_DETAILS];
    uint64_t calls;
    uint64_t good; /* of them: done or waiting */
    uint64_t pending;
    uint64_t gone;
    uint64_t stores;
    uint64_t hops[R4_HOPS_MAX + 1u]; /* calls that were done, by length of their chain */
    uint64_t caps;                   /* that there were, summed over all calls */
};

/* What came of the world's last operation. */
void coverage_note(struct coverage *c, const struct world *w);
/* A table of calls and errors. */
void coverage_print(const struct coverage *c);
/* How many pairs of call and error are missing that the ABI lists. */
uint32_t coverage_missing(const struct coverage *c);
/* The same; prints each. */
uint32_t coverage_report_missing(const struct coverage *c);
uint32_t coverage_good_percent(const struct coverage *c);
