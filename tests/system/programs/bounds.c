/* SPDX-License-Identifier: MIT */
/*
 * bounds: makes and ends as much at once as a program can, so that the kernel works as long as it
 * ever does in one entry. test_bounds.py looks at how long that was.
 */
#include <r4/abi/calls.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>

#define TABLE      R4_PROGRAM_SLOT_FREE
#define ONE        (R4_PROGRAM_SLOT_FREE + 1u)
#define COPY       (R4_PROGRAM_SLOT_FREE + 2u)
#define PAGES      (R4_PROGRAM_SLOT_FREE + 3u) /* two page tables */
#define SMALL_BITS 15u                         /* a table of 512 slots */
#define LARGE_BITS 17u                         /* a table of 2048 slots */
#define LARGE_LAST ((1u << (LARGE_BITS - 6u)) - 1u)
#define MAPPINGS   255u
#define PART_BYTES 256u
#define PARTS      16u /* of a frame */
#define FRAMES     4u  /* that are full of user parts */
#define THREADS    (R4_PROGRAM_SLOT_FREE + 8u)
#define WINDOW     UINT64_C(0x4000000000)

static const struct {
    uint8_t type;
    uint8_t bits;
    uint32_t count;
} kinds[] = {
    {R4_TYPE_NOTIFICATION, 0, 256}, {R4_TYPE_UNTYPED, 5, 256},  {R4_TYPE_UNTYPED, 12, 32},
    {R4_TYPE_THREAD, 0, 64},        {R4_TYPE_PD, 0, 16},        {R4_TYPE_PAGE_TABLE, 0, 32},
    {R4_TYPE_FRAME, 12, 32},        {R4_TYPE_CAP_TABLE, 14, 8},
};

static unsigned wrong;

static void must(const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        r4_printf("bounds: %s: %s\n", what, r4_err_name(err));
        wrong++;
    }
}

static void make(enum r4_type type, uint8_t bits, uint32_t table, uint32_t dest, uint32_t count)
{
    must(r4_type_name(type),
         r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, type, bits, table, dest, count));
}

/* Many new objects, which end with their table. */
static void make_and_end_each_kind(void)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        make(R4_TYPE_CAP_TABLE, SMALL_BITS, 0, TABLE, 1);
        make(kinds[i].type, kinds[i].bits, TABLE, 1, kinds[i].count);
        must("delete the table", r4_cap_delete(TABLE));
    }
}

/* Fills every `step`th slot of a large table with a capability, and ends the table. */
static void end_large_table(uint32_t step)
{
    make(R4_TYPE_CAP_TABLE, LARGE_BITS, 0, TABLE, 1);
    make(R4_TYPE_NOTIFICATION, 0, 0, ONE, 1);
    for (uint32_t i = step; i < LARGE_LAST; i += step) {
        must("copy", r4_cap_copy(ONE, TABLE, i));
    }
    must("delete the one", r4_cap_delete(ONE));
    must("delete the table", r4_cap_delete(TABLE));
}

/* Takes back a large table full of copies. */
static void revoke_copies(void)
{
    make(R4_TYPE_CAP_TABLE, LARGE_BITS, 0, TABLE, 1);
    make(R4_TYPE_NOTIFICATION, 0, 0, ONE, 1);
    for (uint32_t i = 1; i < LARGE_LAST; i++) {
        must("copy", r4_cap_copy(ONE, TABLE, i));
    }
    must("revoke", r4_cap_revoke(ONE));
    must("delete the one", r4_cap_delete(ONE));
    must("delete the table", r4_cap_delete(TABLE));
}

/* Many mappings, which end with the table of their capabilities. */
static void end_mappings(void)
{
    uint64_t level;
    make(R4_TYPE_CAP_TABLE, SMALL_BITS, 0, TABLE, 1);
    make(R4_TYPE_FRAME, 12, 0, ONE, 1);
    make(R4_TYPE_PAGE_TABLE, 0, 0, PAGES, 2);
    for (uint32_t i = 0; i < 2; i++) {
        must("page table", r4_page_table_map(PAGES + i, R4_PROGRAM_SLOT_PD, WINDOW, &level));
    }
    for (uint32_t i = 0; i < MAPPINGS; i++) {
        must("copy", r4_cap_copy(ONE, 0, COPY));
        must("map",
             r4_frame_map(COPY, R4_PROGRAM_SLOT_PD, WINDOW + i * UINT64_C(4096), R4_RIGHT_READ));
        must("move", r4_cap_move(COPY, TABLE, 1 + i));
    }
    must("delete the table", r4_cap_delete(TABLE));
    must("delete the frame", r4_cap_delete(ONE));
    for (uint32_t i = 0; i < 2; i++) {
        must("delete a page table", r4_cap_delete(PAGES + i));
    }
}

/* Frames full of user parts, which end with the table of their capabilities. */
static void end_parts(void)
{
    uint64_t level;
    make(R4_TYPE_CAP_TABLE, SMALL_BITS, 0, TABLE, 1);
    make(R4_TYPE_PAGE_TABLE, 0, 0, PAGES, 2);
    make(R4_TYPE_THREAD, 0, 0, THREADS, FRAMES * PARTS);
    for (uint32_t i = 0; i < 2; i++) {
        must("page table", r4_page_table_map(PAGES + i, R4_PROGRAM_SLOT_PD, WINDOW, &level));
    }
    for (uint32_t f = 0; f < FRAMES; f++) {
        make(R4_TYPE_FRAME, 12, 0, ONE, 1);
        must("map", r4_frame_map(ONE, R4_PROGRAM_SLOT_PD, WINDOW + f * UINT64_C(4096),
                                 R4_RIGHT_READ | R4_RIGHT_WRITE));
        for (uint32_t i = 0; i < PARTS; i++) {
            must("attach", r4_thread_attach(THREADS + f * PARTS + i, ONE, i * PART_BYTES));
        }
        must("move", r4_cap_move(ONE, TABLE, 1 + f));
    }
    must("delete the table", r4_cap_delete(TABLE));
    for (uint32_t i = 0; i < FRAMES * PARTS; i++) {
        must("delete a thread", r4_cap_delete(THREADS + i));
    }
    for (uint32_t i = 0; i < 2; i++) {
        must("delete a page table", r4_cap_delete(PAGES + i));
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    make_and_end_each_kind();
    end_large_table(1);
    end_large_table(64);
    end_large_table(1024);
    revoke_copies();
    end_mappings();
    end_parts();
    return wrong == 0 ? 0 : 1;
}
