/* SPDX-License-Identifier: MIT */
/*
 * local-work: what a cluster does for itself, on all clusters at once: signals to a waiter in another address space,
 * yields, retype, map, unmap, delete; and on each further core signals and yields. Nothing of it concerns another
 * cluster, so no cache line may move between them.
 */
#include "traffic.h"

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>

#define WARM_UP_ROUNDS 1000u /* some of them end with the slice */
#define ROUNDS         1000u
#define HIGHER         (BENCH_PRIORITY + 1u)
#define READ_WRITE     (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define MARK           UINT64_C(0x5ca1ab1e)

struct work {
    const struct r4_bootinfo *info;
    volatile struct bench_page *page;
    uint32_t waited_for; /* notification of the waiter */
    uint32_t own;        /* notification that nobody waits for */
    uint32_t pool;       /* untyped; has no children between rounds */
    uint32_t frame_slot;
};

/* Called by start.S with the address of the boot-info page. */
_Noreturn void root_main(const struct r4_bootinfo *info);

static void waiter(uint64_t address, uint64_t n)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    for (;;) {
        struct r4_result r = r4_invoke0((uint32_t)n, R4_CALL_NOTIFICATION_WAIT);
        page->wrong += r.err != R4_OK || r.m[0] != 1;
        page->rounds++;
    }
}

static void yielder(uint64_t address, uint64_t unused)
{
    (void)address;
    (void)unused;
    for (;;) {
        (void)r4_invoke0(0, R4_CALL_YIELD);
        __builtin_ia32_pause(); /* it may be alone, and the emulator has one host thread */
    }
}

/* On a core of its own. */
static void signaller(uint64_t address, uint64_t n)
{
    (void)address;
    for (;;) {
        uint64_t bits = 0;
        world_must("signal", r4_notification_signal((uint32_t)n));
        world_must("poll", r4_notification_poll((uint32_t)n, &bits));
        bench_check("the bits of a signal", bits, 1);
        world_must("yield", r4_yield());
        traffic_round();
    }
}

static void start(struct work *w, const struct r4_bootinfo *info)
{
    struct bench_page *page;
    world_begin(info, &page);
    w->info = info;
    w->page = page;
    w->waited_for = world_make(R4_TYPE_NOTIFICATION, 0);
    w->own = world_make(R4_TYPE_NOTIFICATION, 0);
    w->pool = world_make(R4_TYPE_UNTYPED, R4_PAGE_BITS);
    w->frame_slot = world_slots(1);
    (void)world_partner(waiter, w->waited_for, 0, HIGHER);
    (void)world_partner(yielder, 0, 0, BENCH_PRIORITY);
    for (uint32_t core = 1; core < info->cores; core++) {
        uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
        (void)world_thread(signaller, n, core, BENCH_PRIORITY);
    }
}

static void signal_waiter(const struct work *w)
{
    const uint32_t before = w->page->rounds;
    world_must("signal", r4_notification_signal(w->waited_for));
    bench_check("the waiter ran", w->page->rounds, before + 1);
    bench_check("the waiter", w->page->wrong, 0);
}

static void signal_nobody(const struct work *w)
{
    uint64_t bits = 0;
    world_must("signal", r4_notification_signal(w->own));
    world_must("poll", r4_notification_poll(w->own, &bits));
    bench_check("the bits of a signal", bits, 1);
}

static void use_memory(const struct work *w)
{
    const uint64_t address = WORLD_FREE_ADDRESS(w->info) + WORLD_SCRATCH_OFFSET;
    volatile uint64_t *word = (uint64_t *)address;
    world_must("retype",
               r4_untyped_retype(w->pool, R4_TYPE_FRAME, R4_PAGE_BITS, 0, w->frame_slot, 1));
    world_map(w->frame_slot, address, READ_WRITE);
    bench_check("a new frame", *word, 0);
    *word = MARK;
    bench_check("what was written", *word, MARK);
    world_must("unmap", r4_frame_unmap(w->frame_slot));
    world_must("delete", r4_cap_delete(w->frame_slot));
}

static void run(const struct work *w, uint32_t rounds)
{
    for (uint32_t i = 0; i < rounds; i++) {
        signal_waiter(w);
        signal_nobody(w);
        world_must("yield", r4_yield());
        use_memory(w);
        traffic_round();
    }
}

_Noreturn void root_main(const struct r4_bootinfo *info)
{
    static struct work work;
    start(&work, info);
    run(&work, WARM_UP_ROUNDS);
    traffic_begin(info);
    while (info->cluster != 0) {
        run(&work, ROUNDS);
    }
    run(&work, ROUNDS);
    traffic_end();
}
