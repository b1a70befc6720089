/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows in which one thread hands the core to another one.
 *   signal_no_waiter  a signal that nobody waits for
 *   signal_waiter     a signal to a higher thread of another address space, until that thread runs
 *   yield_other       from a thread to an equal one of another address space, until that one runs
 * The partner reads the clock as its first action and leaves the difference in the shared page.
 */
#include "world.h"

#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define HIGHER (BENCH_PRIORITY + 1u)

static void run_signal_no_waiter(struct bench *b)
{
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t bits = 0;
        BENCH_MEASURE(b, err = r4_notification_signal(n));
        bench_check("signal", err, R4_OK);
        bench_check("poll", r4_notification_poll(n, &bits), R4_OK);
        bench_check("the bits of a signal", bits, 1);
    }
    bench_end(b, "signal_no_waiter");
}

static void waiter(uint64_t address, uint64_t n)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    for (;;) {
        struct r4_result r = r4_invoke0((uint32_t)n, R4_CALL_NOTIFICATION_WAIT);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK || r.m[0] != 1;
        page->rounds++;
    }
}

/* The partner's part of a round is there and was right. */
static void take_partner(struct bench *b, const char *what, uint32_t round)
{
    bench_check(what, b->page->rounds, round + 1);
    bench_check(what, b->page->wrong, 0);
    bench_sample(b, b->page->sample);
}

static void run_signal_waiter(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    page->rounds = 0;
    page->wrong = 0;
    uint32_t thread = world_partner(waiter, n, 0, HIGHER); /* runs at once, until it waits */
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_notification_signal(n);
        bench_check("signal", err, R4_OK);
        take_partner(b, "the waiter", i);
    }
    bench_end(b, "signal_waiter");
    world_must("ending the waiter", r4_cap_delete(thread));
}

static void yielder(uint64_t address, uint64_t unused)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    (void)unused;
    for (;;) {
        struct r4_result r = r4_invoke0(0, R4_CALL_YIELD);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK;
        page->rounds++;
    }
}

static void run_yield_other(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t thread = world_partner(yielder, 0, 0, BENCH_PRIORITY);
    world_must("the first yield", r4_yield()); /* the partner yields back without having measured */
    page->rounds = 0;
    page->wrong = 0;
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_yield();
        bench_check("yield", err, R4_OK);
        take_partner(b, "the yielder", i);
    }
    bench_end(b, "yield_other");
    world_must("ending the yielder", r4_cap_delete(thread));
}

const struct bench_row rows_switch[] = {
    {"signal_no_waiter", run_signal_no_waiter},
    {"signal_waiter", run_signal_waiter},
    {"yield_other", run_yield_other},
    {NULL, NULL},
};
