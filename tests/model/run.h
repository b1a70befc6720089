/* SPDX-License-Identifier: MIT */
/*
 * Owns: runs of operations, each in a process of its own, so that one in which the kernel stops is
 * a result like any other: a run from a seed, which records what it does, and a run of recorded
 * operations.
 */
#pragma once

#include "coverage.h"

#define RUN_OPS_MAX 20000u

enum run_end {
    RUN_AGREES,
    RUN_DIFFERS,
    RUN_STOPS, /* the process ended on its own: an assertion, a check of the simulation, no end */
};

/* Shared with the process that runs. */
struct run_record {
    struct op op[RUN_OPS_MAX];
    uint32_t count; /* operations begun */
    char text[WORLD_TEXT_BYTES];
    struct coverage coverage;
};

struct run_options {
    enum model_bug bug;
    uint32_t compare_every; /* 0: at the end only */
    uint32_t audit_every;   /* 0: never */
    bool is_loud;           /* prints each operation; the kernel's own words come through */
};

struct run_record *run_record_new(void);
void run_record_free(struct run_record *r);

/* `ops` random operations from a seed. */
enum run_end run_random(struct run_record *r, uint64_t seed, uint32_t ops,
                        const struct run_options *options);
/* `count` recorded operations; r->count and r->text say how it ended. */
enum run_end run_recorded(struct run_record *r, const struct op *op, uint32_t count,
                          const struct run_options *options);
