/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of copying, minting, deriving, moving, deleting, identifying and comparing capabilities.
 */
#include "check.h"

#define FIRST  SLOT(0)
#define SECOND SLOT(1)
#define THIRD  SLOT(2)

static struct r4_result copy(uint32_t cap, uint32_t dest)
{
    return r4_invoke2(cap, R4_CALL_CAP_COPY, 0, dest);
}

static struct r4_result mint(uint32_t cap, uint32_t dest, uint64_t badge)
{
    return r4_invoke3(cap, R4_CALL_CAP_MINT, 0, dest, badge);
}

static struct r4_result derive(uint32_t cap, uint32_t dest, uint64_t rights)
{
    return r4_invoke3(cap, R4_CALL_CAP_DERIVE, 0, dest, rights);
}

/* What a program has at its start stands at fixed numbers: it asks nobody. */
static void check_fixed_slots(void)
{
    static const uint8_t types[] = {
        [TABLE] = R4_TYPE_CAP_TABLE, [PD] = R4_TYPE_PD,
        [THREAD] = R4_TYPE_THREAD,   [OUTPUT] = R4_TYPE_NOTIFICATION,
        [UNTYPED] = R4_TYPE_UNTYPED, [R4_PROGRAM_SLOT_PARENT] = R4_TYPE_PEER,
    };
    for (uint32_t slot = 1; slot < sizeof types; slot++) {
        check_equal("a slot of the start",
                    r4_cap_view_type(check_ok("identify it", call_identify(slot)).m[0]),
                    types[slot]);
    }
    check("no memory besides", call_identify(R4_PROGRAM_SLOT_MORE), R4_E_EMPTY, 0);
    check("the first free slot", call_identify(R4_PROGRAM_SLOT_FREE), R4_E_EMPTY, 0);
}

static void check_identify(void)
{
    uint64_t table = check_ok("identify the table", call_identify(TABLE)).m[0];
    check_equal("type of the table", r4_cap_view_type(table), R4_TYPE_CAP_TABLE);
    check_equal("rights of the table", r4_cap_view_rights(table), R4_CAP_TABLE_RIGHTS);
    uint64_t output = check_ok("identify the output", call_identify(OUTPUT)).m[0];
    check_equal("type of the output", r4_cap_view_type(output), R4_TYPE_NOTIFICATION);
    check_equal("rights of the output", r4_cap_view_rights(output), R4_RIGHT_SIGNAL);
    struct r4_result untyped = check_ok("identify the untyped", call_identify(UNTYPED));
    check_equal("size of the untyped", r4_cap_view_size_bits(untyped.m[0]),
                r4_startup()->untyped_bits);
    check("identify an empty slot", call_identify(FIRST), R4_E_EMPTY, 0);
}

static uint64_t compare(uint32_t cap, uint32_t other)
{
    return check_ok("compare", r4_invoke1(cap, R4_CALL_CAP_COMPARE, other)).m[0];
}

static void check_compare(void)
{
    check_ok("copy the thread", copy(THREAD, FIRST));
    check_ok("make a frame", call_retype(UNTYPED, R4_TYPE_FRAME, 12, SECOND, 1));
    check_equal("thread and copy", compare(THREAD, FIRST), R4_CAP_RELATION_SAME);
    check_equal("thread and PD", compare(THREAD, PD), R4_CAP_RELATION_DIFFERENT);
    check_equal("untyped and frame", compare(UNTYPED, SECOND), R4_CAP_RELATION_PART);
    check_equal("frame and untyped", compare(SECOND, UNTYPED), R4_CAP_RELATION_WHOLE);
    check("compare with an empty slot", r4_invoke1(THREAD, R4_CALL_CAP_COMPARE, THIRD), R4_E_EMPTY,
          1);
    check("compare with nothing", r4_invoke1(THREAD, R4_CALL_CAP_COMPARE, 0), R4_E_INDEX, 1);
    check_ok("delete the frame", call_delete(SECOND));
    check_ok("delete the copy", call_delete(FIRST));
}

static void check_copy(void)
{
    uint64_t thread = call_identify(THREAD).m[0];
    check_ok("copy the thread", copy(THREAD, FIRST));
    uint64_t child = call_identify(FIRST).m[0];
    check_equal("time to live of a copy", r4_cap_view_ttl(child), r4_cap_view_ttl(thread) - 1u);
    check_equal("rights of a copy", r4_cap_view_rights(child), r4_cap_view_rights(thread));
    check("copy onto it", copy(THREAD, FIRST), R4_E_OCCUPIED, 2);

    check_ok("derive a reader", derive(FIRST, SECOND, R4_RIGHT_READ));
    check_equal("rights of the reader", r4_cap_view_rights(call_identify(SECOND).m[0]),
                R4_RIGHT_READ);
    check("copy without LINK", copy(SECOND, THIRD), R4_E_RIGHTS, 0);
    check("suspend without CONTROL", r4_invoke0(SECOND, R4_CALL_THREAD_SUSPEND), R4_E_RIGHTS, 0);
    check_ok("state with READ", r4_invoke0(SECOND, R4_CALL_THREAD_STATE));

    check_ok("delete the copy", call_delete(FIRST));
    check_ok("its child lives on", r4_invoke0(SECOND, R4_CALL_THREAD_STATE));
    check("delete it again", call_delete(FIRST), R4_E_EMPTY, 0);
    check_ok("delete the reader", call_delete(SECOND));
}

static void check_move(void)
{
    check_ok("copy the PD", copy(PD, FIRST));
    uint64_t view = call_identify(FIRST).m[0];
    check_ok("move", r4_invoke2(FIRST, R4_CALL_CAP_MOVE, 0, SECOND));
    check("the old slot", call_identify(FIRST), R4_E_EMPTY, 0);
    check_equal("view after a move", call_identify(SECOND).m[0], view);
    check("move onto a capability", r4_invoke2(SECOND, R4_CALL_CAP_MOVE, 0, THREAD), R4_E_OCCUPIED,
          2);
    check_ok("take", r4_invoke2(TABLE, R4_CALL_CAP_TABLE_TAKE, SECOND, THIRD));
    struct r4_result r =
        check_ok("identify in the table", r4_invoke1(TABLE, R4_CALL_CAP_TABLE_IDENTIFY, THIRD));
    check_equal("view in the table", r.m[0], view);
    r = check_ok("identify an empty slot of the table",
                 r4_invoke1(TABLE, R4_CALL_CAP_TABLE_IDENTIFY, SECOND));
    check_equal("view of an empty slot", r.m[0], 0);
    check_ok("delete in the table", r4_invoke1(TABLE, R4_CALL_CAP_TABLE_DELETE, THIRD));
    check("delete there again", r4_invoke1(TABLE, R4_CALL_CAP_TABLE_DELETE, THIRD), R4_E_EMPTY, 1);
}

static void check_badge(void)
{
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FIRST, 1));
    check("badge 0", mint(FIRST, SECOND, 0), R4_E_RANGE, 3);
    check("badge with bit 63", mint(FIRST, SECOND, UINT64_C(1) << 63), R4_E_RANGE, 3);
    check_ok("badge 6", mint(FIRST, SECOND, 6));
    check_equal("the badge", call_identify(SECOND).m[1], 6);
    check("badge on a badge", mint(SECOND, THIRD, 1), R4_E_STATE, 0);
    check("badge on a thread", mint(THREAD, THIRD, 1), R4_E_TYPE, 0);
    check_ok("derive a badged one", derive(SECOND, THIRD, R4_RIGHT_SIGNAL));
    check_equal("the badge is inherited", call_identify(THIRD).m[1], 6);
    for (uint32_t slot = FIRST; slot <= THIRD; slot++) {
        check_ok("delete the notification", call_delete(slot));
    }
}

/* Copies of copies until the time to live is used up. */
static void check_ttl(void)
{
    uint32_t from = THREAD;
    uint32_t dest = FIRST;
    for (uint8_t left = r4_cap_view_ttl(call_identify(THREAD).m[0]); left > 0; left--) {
        check_ok("copy while there is time to live", copy(from, dest));
        from = dest++;
    }
    check("copy without time to live", copy(from, dest), R4_E_TTL, 0);
    while (dest > FIRST) {
        check_ok("delete the chain", call_delete(--dest));
    }
}

static void check_untyped(void)
{
    check_ok("make an untyped", call_retype(UNTYPED, R4_TYPE_UNTYPED, 14, FIRST, 1));
    check("copy an untyped with children", copy(UNTYPED, SECOND), R4_E_BUSY, 0);
    check_ok("copy an untyped without", copy(FIRST, SECOND));
    check("retype while the copy lives", call_retype(FIRST, R4_TYPE_FRAME, 12, THIRD, 1),
          R4_E_MEMORY, 0);
    check_ok("retype the copy", call_retype(SECOND, R4_TYPE_FRAME, 12, THIRD, 1));
    check_ok("delete the frame", call_delete(THIRD));
    check_ok("delete the copy", call_delete(SECOND));
    check_ok("retype after that", call_retype(FIRST, R4_TYPE_FRAME, 12, THIRD, 4));
    for (uint32_t slot = FIRST; slot < THIRD + 4; slot++) {
        if (slot != SECOND) {
            check_ok("delete the memory", call_delete(slot));
        }
    }
}

void check_caps(void)
{
    check_fixed_slots();
    check_identify();
    check_compare();
    check_copy();
    check_move();
    check_badge();
    check_ttl();
    check_untyped();
}
