/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of memory.
 *   map_4k, unmap_4k      a page whose page tables are there, on a core that alone uses the address
 *                         space
 *   retype_frame_zeroed   one frame of 4 KiB; R4 has no way to make one that is not zeroed
 *   retype_64_zeroed      64 of them in one call
 *   retype_untyped        one untyped of the same size: the same work without zeroing
 *   retype_64_untyped     64 of those in one call
 *   retype_endpoint_like  a notification, in a page that is zero already
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define MANY       64u
#define POOL_BITS  20u

static uint64_t scratch(const struct bench *b)
{
    return WORLD_FREE_ADDRESS(b->info) + WORLD_SCRATCH_OFFSET;
}

static bool is_mapped(uint32_t frame)
{
    uint64_t view = 0;
    world_must("identify", r4_cap_identify(frame, &view, NULL, NULL, NULL, NULL));
    return r4_cap_view_mapped(view) != 0;
}

/* A frame that was mapped once, so that the page tables are there. */
static uint32_t make_frame(const struct bench *b)
{
    uint32_t frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    world_map(frame, scratch(b), READ_WRITE);
    world_must("unmap", r4_frame_unmap(frame));
    return frame;
}

static void run_map(struct bench *b)
{
    uint32_t frame = make_frame(b);
    volatile uint64_t *word = (uint64_t *)scratch(b);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_frame_map(frame, R4_INIT_SLOT_PD, scratch(b), READ_WRITE));
        bench_check("map", err, R4_OK);
        bench_check("what the last round wrote", *word, i);
        *word = i + 1;
        world_must("unmap", r4_frame_unmap(frame));
    }
    bench_end(b, "map_4k");
}

static void run_unmap(struct bench *b)
{
    uint32_t frame = make_frame(b);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        world_must("map", r4_frame_map(frame, R4_INIT_SLOT_PD, scratch(b), READ_WRITE));
        bench_check("mapped", is_mapped(frame), true);
        BENCH_MEASURE(b, err = r4_frame_unmap(frame));
        bench_check("unmap", err, R4_OK);
        bench_check("still mapped", is_mapped(frame), false);
    }
    bench_end(b, "unmap_4k");
}

static void check_objects(uint32_t first, uint32_t count, uint8_t type)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t view = 0;
        world_must("identify", r4_cap_identify(first + i, &view, NULL, NULL, NULL, NULL));
        bench_check("the type of a new object", r4_cap_view_type(view), type);
        world_must("delete", r4_cap_delete(first + i));
    }
}

/* Makes `count` objects of 4 KiB in one call and deletes them again. */
static void retype_pages(struct bench *b, const char *row, uint8_t type, uint32_t count)
{
    uint32_t pool = world_make(R4_TYPE_UNTYPED, POOL_BITS);
    uint32_t slots = world_slots(count);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_untyped_retype(pool, type, R4_PAGE_BITS, 0, slots, count));
        bench_check(row, err, R4_OK);
        check_objects(slots, count, type);
    }
    bench_end(b, row);
}

static void run_retype_frame(struct bench *b)
{
    retype_pages(b, "retype_frame_zeroed", R4_TYPE_FRAME, 1);
}

static void run_retype_frames(struct bench *b)
{
    retype_pages(b, "retype_64_zeroed", R4_TYPE_FRAME, MANY);
}

static void run_retype_untyped(struct bench *b)
{
    retype_pages(b, "retype_untyped", R4_TYPE_UNTYPED, 1);
}

static void run_retype_untypeds(struct bench *b)
{
    retype_pages(b, "retype_64_untyped", R4_TYPE_UNTYPED, MANY);
}

/* The first object stays, so that the page is not started again. */
static void run_retype_small(struct bench *b)
{
    uint32_t pool = world_make(R4_TYPE_UNTYPED, POOL_BITS);
    uint32_t slots = world_slots(2);
    world_must("make the first", r4_untyped_retype(pool, R4_TYPE_NOTIFICATION, 0, 0, slots, 1));
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_untyped_retype(pool, R4_TYPE_NOTIFICATION, 0, 0, slots + 1, 1));
        bench_check("retype", err, R4_OK);
        check_objects(slots + 1, 1, R4_TYPE_NOTIFICATION);
    }
    bench_end(b, "retype_endpoint_like");
}

const struct bench_row rows_memory[] = {
    {"map_4k", run_map},
    {"unmap_4k", run_unmap},
    {"retype_frame_zeroed", run_retype_frame},
    {"retype_64_zeroed", run_retype_frames},
    {"retype_untyped", run_retype_untyped},
    {"retype_64_untyped", run_retype_untypeds},
    {"retype_endpoint_like", run_retype_small},
    {NULL, NULL},
};
