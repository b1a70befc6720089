/* SPDX-License-Identifier: MIT */
/*
 * revoke-tree [MOST]: what a revoke costs by the number of copies, powers of ten and MOST (1000), made from the
 * revoked capability itself (flat) or each from the one before, ten in a row (deep). Counted by the
 * time-stamp counter. Results: revoke-tree shape=flat|deep, children=.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define TABLE_BITS 18u /* 4096 slots */
#define MOST       1000u
#define LIMIT      4000u
#define ROW        10u
#define ROUNDS     8u

static uint32_t table;
static uint32_t own; /* where the copy stands from which the next one of a row is made */

/* Copies stand in a table of their own; one of a row is moved here for the next one. */
static void make_children(uint32_t target, uint32_t children, bool is_deep)
{
    for (uint32_t i = 0; i < children; i++) {
        if (!is_deep || i % ROW == 0) {
            lab_must("copy", r4_cap_copy(target, table, 1 + i));
            continue;
        }
        lab_must("take", r4_cap_table_take(table, i, own));
        lab_must("copy", r4_cap_copy(own, table, 1 + i));
        lab_must("move back", r4_cap_move(own, table, i));
    }
}

static void measure(uint32_t target, uint32_t children, bool is_deep)
{
    static struct lab_samples samples;
    char what[64];
    for (uint32_t i = 0; i < ROUNDS; i++) {
        make_children(target, children, is_deep);
        const uint64_t start = lab_clock();
        const enum r4_err err = r4_cap_revoke(target);
        const uint64_t difference = lab_clock() - start;
        lab_must("revoke", err);
        lab_sample(&samples, difference);
        for (uint32_t n = 1; n <= children; n++) {
            uint64_t view = 1;
            lab_must("identify", r4_cap_table_identify(table, n, &view, NULL));
            lab_equal("what is left", view, 0);
        }
    }
    (void)r4_snprintf(what, sizeof what, "revoke-tree shape=%s children=%u",
                      is_deep ? "deep" : "flat", children);
    lab_result(what, &samples);
}

static void measure_both(uint32_t target, uint32_t children)
{
    measure(target, children, false);
    measure(target, children, true);
}

int main(int argc, char **argv)
{
    lab_begin("revoke-tree");
    struct lab_parameter most = {"MOST", 1, LIMIT, MOST};
    lab_arguments(argc, argv, &most, 1);
    const uint32_t target = lab_make(R4_TYPE_NOTIFICATION, 0);
    table = lab_make(R4_TYPE_CAP_TABLE, TABLE_BITS);
    own = lab_slots(1);
    for (uint32_t children = 1; children < most.value; children *= 10) {
        measure_both(target, children);
    }
    measure_both(target, (uint32_t)most.value);
    return 0;
}
