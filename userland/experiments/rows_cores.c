/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows with several cores of one cluster.
 *   signal_other_core  a signal to a thread of another address space that waits on another, idle
 *                      core
 *   shootdown_1 to _3  unmapping a page of an address space in which that many other cores run user
 *                      code
 * The clock counts the instructions of all cores: the sample is the work of all of them until the
 * call returns.
 */
#include "world.h"

#include <r4/abi/counters.h>
#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define REMOTE_MAX 3u

static void spin(uint64_t address, uint64_t core)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    (void)core;
    __atomic_fetch_add(&page->rounds, 1, __ATOMIC_RELAXED);
    for (;;) {
        __builtin_ia32_pause();
    }
}

static uint64_t requests(void)
{
    uint64_t count = 0;
    world_must("read a counter",
               r4_monitor_counter(R4_INIT_SLOT_MONITOR, R4_COUNTER_SHOOTDOWN_REQUESTS, 0, &count));
    return count;
}

static void start_spinners(struct bench *b, uint32_t threads[REMOTE_MAX], uint32_t remote)
{
    volatile struct bench_page *page = b->page;
    page->rounds = 0;
    for (uint32_t i = 0; i < remote; i++) {
        threads[i] = world_thread(spin, i, i + 1, BENCH_PRIORITY);
    }
    while (__atomic_load_n(&page->rounds, __ATOMIC_RELAXED) < remote) {
        __builtin_ia32_pause();
    }
}

static void shootdown(struct bench *b, const char *row, uint32_t remote)
{
    uint32_t threads[REMOTE_MAX];
    uint64_t address = WORLD_FREE_ADDRESS(b->info) + WORLD_SCRATCH_OFFSET;
    uint32_t frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    bench_check("cores of the cluster", b->info->cores > remote, true);
    start_spinners(b, threads, remote);
    world_map(frame, address, READ_WRITE);
    world_must("unmap", r4_frame_unmap(frame));
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        world_must("map", r4_frame_map(frame, R4_INIT_SLOT_PD, address, READ_WRITE));
        uint64_t before = requests();
        BENCH_MEASURE(b, err = r4_frame_unmap(frame));
        bench_check("unmap", err, R4_OK);
        bench_check("cores that were asked", requests() - before, remote);
    }
    bench_end(b, row);
    for (uint32_t i = 0; i < remote; i++) {
        world_must("ending a thread", r4_cap_delete(threads[i]));
    }
}

static void run_shootdown_1(struct bench *b)
{
    shootdown(b, "shootdown_1", 1);
}

static void run_shootdown_2(struct bench *b)
{
    shootdown(b, "shootdown_2", 2);
}

static void run_shootdown_3(struct bench *b)
{
    shootdown(b, "shootdown_3", 3);
}

static void waiter(uint64_t address, uint64_t n)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    for (;;) {
        /* Pairs with the acquire in wait_for_rounds: the sample is there. */
        __atomic_fetch_add(&page->rounds, 1, __ATOMIC_RELEASE);
        struct r4_result r = r4_invoke0((uint32_t)n, R4_CALL_NOTIFICATION_WAIT);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK || r.m[0] != 1;
    }
}

static void wait_for_rounds(volatile struct bench_page *page, uint32_t rounds)
{
    while (__atomic_load_n(&page->rounds, __ATOMIC_ACQUIRE) < rounds) {
        __builtin_ia32_pause();
    }
}

static void run_signal_other_core(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    page->rounds = 0;
    page->wrong = 0;
    uint32_t thread = world_partner(waiter, n, 1, BENCH_PRIORITY);
    wait_for_rounds(page, 1);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_notification_signal(n);
        wait_for_rounds(page, i + 2);
        bench_check("signal", err, R4_OK);
        bench_check("the waiter", page->wrong, 0);
        bench_sample(b, page->sample);
    }
    bench_end(b, "signal_other_core");
    world_must("ending the waiter", r4_cap_delete(thread));
}

const struct bench_row rows_cores[] = {
    {"signal_other_core", run_signal_other_core},
    {"shootdown_1", run_shootdown_1},
    {"shootdown_2", run_shootdown_2},
    {"shootdown_3", run_shootdown_3},
    {NULL, NULL},
};
