/* SPDX-License-Identifier: MIT */
#include "crash_calls.h"

#include <r4/abi/calls.h>
#include <r4/abi/errors.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/invoke.h>
#include <r4/program.h>
#include <stdbool.h>

#define TABLE   R4_PROGRAM_SLOT_TABLE
#define PD      R4_PROGRAM_SLOT_PD
#define THREAD  R4_PROGRAM_SLOT_THREAD
#define OUTPUT  R4_PROGRAM_SLOT_OUTPUT
#define UNTYPED R4_PROGRAM_SLOT_UNTYPED
#define EMPTY   200u
#define OUTSIDE 100000u

struct bad_call {
    const char *what;
    uint32_t cap;
    uint16_t call;
    uint32_t err;
    uint32_t detail;
    uint64_t m[6];
};

#define CALL(name) R4_CALL_##name

static const struct bad_call bad_calls[] = {
    {"no such operation", THREAD, 0x3ff, R4_E_CALL, 0, {0}},
    {"operation 0", THREAD, 0, R4_E_CALL, 0, {0}},
    {"index 0", 0, CALL(CAP_IDENTIFY), R4_E_INDEX, 0, {0}},
    {"index outside of the table", OUTSIDE, CALL(CAP_IDENTIFY), R4_E_INDEX, 0, {0}},
    {"reserved bits in the index", 0xff000000u | THREAD, CALL(CAP_IDENTIFY), R4_E_INDEX, 0, {0}},
    {"empty slot", EMPTY, CALL(CAP_IDENTIFY), R4_E_EMPTY, 0, {0}},
    {"thread operation on a table", TABLE, CALL(THREAD_SUSPEND), R4_E_TYPE, 0, {0}},
    {"table operation on a thread", THREAD, CALL(CAP_TABLE_DELETE), R4_E_TYPE, 0, {1}},
    {"monitor operation on a PD", PD, CALL(MONITOR_EXIT), R4_E_TYPE, 0, {0x10}},
    {"waiting without the right", OUTPUT, CALL(NOTIFICATION_WAIT), R4_E_RIGHTS, 0, {0}},
    {"copying without the right", OUTPUT, CALL(CAP_COPY), R4_E_RIGHTS, 0, {0, EMPTY}},
    {"copy into slot 0", THREAD, CALL(CAP_COPY), R4_E_RANGE, 2, {0, 0}},
    {"copy outside of the table", THREAD, CALL(CAP_COPY), R4_E_RANGE, 2, {0, OUTSIDE}},
    {"copy onto a capability", THREAD, CALL(CAP_COPY), R4_E_OCCUPIED, 2, {0, PD}},
    {"copy into a thread", THREAD, CALL(CAP_COPY), R4_E_TYPE, 1, {THREAD, EMPTY}},
    {"copy into an empty slot's table", THREAD, CALL(CAP_COPY), R4_E_EMPTY, 1, {EMPTY, EMPTY}},
    {"copy into no table", THREAD, CALL(CAP_COPY), R4_E_INDEX, 1, {OUTSIDE, EMPTY}},
    {"slot number of 33 bits", THREAD, CALL(CAP_COPY), R4_E_RANGE, 2, {0, UINT64_C(1) << 32}},
    {"badge on a thread", THREAD, CALL(CAP_MINT), R4_E_TYPE, 0, {0, EMPTY, 1}},
    {"rights that do not exist", THREAD, CALL(CAP_DERIVE), R4_E_RANGE, 3, {0, EMPTY, 0x800}},
    {"rights of 17 bits", THREAD, CALL(CAP_DERIVE), R4_E_RANGE, 3, {0, EMPTY, 0x10000}},
    {"retype to nothing", UNTYPED, CALL(UNTYPED_RETYPE), R4_E_TYPE, 1, {0, 0, 0, EMPTY, 1}},
    {"retype to a monitor",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_TYPE,
     1,
     {R4_TYPE_MONITOR, 0, 0, EMPTY, 1}},
    {"frame of 8 KiB",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_RANGE,
     2,
     {R4_TYPE_FRAME, 13, 0, EMPTY, 1}},
    {"no objects",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_RANGE,
     5,
     {R4_TYPE_NOTIFICATION, 0, 0, EMPTY, 0}},
    {"too many objects",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_RANGE,
     5,
     {R4_TYPE_NOTIFICATION, 0, 0, EMPTY, R4_RETYPE_MAX + 1}},
    {"slots beyond the table",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_RANGE,
     4,
     {R4_TYPE_NOTIFICATION, 0, 0, 250, 20}},
    {"more memory than there is",
     UNTYPED,
     CALL(UNTYPED_RETYPE),
     R4_E_MEMORY,
     0,
     {R4_TYPE_UNTYPED, 30, 0, EMPTY, 1}},
    {"second configuration", PD, CALL(PD_CONFIGURE), R4_E_STATE, 0, {TABLE, 0, 0}},
    {"a core that is not there", THREAD, CALL(THREAD_SET_CORE), R4_E_RANGE, 1, {64}},
    {"priority 256", THREAD, CALL(THREAD_SET_PRIORITY), R4_E_RANGE, 1, {256}},
    {"starting a thread that runs", THREAD, CALL(THREAD_START), R4_E_STATE, 0, {0x400000, 0, 0, 0}},
    {"resuming a thread that runs", THREAD, CALL(THREAD_RESUME), R4_E_STATE, 0, {0}},
    {"registers of a thread that runs", THREAD, CALL(THREAD_REGISTERS), R4_E_STATE, 0, {0}},
    {"deleting slot 0 of a table", TABLE, CALL(CAP_TABLE_DELETE), R4_E_RANGE, 1, {0}},
    {"deleting beyond a table", TABLE, CALL(CAP_TABLE_DELETE), R4_E_RANGE, 1, {OUTSIDE}},
    {"deleting an empty slot", TABLE, CALL(CAP_TABLE_DELETE), R4_E_EMPTY, 1, {EMPTY}},
    {"identifying beyond a table", TABLE, CALL(CAP_TABLE_IDENTIFY), R4_E_RANGE, 1, {OUTSIDE}},
    {"taking an empty slot", TABLE, CALL(CAP_TABLE_TAKE), R4_E_EMPTY, 1, {EMPTY, EMPTY + 1}},
};

#define BAD_CALL_COUNT (sizeof bad_calls / sizeof bad_calls[0])

/* A bad call; the message words must come back as they went in. */
static bool is_refused(const struct bad_call *b)
{
    const struct r4_result r =
        r4_invoke6(b->cap, b->call, b->m[0], b->m[1], b->m[2], b->m[3], b->m[4], b->m[5]);
    bool is_as_expected = r.err == b->err && r.detail == b->detail;
    for (unsigned i = 0; i < 6; i++) {
        is_as_expected &= r.m[i] == b->m[i];
    }
    r4_printf("%-34s %s/%u", b->what, r4_err_name(r.err), r.detail);
    if (!is_as_expected) {
        r4_printf(" but expected %s/%u and unchanged words", r4_err_name(b->err), b->detail);
    }
    r4_printf("\n");
    return is_as_expected;
}

int crash_calls(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < BAD_CALL_COUNT; i++) {
        wrong += is_refused(&bad_calls[i]) ? 0 : 1;
    }
    r4_printf("crash: %u of %lu bad calls were not refused as they must be\n", wrong,
              BAD_CALL_COUNT);
    return wrong == 0 ? 0 : 1;
}
