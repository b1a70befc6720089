/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows between clusters, and what the other clusters' instances do in them.
 *   xsignal  from link_signal on cluster 0 until the thread of cluster 1 that waits for its
 *            doorbell runs
 * The clock counts the instructions of both sides. Cluster 0 waits for the answer in a loop with
 * `pause`; what it executes after its call counts until the other side runs.
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define PARTNER    1u
#define ANSWERER   0u
#define BITS       UINT64_C(4)

/* The first frame of the region that this cluster and `peer` share. */
static volatile struct bench_page *map_pair(const struct r4_bootinfo *info, uint32_t peer)
{
    uint64_t address = WORLD_FREE_ADDRESS(info) + WORLD_PAIR_OFFSET;
    world_map(R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * peer, address, READ_WRITE);
    return (volatile struct bench_page *)address;
}

static void wait_for_rounds(volatile struct bench_page *page, uint32_t rounds)
{
    while (__atomic_load_n(&page->rounds, __ATOMIC_ACQUIRE) < rounds) {
        __builtin_ia32_pause();
    }
}

static void run_xsignal(struct bench *b)
{
    volatile struct bench_page *page = map_pair(b->info, PARTNER);
    wait_for_rounds(page, 1); /* the partner is about to wait */
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_link_signal(R4_INIT_SLOT_LINKS + PARTNER, BITS);
        wait_for_rounds(page, i + 2);
        bench_check("signal", err, R4_OK);
        bench_check("the partner", page->wrong, 0);
        bench_sample(b, page->sample);
    }
    bench_end(b, "xsignal");
}

static _Noreturn void answer(const struct r4_bootinfo *info)
{
    volatile struct bench_page *page = map_pair(info, ANSWERER);
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    world_must("bind", r4_link_bind(R4_INIT_SLOT_LINKS + ANSWERER, n));
    for (;;) {
        /* Pairs with the acquire in wait_for_rounds: the sample is there. */
        __atomic_fetch_add(&page->rounds, 1, __ATOMIC_RELEASE);
        struct r4_result r = r4_invoke0(n, R4_CALL_NOTIFICATION_WAIT);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK || r.m[0] != BITS;
    }
}

_Noreturn void cluster_partner(const struct r4_bootinfo *info)
{
    if (info->cluster == PARTNER) {
        answer(info);
    }
    bench_sleep();
}

const struct bench_row rows_cluster[] = {
    {"xsignal", run_xsignal},
    {NULL, NULL},
};
