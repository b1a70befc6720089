/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of untyped memory, page tables and frames.
 */
#include "check.h"

#include <r4/page.h>

#define POOL       SLOT(0) /* 64 KiB of untyped */
#define POOL_BITS  16u
#define POOL_PAGES 16u
#define FRAME      SLOT(1)
#define ALIAS      SLOT(2)
#define TABLE_2    SLOT(3) /* page tables of levels 2 and 1 */
#define TABLE_1    SLOT(4)
#define EXTRA      SLOT(5)
#define ADDRESS    R4_PROGRAM_FREE
#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)

static struct r4_result map(uint32_t frame, uint64_t address, uint64_t access)
{
    return r4_invoke3(frame, R4_CALL_FRAME_MAP, PD, address, access);
}

static struct r4_result unmap(uint32_t frame)
{
    return r4_invoke0(frame, R4_CALL_FRAME_UNMAP);
}

static struct r4_result map_table(uint32_t table)
{
    return r4_invoke2(table, R4_CALL_PAGE_TABLE_MAP, PD, ADDRESS);
}

static volatile uint64_t *word_at(uint64_t address)
{
    return (volatile uint64_t *)address;
}

static uint64_t free_bytes(void)
{
    return call_identify(POOL).m[4];
}

static void check_pool(void)
{
    check_ok("make a pool", call_retype(UNTYPED, R4_TYPE_UNTYPED, POOL_BITS, POOL, 1));
    check_equal("free in a new pool", free_bytes(), UINT64_C(1) << POOL_BITS);
    check_ok("make all of it frames", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME, POOL_PAGES));
    check_equal("free in a full pool", free_bytes(), 0);
    check("make one more", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME + POOL_PAGES, 1), R4_E_MEMORY,
          0);
    for (uint32_t i = 0; i < POOL_PAGES; i++) {
        check_ok("delete the frames", call_delete(FRAME + i));
    }
    check_ok("make frames again", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME, 1));
    check("onto a capability", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME, 1), R4_E_OCCUPIED, 4);
}

/* What is missing on the way is named level by level. */
static void check_tables(void)
{
    check_ok("make page tables", call_retype(POOL, R4_TYPE_PAGE_TABLE, 0, TABLE_2, 2));
    struct r4_result r =
        check("map without tables", map(FRAME, ADDRESS, READ_WRITE), R4_E_NO_TABLE, 2);
    check_equal("the missing level", r.m[0], 2);
    r = check_ok("install a table", map_table(TABLE_2));
    check_equal("the level of the table", r.m[0], 2);
    check("install it again", map_table(TABLE_2), R4_E_MAPPED, 0);
    r = check("map with one table", map(FRAME, ADDRESS, READ_WRITE), R4_E_NO_TABLE, 2);
    check_equal("the level that is still missing", r.m[0], 1);
    r = check_ok("install the last table", map_table(TABLE_1));
    check_equal("the level of the last table", r.m[0], 1);
    check_ok("make a table too many", call_retype(POOL, R4_TYPE_PAGE_TABLE, 0, EXTRA, 1));
    check("install it", map_table(EXTRA), R4_E_ADDRESS_TAKEN, 2);
    check("take out what is not in", r4_invoke0(EXTRA, R4_CALL_PAGE_TABLE_UNMAP), R4_E_STATE, 0);
    check_ok("delete it", call_delete(EXTRA));
}

static void check_bad_maps(void)
{
    check("map at 0", map(FRAME, 0, READ_WRITE), R4_E_RANGE, 2);
    check("map in the kernel", map(FRAME, UINT64_C(0xffff800000000000), READ_WRITE), R4_E_RANGE, 2);
    check("map above user space", map(FRAME, R4_USER_TOP, READ_WRITE), R4_E_RANGE, 2);
    check("map misaligned", map(FRAME, ADDRESS + 8, READ_WRITE), R4_E_ALIGN, 2);
    check("map without access", map(FRAME, ADDRESS, 0), R4_E_RANGE, 3);
    check("map write-only", map(FRAME, ADDRESS, R4_RIGHT_WRITE), R4_E_RANGE, 3);
    check("map writable and executable", map(FRAME, ADDRESS, READ_WRITE | R4_RIGHT_EXEC), R4_E_WX,
          3);
    check("map into a thread", r4_invoke3(FRAME, R4_CALL_FRAME_MAP, THREAD, ADDRESS, READ_WRITE),
          R4_E_TYPE, 1);
    check("unmap what is not mapped", unmap(FRAME), R4_E_STATE, 0);
}

static void check_frame(void)
{
    check_ok("map", map(FRAME, ADDRESS, READ_WRITE));
    check_equal("a new frame is zero", *word_at(ADDRESS), 0);
    *word_at(ADDRESS) = 0x5234;
    check_equal("mapped at", call_identify(FRAME).m[3], ADDRESS);
    check_equal("mapped", r4_cap_view_mapped(call_identify(FRAME).m[0]), 1);
    check("map it again", map(FRAME, ADDRESS + R4_PAGE_BYTES, READ_WRITE), R4_E_MAPPED, 0);

    check_ok("derive a reader",
             r4_invoke3(FRAME, R4_CALL_CAP_DERIVE, 0, ALIAS, R4_RIGHT_READ | R4_RIGHT_MODIFY));
    check("map it where something is", map(ALIAS, ADDRESS, R4_RIGHT_READ), R4_E_ADDRESS_TAKEN, 2);
    check("map it to write", map(ALIAS, ADDRESS + R4_PAGE_BYTES, READ_WRITE), R4_E_RIGHTS, 3);
    check_ok("map it beside", map(ALIAS, ADDRESS + R4_PAGE_BYTES, R4_RIGHT_READ));
    check_equal("both see the same", *word_at(ADDRESS + R4_PAGE_BYTES), 0x5234);
    check_ok("unmap the reader", unmap(ALIAS));
    check_ok("map it again", map(ALIAS, ADDRESS + R4_PAGE_BYTES, R4_RIGHT_READ));
    check_ok("delete it while mapped", call_delete(ALIAS));
}

/* A page table that is taken out takes its mappings along; memory that is used again is zero. */
static void check_reuse(void)
{
    check_ok("take the table out", r4_invoke0(TABLE_1, R4_CALL_PAGE_TABLE_UNMAP));
    check_ok("put it back", map_table(TABLE_1));
    check_ok("delete the frame", call_delete(FRAME));
    check_ok("make a frame", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME, 1));
    check_ok("map where the other was", map(FRAME, ADDRESS, READ_WRITE));
    *word_at(ADDRESS) = 0x5234;
    check_ok("delete the frame", call_delete(FRAME));
    check_ok("delete the table", call_delete(TABLE_1));
    check_ok("delete the other", call_delete(TABLE_2));
    check_ok("make it all frames", call_retype(POOL, R4_TYPE_FRAME, 12, FRAME, POOL_PAGES - 2));
    check_ok("make tables", call_retype(POOL, R4_TYPE_PAGE_TABLE, 0, FRAME + POOL_PAGES, 2));
    check_ok("install", map_table(FRAME + POOL_PAGES));
    check_ok("install", map_table(FRAME + POOL_PAGES + 1));
    for (uint32_t i = 0; i < POOL_PAGES - 2; i++) {
        check_ok("map", map(FRAME + i, ADDRESS + i * R4_PAGE_BYTES, READ_WRITE));
        check_equal("used again, it is zero", *word_at(ADDRESS + i * R4_PAGE_BYTES), 0);
    }
}

void check_memory(void)
{
    check_pool();
    check_tables();
    check_bad_maps();
    check_frame();
    check_reuse();
    for (uint32_t slot = POOL; slot < FRAME + POOL_PAGES + 2; slot++) {
        (void)call_delete(slot);
    }
    check("all is deleted", call_identify(POOL), R4_E_EMPTY, 0);
}
