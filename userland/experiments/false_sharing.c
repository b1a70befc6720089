/* SPDX-License-Identifier: MIT */
/*
 * false-sharing: what must not happen, so that it is seen when it is looked for: clusters 0 and 1 each count in a word
 * of their own, but the two words lie in one cache line.
 */
#include "traffic.h"

#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define ROUNDS     1000u
#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)

/* Called by start.S with the address of the boot-info page. */
_Noreturn void root_main(const struct r4_bootinfo *info);

static volatile uint64_t *shared_line(const struct r4_bootinfo *info)
{
    const uint32_t peer = info->cluster == 0 ? 1 : 0;
    const uint64_t address = WORLD_FREE_ADDRESS(info) + WORLD_PAIR_OFFSET;
    world_map(R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * peer, address, READ_WRITE);
    return (volatile uint64_t *)address;
}

static void run(volatile uint64_t *word, uint32_t rounds)
{
    for (uint32_t i = 0; i < rounds; i++) {
        *word += 1;
        traffic_round();
    }
}

_Noreturn void root_main(const struct r4_bootinfo *info)
{
    struct bench_page *page;
    world_begin(info, &page);
    bench_check("clusters", info->clusters >= 2, true);
    volatile uint64_t *word = &shared_line(info)[info->cluster % 2];
    traffic_begin(info);
    while (info->cluster != 0) {
        run(word, ROUNDS);
    }
    run(word, ROUNDS);
    traffic_end();
}
