/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of a pager: a thread that touches memory which is not there is told about to a
 * notification, gets it, and goes on where it was; one whose pager is gone stands still.
 */
#include "check.h"

#include <r4/page.h>
#include <r4/vspace.h>

#define WORKER      SLOT(0)
#define FAULTS      SLOT(1)
#define BADGED      SLOT(2)
#define FRAME       SLOT(3) /* one for each page that is asked for */
#define TABLES      SLOT(8) /* page tables of the area */
#define LEVELS      2u
#define PAGES       3u
#define AREA        (R4_PROGRAM_FREE + UINT64_C(0x600000000))
#define FAULT_BADGE UINT64_C(0x80)
#define STACK_BYTES 4096u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t sum;

static uint64_t page(uint64_t n)
{
    return AREA + n * R4_PAGE_BYTES;
}

/* Writes to each page, and then one page more that nobody gives it. */
static void touch(uint64_t pages)
{
    for (uint64_t n = 0; n < pages; n++) {
        *(volatile uint64_t *)page(n) = n + 1;
        __atomic_fetch_add(&sum, *(volatile uint64_t *)page(n), __ATOMIC_RELAXED);
    }
    *(volatile uint64_t *)page(pages) = 1;
    __atomic_store_n(&sum, 0, __ATOMIC_RELAXED);
    r4_exit(1);
}

static void make_tables(void)
{
    check_ok("make page tables", call_retype(UNTYPED, R4_TYPE_PAGE_TABLE, 0, TABLES, LEVELS));
    for (uint32_t i = 0; i < LEVELS; i++) {
        check_ok("map a page table", r4_invoke2(TABLES + i, R4_CALL_PAGE_TABLE_MAP, PD, AREA));
    }
}

static void serve(uint64_t n)
{
    check_equal("the badge of a fault",
                check_ok("wait for a fault", r4_invoke0(FAULTS, R4_CALL_NOTIFICATION_WAIT)).m[0],
                FAULT_BADGE);
    const struct r4_result fault = r4_invoke0(WORKER, R4_CALL_THREAD_STATE);
    check_equal("it stands still", fault.m[0], R4_THREAD_STATE_FAULTED);
    check_equal("why", fault.m[1], R4_FAULT_CAUSE_PAGE);
    check_equal("where", fault.m[2], page(n));
}

static void give(uint32_t n)
{
    check_ok("make a frame", call_retype(UNTYPED, R4_TYPE_FRAME, R4_PAGE_BITS, FRAME + n, 1));
    check_ok("map it",
             r4_invoke3(FRAME + n, R4_CALL_FRAME_MAP, PD, page(n), R4_RIGHT_READ | R4_RIGHT_WRITE));
    check_ok("resume", r4_invoke0(WORKER, R4_CALL_THREAD_RESUME));
}

static void check_without_pager(void)
{
    uint32_t rounds = 0;
    check_ok("delete the badge", call_delete(BADGED));
    check_ok("revoke what is bound", r4_invoke0(FAULTS, R4_CALL_CAP_REVOKE));
    check_ok("delete the notification", call_delete(FAULTS));
    check_ok("resume into the fault", r4_invoke0(WORKER, R4_CALL_THREAD_RESUME));
    while (r4_invoke0(WORKER, R4_CALL_THREAD_STATE).m[0] != R4_THREAD_STATE_FAULTED &&
           wait_a_little(&rounds)) {
    }
    check_equal("it stands still without a pager", r4_invoke0(WORKER, R4_CALL_THREAD_STATE).m[0],
                R4_THREAD_STATE_FAULTED);
    check_equal("and has not gone on", __atomic_load_n(&sum, __ATOMIC_RELAXED), 1 + 2 + 3);
}

void check_pager(void)
{
    make_tables();
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FAULTS, 1));
    check_ok("badge it", r4_invoke3(FAULTS, R4_CALL_CAP_MINT, 0, BADGED, FAULT_BADGE));
    check_ok("make a thread", call_retype(UNTYPED, R4_TYPE_THREAD, 0, WORKER, 1));
    check_ok("configure it", r4_invoke3(WORKER, R4_CALL_THREAD_CONFIGURE, PD, r4_startup()->core,
                                        r4_startup()->priority));
    check_ok("bind", r4_invoke1(WORKER, R4_CALL_THREAD_BIND_FAULT, BADGED));
    check_ok("start", r4_invoke4(WORKER, R4_CALL_THREAD_START, (uint64_t)touch,
                                 (uint64_t)stack + STACK_BYTES - 8, PAGES, 0));
    for (uint32_t n = 0; n < PAGES; n++) {
        serve(n);
        give(n);
    }
    serve(PAGES);
    check_equal("what it wrote", __atomic_load_n(&sum, __ATOMIC_RELAXED), 1 + 2 + 3);
    check_without_pager();
    check_ok("delete the thread", call_delete(WORKER));
    for (uint32_t n = 0; n < PAGES; n++) {
        check_ok("delete a frame", call_delete(FRAME + n));
    }
    for (uint32_t i = LEVELS; i-- > 0;) {
        check_ok("delete a page table", call_delete(TABLES + i));
    }
}
