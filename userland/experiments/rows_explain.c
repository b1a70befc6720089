/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of the monitor's calls that look at proxies, each at its longest: word_search and
 * chain_explained. Neither has a preemption point, so both must stay below the bound.
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>

#define PAGE_WORDS    512u
#define PAGES_SKIPPED 63u /* before the last page that a call looks at */
/* Pages of the own window. */
#define SEARCH_PAGE 1000u
#define END_WORD    ((SEARCH_PAGE + PAGES_SKIPPED + UINT64_C(1)) * PAGE_WORDS)
#define GRANT_PAGE  2000u
#define USE_PAGE    2001u
#define LAST_STEP   (2u * R4_HOPS_MAX)

static uint64_t *page_words(uint32_t number)
{
    return (uint64_t *)(R4_ROOT_WINDOW + (uint64_t)number * R4_PAGE_BYTES);
}

static uint32_t word_index(uint32_t page, uint32_t n)
{
    return R4_INDEX_WORD | (page * PAGE_WORDS + n);
}

/* A page of the own window; its slot. */
static uint32_t make_page(uint32_t number)
{
    uint32_t frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    world_map(frame, (uint64_t)page_words(number), R4_RIGHT_READ | R4_RIGHT_WRITE);
    return frame;
}

/* A page of empty words behind as many pages that are not there as one call passes over. */
static void run_search(struct bench *b)
{
    (void)make_page(SEARCH_PAGE + PAGES_SKIPPED);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t word = 1;
        uint64_t found = 0;
        BENCH_MEASURE(b,
                      err = r4_monitor_word(R4_INIT_SLOT_MONITOR, R4_INIT_SLOT_PD,
                                            SEARCH_PAGE * PAGE_WORDS, &word, &found, NULL, NULL));
        bench_check("search", err, R4_OK);
        bench_check("its word", word, 0);
        bench_check("its end", found, END_WORD);
    }
    world_check_bounded();
    bench_end(b, "word_search");
}

static uint64_t word_of(uint64_t kind, uint32_t peer, uint32_t index, uint32_t ttl)
{
    return kind | (uint64_t)ttl << R4_PROXY_TTL_LO |
           (uint64_t)R4_RIGHTS_DEFINED << R4_PROXY_RIGHTS_LO | (uint64_t)peer << R4_PROXY_PEER_LO |
           (uint64_t)index << R4_PROXY_INDEX_LO;
}

/* GRANTs in one page and USEs in another, all of one domain: the longest chain. Its caller's USE. */
static uint32_t write_chain(uint32_t root, uint32_t granter, uint32_t grantee)
{
    uint32_t index = root;
    for (uint32_t n = 0; n < R4_HOPS_MAX; n++) {
        const uint32_t ttl = R4_HOPS_MAX - 1 - n;
        page_words(GRANT_PAGE)[n] = word_of(R4_PROXY_KIND_GRANT, grantee, index, ttl);
        page_words(USE_PAGE)[n] =
            word_of(R4_PROXY_KIND_USE, granter, word_index(GRANT_PAGE, n), ttl);
        index = word_index(USE_PAGE, n);
    }
    return index;
}

static void run_explain(struct bench *b)
{
    const uint32_t root = world_make(R4_TYPE_NOTIFICATION, 0);
    const uint32_t peer = world_make(R4_TYPE_PEER, 0);
    const uint32_t ends = world_slots(2);
    world_must("binding a peer", r4_peer_bind(peer, R4_INIT_SLOT_PD, (uint16_t)ends,
                                              R4_INIT_SLOT_PD, (uint16_t)(ends + 1)));
    world_must("marking a page", r4_frame_mark(make_page(GRANT_PAGE)));
    (void)make_page(USE_PAGE);
    const uint32_t index = write_chain(root, ends + 1, ends);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t place = 0;
        BENCH_MEASURE(b, err = r4_monitor_resolve(R4_INIT_SLOT_MONITOR, R4_INIT_SLOT_PD, 0, index,
                                                  LAST_STEP, NULL, &place, NULL, NULL, NULL, NULL));
        bench_check("explaining", err, R4_OK);
        bench_check("its verdict", r4_proxy_step_verdict(place), R4_PROXY_VERDICT_REACHED);
        bench_check("its slot", r4_proxy_step_index(place), root);
    }
    world_check_bounded();
    bench_end(b, "chain_explained");
}

const struct bench_row rows_explain[] = {
    {"word_search", run_search},
    {"chain_explained", run_explain},
    {NULL, NULL},
};
