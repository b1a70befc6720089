/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of operations on capabilities: cap_copy, cap_mint, cap_move, cap_delete (of one that
 * is not the last for its object); derivation_last, the longest walk of monitor_derivation.
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define BADGE UINT64_C(0x40)

static uint8_t type_in(uint32_t slot)
{
    uint64_t view = 0;
    world_must("identify", r4_cap_table_identify(R4_INIT_SLOT_CAP_TABLE, slot, &view, NULL));
    return (uint8_t)r4_cap_view_type(view);
}

static void run_copy(struct bench *b)
{
    uint32_t source = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t dest = world_slots(1);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_cap_copy(source, 0, dest));
        bench_check("copy", err, R4_OK);
        bench_check("the copy", type_in(dest), R4_TYPE_NOTIFICATION);
        world_must("delete", r4_cap_delete(dest));
    }
    bench_end(b, "cap_copy");
}

static void run_mint(struct bench *b)
{
    uint32_t source = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t dest = world_slots(1);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t badge = 0;
        BENCH_MEASURE(b, err = r4_cap_mint(source, 0, dest, BADGE));
        bench_check("mint", err, R4_OK);
        world_must("identify", r4_cap_identify(dest, NULL, &badge, NULL, NULL, NULL));
        bench_check("the badge", badge, BADGE);
        world_must("delete", r4_cap_delete(dest));
    }
    bench_end(b, "cap_mint");
}

static void run_move(struct bench *b)
{
    uint32_t from = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t to = world_slots(1);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_cap_move(from, 0, to));
        bench_check("move", err, R4_OK);
        bench_check("what was moved", type_in(to), R4_TYPE_NOTIFICATION);
        bench_check("what it left", type_in(from), 0);
        uint32_t empty = from;
        from = to;
        to = empty;
    }
    bench_end(b, "cap_move");
}

static void run_delete(struct bench *b)
{
    uint32_t source = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t dest = world_slots(1);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        world_must("copy", r4_cap_copy(source, 0, dest));
        BENCH_MEASURE(b, err = r4_cap_delete(dest));
        bench_check("delete", err, R4_OK);
        bench_check("what is left", type_in(dest), 0);
    }
    bench_end(b, "cap_delete");
}

/* The last one that can be asked for, and one more behind it: two brackets for each on the way. */
static void run_derivation(struct bench *b)
{
    uint32_t source = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t first = world_slots(R4_DERIVATION_MAX + 1);
    for (uint32_t i = 0; i <= R4_DERIVATION_MAX; i++) {
        world_must("copy", r4_cap_copy(source, 0, first + i));
    }
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t place = 0;
        uint64_t depth = 0;
        uint64_t status = 0;
        BENCH_MEASURE(b, err = r4_monitor_derivation(R4_INIT_SLOT_MONITOR, 0, source,
                                                     R4_DERIVATION_MAX, NULL, NULL, &place, &depth,
                                                     &status));
        bench_check("derivation", err, R4_OK);
        bench_check("its home", r4_cap_place_home(place), R4_CAP_HOME_TABLE);
        bench_check("its slot", r4_cap_place_number(place), first + 1);
        bench_check("its depth", depth, 1);
        bench_check("its status", status, r4_cap_status_with_more(0, 1));
    }
    world_check_bounded();
    bench_end(b, "derivation_last");
}

const struct bench_row rows_caps[] = {
    {"cap_copy", run_copy},
    {"cap_mint", run_mint},
    {"cap_move", run_move},
    {"cap_delete", run_delete},
    {"derivation_last", run_derivation},
    {NULL, NULL},
};
