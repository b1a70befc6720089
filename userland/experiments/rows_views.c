/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of readable views.
 *   map_views_256, unmap_views_256  all views of a table of 65536 slots, the most that can be mapped;
 *                                   only this core uses the address space
 *   revoke_views_16                 one revoke of a capability with 16 copies that each map as much
 *   cap_identify, cap_view_read     what a slot holds: by a call, and by a load from its view
 * The longest stretch with interrupts off that any of them makes is bounded.
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/cap_views.h>
#include <r4/page.h>

#define TABLE_BITS 22u
#define SLOTS      (UINT32_C(1) << (TABLE_BITS - 6u))
#define PAGES      (SLOTS * sizeof(struct r4_slot_view) / R4_PAGE_BYTES)
#define COPIES     16u
_Static_assert(PAGES == R4_VIEW_PAGES_MAX, "the largest table whose views can be mapped");

static uint64_t address_of(const struct bench *b, uint32_t i)
{
    return WORLD_FREE_ADDRESS(b->info) + WORLD_VIEWS_OFFSET + i * PAGES * R4_PAGE_BYTES;
}

/* Maps all views of the table, with the page tables that it needs. */
static struct r4_cap_views map(uint32_t table, uint32_t slots, uint64_t address)
{
    struct r4_cap_views views;
    world_must("mapping views", r4_cap_views_map(&views, world_vspace(), table, slots, address));
    return views;
}

/* The capability itself stands in the last slot but one, whose view is on the last page. */
static void check_views(const struct r4_cap_views *views, uint64_t badge)
{
    const uint32_t slot = SLOTS - 2;
    bench_check("the type in a view", r4_cap_views_type(views, slot), R4_TYPE_NOTIFICATION);
    bench_check("the badge in a view", r4_cap_views_badge(views, slot), badge);
}

/* A table of the largest size, with one capability in it. */
static uint32_t make_table(uint64_t badge)
{
    uint32_t table = world_make(R4_TYPE_CAP_TABLE, TABLE_BITS);
    uint32_t notification = world_make(R4_TYPE_NOTIFICATION, 0);
    world_must("minting", r4_cap_mint(notification, table, SLOTS - 2, badge));
    return table;
}

static void run_map(struct bench *b)
{
    uint32_t table = make_table(1);
    struct r4_cap_views views = map(table, SLOTS, address_of(b, 0));
    world_must("unmapping views", r4_cap_table_unmap_view(table));
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_cap_table_map_view(table, R4_INIT_SLOT_PD, address_of(b, 0)));
        bench_check("map", err, R4_OK);
        check_views(&views, 1);
        world_must("unmapping views", r4_cap_table_unmap_view(table));
    }
    world_check_bounded();
    bench_end(b, "map_views_256");
}

static void run_unmap(struct bench *b)
{
    uint32_t table = make_table(2);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        struct r4_cap_views views = map(table, SLOTS, address_of(b, 0));
        check_views(&views, 2);
        BENCH_MEASURE(b, err = r4_cap_table_unmap_view(table));
        bench_check("unmap", err, R4_OK);
        bench_check("unmap again", r4_cap_table_unmap_view(table), R4_E_STATE);
    }
    world_check_bounded();
    bench_end(b, "unmap_views_256");
}

static void run_revoke(struct bench *b)
{
    uint32_t table = make_table(3);
    uint32_t copies = world_slots(COPIES);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        for (uint32_t c = 0; c < COPIES; c++) {
            world_must("copying a table", r4_cap_copy(table, 0, copies + c));
            struct r4_cap_views views = map(copies + c, SLOTS, address_of(b, c));
            check_views(&views, 3);
        }
        BENCH_MEASURE(b, err = r4_cap_revoke(table));
        bench_check("revoke", err, R4_OK);
        bench_check("what is left of a copy", r4_cap_table_unmap_view(copies), R4_E_EMPTY);
    }
    world_check_bounded();
    bench_end(b, "revoke_views_16");
}

static void run_identify(struct bench *b)
{
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t view = 0;
        BENCH_MEASURE(b, (void)r4_cap_identify(R4_INIT_SLOT_PD, &view, NULL, NULL, NULL, NULL));
        bench_check("the type of a capability", r4_cap_view_type(view), R4_TYPE_PD);
    }
    bench_end(b, "cap_identify");
}

static void run_read(struct bench *b)
{
    struct r4_cap_views views = map(R4_INIT_SLOT_CAP_TABLE, b->info->table_slots, address_of(b, 0));
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t view;
        BENCH_MEASURE(b, view = r4_cap_views_word(&views, R4_INIT_SLOT_PD));
        bench_check("the type in a view", r4_cap_view_type(view), R4_TYPE_PD);
    }
    world_must("unmapping views", r4_cap_views_unmap(&views, R4_INIT_SLOT_CAP_TABLE));
    bench_end(b, "cap_view_read");
}

const struct bench_row rows_views[] = {
    {"map_views_256", run_map},     {"unmap_views_256", run_unmap}, {"revoke_views_16", run_revoke},
    {"cap_identify", run_identify}, {"cap_view_read", run_read},    {NULL, NULL},
};
