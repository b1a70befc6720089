/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of calls: every kind of operation through a chain, with a USE and named with the
 * peer, and refused for each right that is missing from the GRANT (D10, D20, D9).
 */
#include "parts.h"

#include <r4/abi/counters.h>

#define ADDRESS    LAB_SCRATCH
#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define BADGE      UINT64_C(0x80)

enum { NOTE, POOL, FRAME, TABLE_OBJECT, DOMAIN, WORKER, BADGED, PAGE_TABLE, OBJECTS };

static struct chain c;
static uint32_t object[OBJECTS];
static uint32_t spare; /* an empty slot */
static bool is_direct;

static uint16_t bit(uint32_t n)
{
    return (uint16_t)(1u << n);
}

static struct r4_result call(uint32_t slot, uint16_t rights, uint16_t number, const uint64_t m[4])
{
    chain_set(&c, slot, rights);
    return r4_invoke4(is_direct ? chain_direct(&c) : c.use, number, m[0], m[1], m[2], m[3]);
}

/* Needs all of `needs`: refused without each of them, then done. */
static struct r4_result step(const char *what, uint32_t slot, uint16_t needs, uint16_t number,
                             uint64_t m0, uint64_t m1, uint64_t m2)
{
    const uint64_t m[4] = {m0, m1, m2, 1};
    for (uint32_t n = 0; n < 11; n++) {
        if ((needs & bit(n)) != 0) {
            check(what, call(slot, (uint16_t)(ALL_RIGHTS & ~bit(n)), number, m), R4_E_RIGHTS, 0);
        }
    }
    return check_ok(what, call(slot, ALL_RIGHTS, number, m));
}

static void on_any(void)
{
    const uint32_t note = object[NOTE];
    step("identify", note, 0, R4_CALL_CAP_IDENTIFY, 0, 0, 0);
    step("compare", note, 0, R4_CALL_CAP_COMPARE, note, 0, 0);
    step("copy", note, R4_RIGHT_LINK, R4_CALL_CAP_COPY, 0, spare, 0);
    check_ok("delete the copy", call_delete(spare));
    check_ok("make one with time to live", r4_invoke2(note, R4_CALL_CAP_COPY, 0, spare));
    step("delete", spare, R4_RIGHT_MODIFY, R4_CALL_CAP_DELETE, 0, 0, 0);
    step("mint", note, R4_RIGHT_LINK, R4_CALL_CAP_MINT, 0, spare, BADGE);
    step("revoke", note, R4_RIGHT_MODIFY, R4_CALL_CAP_REVOKE, 0, 0, 0);
    check("what was minted", call_identify(spare), R4_E_EMPTY, 0);
    step("derive", note, R4_RIGHT_LINK, R4_CALL_CAP_DERIVE, 0, spare, R4_RIGHT_SIGNAL);
    check_ok("delete it", call_delete(spare));
    step("link", note, R4_RIGHT_LINK, R4_CALL_CAP_LINK, spare, 0, 0);
    check("signal what is linked", r4_invoke0(spare, R4_CALL_NOTIFICATION_SIGNAL), R4_E_BADGE, 0);
    check_ok("delete it", call_delete(spare));
    step("move", note, R4_RIGHT_MODIFY, R4_CALL_CAP_MOVE, 0, spare, 0);
    step("move back", spare, R4_RIGHT_MODIFY, R4_CALL_CAP_MOVE, 0, note, 0);
    check("link a slot", r4_invoke1(note, R4_CALL_CAP_LINK, spare), R4_E_STATE, 0);
    chain_set(&c, note, ALL_RIGHTS);
    check("link onto a capability", r4_invoke1(c.use, R4_CALL_CAP_LINK, note), R4_E_OCCUPIED, 1);
    check("link to slot 0", r4_invoke1(c.use, R4_CALL_CAP_LINK, 0), R4_E_RANGE, 1);
}

static void on_notifications(void)
{
    const uint32_t badged = object[BADGED];
    step("signal", badged, R4_RIGHT_SIGNAL, R4_CALL_NOTIFICATION_SIGNAL, 0, 0, 0);
    step("wait", badged, R4_RIGHT_RECEIVE, R4_CALL_NOTIFICATION_WAIT, 0, 0, 0);
    check_ok("signal", r4_invoke0(badged, R4_CALL_NOTIFICATION_SIGNAL));
    step("poll", badged, R4_RIGHT_RECEIVE, R4_CALL_NOTIFICATION_POLL, 0, 0, 0);
}

static void on_memory(void)
{
    const uint64_t fresh = R4_TYPE_NOTIFICATION;
    chain_set(&c, object[POOL], ALL_RIGHTS);
    check_ok("retype", r4_invoke5(is_direct ? chain_direct(&c) : c.use, R4_CALL_UNTYPED_RETYPE,
                                  fresh, 0, 0, spare, 1));
    check_ok("delete it", call_delete(spare));
    chain_set(&c, object[POOL], ALL_RIGHTS & ~R4_RIGHT_MODIFY);
    check("retype", r4_invoke5(c.use, R4_CALL_UNTYPED_RETYPE, fresh, 0, 0, spare, 1), R4_E_RIGHTS,
          0);
    step("map", object[FRAME], R4_RIGHT_MODIFY, R4_CALL_FRAME_MAP, PD, ADDRESS, READ_WRITE);
    step("mark", object[FRAME], R4_RIGHT_MODIFY, R4_CALL_FRAME_MARK, 0, 0, 0);
    chain_set(&c, object[FRAME], ALL_RIGHTS);
    check("link what is marked", r4_invoke1(c.use, R4_CALL_CAP_LINK, spare), R4_E_MARKED, 0);
    step("unmark", object[FRAME], R4_RIGHT_MODIFY, R4_CALL_FRAME_UNMARK, 0, 0, 0);
    step("unmap", object[FRAME], R4_RIGHT_MODIFY, R4_CALL_FRAME_UNMAP, 0, 0, 0);
    /* Far from everything, so that it is the table of the highest level. */
    step("install a table", object[PAGE_TABLE], R4_RIGHT_MODIFY, R4_CALL_PAGE_TABLE_MAP, PD,
         UINT64_C(0x600000000000), 0);
    step("take it out", object[PAGE_TABLE], R4_RIGHT_MODIFY, R4_CALL_PAGE_TABLE_UNMAP, 0, 0, 0);
}

static void on_tables(void)
{
    const uint32_t table = object[TABLE_OBJECT];
    check_ok("copy into a table", r4_invoke2(object[NOTE], R4_CALL_CAP_COPY, table, 5));
    step("look into a table", table, R4_RIGHT_READ, R4_CALL_CAP_TABLE_IDENTIFY, 5, 0, 0);
    step("take out of a table", table, R4_RIGHT_WRITE, R4_CALL_CAP_TABLE_TAKE, 5, spare, 0);
    check_ok("move it back", r4_invoke2(spare, R4_CALL_CAP_MOVE, table, 5));
    step("delete in a table", table, R4_RIGHT_WRITE, R4_CALL_CAP_TABLE_DELETE, 5, 0, 0);
    /* The table as an argument. */
    chain_set(&c, table, ALL_RIGHTS & ~R4_RIGHT_WRITE);
    check("copy into a table through a chain", r4_invoke2(object[NOTE], R4_CALL_CAP_COPY, c.use, 5),
          R4_E_RIGHTS, 1);
    chain_set(&c, table, ALL_RIGHTS);
    check_ok("copy into a table through a chain",
             r4_invoke2(object[NOTE], R4_CALL_CAP_COPY, c.use, 5));
    *c.grant_at = 0;
    check("the same without a GRANT", r4_invoke2(object[NOTE], R4_CALL_CAP_COPY, c.use, 6),
          R4_E_PROXY, 1);
    *c.use_at = 0;
    check("and without a USE", r4_invoke2(object[NOTE], R4_CALL_CAP_COPY, c.use, 6), R4_E_EMPTY, 1);
    check_ok("delete it", r4_invoke1(table, R4_CALL_CAP_TABLE_DELETE, 5));
}

/* Configuring is once for ever: a new domain and a new thread each time. */
static void on_domains(void)
{
    check_ok("make a domain", call_retype(UNTYPED, R4_TYPE_PD, 0, object[DOMAIN], 1));
    check_ok("make a thread", call_retype(UNTYPED, R4_TYPE_THREAD, 0, object[WORKER], 1));
    step("configure a domain", object[DOMAIN], R4_RIGHT_CONTROL, R4_CALL_PD_CONFIGURE, TABLE, 0, 0);
    step("give it an ASID", LAB_ASIDS, R4_RIGHT_CONTROL, R4_CALL_ASID_ASSIGN, object[DOMAIN], 0, 0);
    step("configure a thread", object[WORKER], R4_RIGHT_CONTROL, R4_CALL_THREAD_CONFIGURE,
         object[DOMAIN], 0, 1);
    step("name it", object[WORKER], R4_RIGHT_CONTROL, R4_CALL_THREAD_SET_NAME, 'x', 0, 0);
    step("its priority", object[WORKER], R4_RIGHT_CONTROL, R4_CALL_THREAD_SET_PRIORITY, 1, 0, 0);
    step("its core", object[WORKER], R4_RIGHT_CONTROL, R4_CALL_THREAD_SET_CORE, 0, 0, 0);
    step("its state", object[WORKER], R4_RIGHT_READ, R4_CALL_THREAD_STATE, 0, 0, 0);
    step("its faults", object[WORKER], R4_RIGHT_CONTROL, R4_CALL_THREAD_BIND_FAULT, object[BADGED],
         0, 0);
    step("its registers", object[WORKER], R4_RIGHT_READ, R4_CALL_THREAD_REGISTERS, 0, 0, 0);
    step("a counter", LAB_MONITOR, R4_RIGHT_READ, R4_CALL_MONITOR_COUNTER, R4_COUNTER_LOCK_TAKES, 0,
         0);
    check_ok("delete the thread", call_delete(object[WORKER]));
    check_ok("delete the domain", call_delete(object[DOMAIN]));
    (void)r4_invoke0(object[BADGED], R4_CALL_NOTIFICATION_POLL);
}

void check_calls(void)
{
    c = chain_make();
    object[NOTE] = lab_make(R4_TYPE_NOTIFICATION, 0);
    object[POOL] = lab_make(R4_TYPE_UNTYPED, 14);
    object[FRAME] = lab_make(R4_TYPE_FRAME, 12);
    object[PAGE_TABLE] = lab_make(R4_TYPE_PAGE_TABLE, 0);
    object[TABLE_OBJECT] = lab_make(R4_TYPE_CAP_TABLE, 14);
    object[DOMAIN] = lab_slots(1);
    object[WORKER] = lab_slots(1);
    object[BADGED] = lab_badged(BADGE);
    spare = lab_slots(1);
    /* The page tables that the frame needs. */
    lab_must("mapping a frame", r4_vspace_map(lab_vspace(), object[FRAME], ADDRESS, READ_WRITE));
    check_ok("unmap it", r4_invoke0(object[FRAME], R4_CALL_FRAME_UNMAP));
    for (uint32_t way = 0; way < 2; way++) {
        is_direct = way == 1;
        on_any();
        on_notifications();
        on_memory();
        on_tables();
        on_domains();
    }
}
