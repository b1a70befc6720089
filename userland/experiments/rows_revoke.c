/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of revoke: revoke_100, revoke_1000, revoke_10000 are one call on a notification with
 * so many copies in another table; what a child costs is the slope. The longest stretch with
 * interrupts off that any of them, or of the copies before, makes is bounded.
 */
#include "world.h"

#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define TABLE_BITS 20u /* 16384 slots */

static void run(struct bench *b, const char *row, uint32_t children)
{
    uint32_t source = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t table = world_make(R4_TYPE_CAP_TABLE, TABLE_BITS);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t view = 1;
        for (uint32_t slot = 1; slot <= children; slot++) {
            world_must("copy", r4_cap_copy(source, table, slot));
        }
        BENCH_MEASURE(b, err = r4_cap_revoke(source));
        bench_check("revoke", err, R4_OK);
        world_must("identify", r4_cap_table_identify(table, children, &view, NULL));
        bench_check("what is left of the last copy", view, 0);
        world_must("the revoked one", r4_notification_signal(source));
    }
    world_check_bounded();
    bench_end(b, row);
}

static void run_100(struct bench *b)
{
    run(b, "revoke_100", 100);
}

static void run_1000(struct bench *b)
{
    run(b, "revoke_1000", 1000);
}

static void run_10000(struct bench *b)
{
    run(b, "revoke_10000", 10000);
}

const struct bench_row rows_revoke[] = {
    {"revoke_100", run_100},
    {"revoke_1000", run_1000},
    {"revoke_10000", run_10000},
    {NULL, NULL},
};
