/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of readable views: those of one's own table, which are there from the start, and
 * mapping more of them. What a view says is compared with what cap_table_identify says, slot by slot.
 */
#include "check.h"

#include <r4/cap_views.h>
#include <r4/page.h>
#include <r4/thread.h>

#define FIRST       SLOT(0)
#define SECOND      SLOT(1)
#define THIRD       SLOT(2)
#define BIG         SLOT(3) /* a table of 1024 slots: four pages of views */
#define BIG_BITS    16u
#define BIG_PAGES   4u
#define PAGES       SLOT(4) /* page tables of levels 2 and 1 */
#define WATCHER     SLOT(6)
#define ADDRESS     R4_PROGRAM_FREE
#define KERNEL      UINT64_C(0xffff800000000000)
#define BADGE       UINT64_C(0x7ab1e)
#define ROUNDS      200u
#define STACK_BYTES 4096u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t looks;
static uint64_t bad_looks;
static uint64_t wanted_view;

static struct r4_cap_views own(void)
{
    return (struct r4_cap_views){
        .view = (const struct r4_slot_view *)R4_PROGRAM_VIEWS,
        .slots = r4_startup()->table_slots,
    };
}

static struct r4_result map_view(uint32_t table, uint32_t pd, uint64_t address)
{
    return r4_invoke2(table, R4_CALL_CAP_TABLE_MAP_VIEW, pd, address);
}

static struct r4_result unmap_view(uint32_t table)
{
    return r4_invoke0(table, R4_CALL_CAP_TABLE_UNMAP_VIEW);
}

/* Whether the view of this slot says what the kernel says, and nothing of where things are. */
static bool is_right(const struct r4_cap_views *views, uint32_t table, uint32_t slot)
{
    const uint64_t view = r4_cap_views_word(views, slot);
    const uint64_t badge = r4_cap_views_badge(views, slot);
    struct r4_result r = {.err = R4_OK};
    if (slot != 0 && slot != views->slots - 1) {
        r = r4_invoke1(table, R4_CALL_CAP_TABLE_IDENTIFY, slot);
    }
    return r.err == R4_OK && view == r.m[0] && badge == r.m[1] && view < KERNEL && badge < KERNEL;
}

static void check_all(const char *after, const struct r4_cap_views *views, uint32_t table)
{
    uint32_t wrong = 0;
    for (uint32_t slot = 0; slot < views->slots; slot++) {
        wrong += !is_right(views, table, slot);
    }
    check_equal(after, wrong, 0);
}

static void check_own(const char *after)
{
    const struct r4_cap_views views = own();
    check_all(after, &views, TABLE);
}

static void check_changes(void)
{
    const struct r4_cap_views views = own();
    check_own("views at the start");
    check_equal("type of the PD", r4_cap_views_type(&views, PD), R4_TYPE_PD);
    check_equal("rights of the output", r4_cap_views_rights(&views, OUTPUT), R4_RIGHT_SIGNAL);
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FIRST, 1));
    check_own("views after making");
    check_ok("mint", r4_invoke3(FIRST, R4_CALL_CAP_MINT, 0, SECOND, BADGE));
    check_own("views after minting");
    check_equal("badge in a view", r4_cap_views_badge(&views, SECOND), BADGE);
    check_equal("time to live in a view", r4_cap_views_ttl(&views, SECOND),
                r4_cap_views_ttl(&views, FIRST) - 1u);
    check_ok("derive", r4_invoke3(SECOND, R4_CALL_CAP_DERIVE, 0, THIRD, R4_RIGHT_SIGNAL));
    check_own("views after deriving");
    check_ok("move", r4_invoke2(SECOND, R4_CALL_CAP_MOVE, 0, BIG));
    check_own("views after moving");
    check_equal("the view that it left", r4_cap_views_word(&views, SECOND), 0);
    check_ok("revoke", r4_invoke0(FIRST, R4_CALL_CAP_REVOKE));
    check_own("views after revoking");
    check_ok("delete", call_delete(FIRST));
    check_own("views after deleting");
    check_equal("the view of what is gone", r4_cap_views_word(&views, FIRST), 0);
}

static void check_errors(void)
{
    check("unmap what is not mapped", unmap_view(TABLE), R4_E_STATE, 0);
    check("map views of a PD", map_view(PD, PD, ADDRESS), R4_E_TYPE, 0);
    check("map views into a thread", map_view(TABLE, THREAD, ADDRESS), R4_E_TYPE, 1);
    check("map views into nothing", map_view(TABLE, FIRST, ADDRESS), R4_E_EMPTY, 1);
    check("map views at 0", map_view(TABLE, PD, 0), R4_E_RANGE, 2);
    check("map views in the kernel", map_view(TABLE, PD, KERNEL), R4_E_RANGE, 2);
    check("map views misaligned", map_view(TABLE, PD, ADDRESS + 16), R4_E_ALIGN, 2);
    check("map views where something is", map_view(TABLE, PD, R4_PROGRAM_VIEWS), R4_E_ADDRESS_TAKEN,
          2);
    check_ok("derive one without READ",
             r4_invoke3(TABLE, R4_CALL_CAP_DERIVE, 0, FIRST, R4_RIGHT_WRITE | R4_RIGHT_LINK));
    check("map views without READ", map_view(FIRST, PD, ADDRESS), R4_E_RIGHTS, 0);
    check_ok("delete it", call_delete(FIRST));
}

/* The views of a second table, on several pages; and those of the own one once more. */
static void check_mapping(void)
{
    const struct r4_cap_views big = {.view = (const struct r4_slot_view *)ADDRESS,
                                     .slots = 1u << (BIG_BITS - 6u)};
    const struct r4_cap_views again = {
        .view = (const struct r4_slot_view *)(ADDRESS + BIG_PAGES * R4_PAGE_BYTES),
        .slots = r4_startup()->table_slots};
    check_ok("make a large table", call_retype(UNTYPED, R4_TYPE_CAP_TABLE, BIG_BITS, BIG, 1));
    check_ok("make page tables", call_retype(UNTYPED, R4_TYPE_PAGE_TABLE, 0, PAGES, 2));
    for (uint32_t i = 0; i < 2; i++) {
        struct r4_result r =
            check("map views without tables", map_view(BIG, PD, ADDRESS), R4_E_NO_TABLE, 2);
        check_equal("the missing level", r.m[0], 2 - i);
        check_ok("install a table", r4_invoke2(PAGES + i, R4_CALL_PAGE_TABLE_MAP, PD, ADDRESS));
    }
    check_ok("map the views of the large table", map_view(BIG, PD, ADDRESS));
    check("map them again", map_view(BIG, PD, ADDRESS + R4_PAGE_BYTES), R4_E_MAPPED, 0);
    check_equal("mapped at", call_identify(BIG).m[3], ADDRESS);
    check_equal("mapped", r4_cap_view_mapped(call_identify(BIG).m[0]), 1);
    check_all("views of a new table", &big, BIG);
    for (uint32_t slot = 1; slot < big.slots - 1; slot += 100) {
        check_ok("fill the large table", r4_invoke2(THREAD, R4_CALL_CAP_COPY, BIG, slot));
    }
    check_ok("its last slot but one",
             r4_invoke2(THREAD, R4_CALL_CAP_COPY, BIG, (uint64_t)big.slots - 2));
    check("its last slot", r4_invoke2(THREAD, R4_CALL_CAP_COPY, BIG, (uint64_t)big.slots - 1),
          R4_E_RANGE, 2);
    check_all("views of a filled table", &big, BIG);

    check_ok("copy the table", r4_invoke2(TABLE, R4_CALL_CAP_COPY, 0, FIRST));
    check_equal("a copy is not mapped", r4_cap_view_mapped(call_identify(FIRST).m[0]), 0);
    check("map it where the others are", map_view(FIRST, PD, ADDRESS + R4_PAGE_BYTES),
          R4_E_ADDRESS_TAKEN, 2);
    check_ok("map the own views again", map_view(FIRST, PD, (uint64_t)again.view));
    check_all("own views at another address", &again, TABLE);
    check_ok("move the copy", r4_invoke2(FIRST, R4_CALL_CAP_MOVE, 0, SECOND));
    check_all("own views after moving their capability", &again, TABLE);
    check_ok("unmap them", unmap_view(SECOND));
    check("unmap them again", unmap_view(SECOND), R4_E_STATE, 0);
    check_ok("map them again", map_view(SECOND, PD, (uint64_t)again.view));
    check_ok("delete the copy", call_delete(SECOND));
    check_ok("delete the large table", call_delete(BIG));
    check_own("own views after all that");
}

/* Sees the slot empty or filled, and the badge with it; what it sees twice in a row is a moment. */
static void watch(uint64_t slot)
{
    const struct r4_cap_views views = own();
    for (;;) {
        const uint64_t view = r4_cap_views_word(&views, (uint32_t)slot);
        const uint64_t badge = r4_cap_views_badge(&views, (uint32_t)slot);
        const uint64_t wanted = __atomic_load_n(&wanted_view, __ATOMIC_RELAXED);
        if ((view != 0 && view != wanted) || (badge != 0 && badge != BADGE)) {
            __atomic_fetch_add(&bad_looks, 1, __ATOMIC_RELAXED);
        }
        __atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED);
        __builtin_ia32_pause();
    }
}

/* Another thread, on another core where there is one, reads a view while it changes. */
static void check_watched(void)
{
    const struct r4_thread_spec spec = {
        .entry = watch,
        .arg = SECOND,
        .stack = stack,
        .stack_bytes = STACK_BYTES,
        .core = r4_startup()->cores - 1,
        .priority = (uint8_t)r4_startup()->priority,
    };
    uint32_t rounds = 0;
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FIRST, 1));
    check_ok("mint", r4_invoke3(FIRST, R4_CALL_CAP_MINT, 0, SECOND, BADGE));
    wanted_view = call_identify(SECOND).m[0];
    check_equal("start a watcher", r4_thread_make(WATCHER, &spec), R4_OK);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint64_t before = __atomic_load_n(&looks, __ATOMIC_RELAXED);
        check_ok("delete", call_delete(SECOND));
        check_ok("mint again", r4_invoke3(FIRST, R4_CALL_CAP_MINT, 0, SECOND, BADGE));
        while (__atomic_load_n(&looks, __ATOMIC_RELAXED) == before && wait_a_little(&rounds)) {
        }
    }
    check_ok("end the watcher", call_delete(WATCHER));
    check_equal("views that were neither empty nor right", bad_looks, 0);
    check_equal("the watcher looked", looks >= ROUNDS, 1);
}

void check_views(void)
{
    check_changes();
    check_errors();
    check_mapping();
    check_watched();
    for (uint32_t slot = FIRST; slot <= WATCHER; slot++) {
        (void)call_delete(slot);
    }
    check_own("views at the end");
}
