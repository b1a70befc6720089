/* SPDX-License-Identifier: MIT */
/*
 * Owns: the row proxy_refused: a signal through a USE that leads to nothing, for a reason that lies
 * with others. The reasons take turns, so that a spread in the row is a reason that can be told from
 * the others.
 */
#include "proxy_world.h"

#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>

#define LARGE_BITS   21u
#define LARGE        (UINT64_C(1) << LARGE_BITS)
#define READ_WRITE   (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define WINDOW_BYTES (4 * LARGE)
#define GOOD_AT      1u
#define EMPTY_AT     2u
#define OTHERS_AT    3u
#define WORD(offset) (R4_INDEX_WORD | (uint32_t)((offset) / sizeof(uint64_t)))

enum reason {
    GOOD, /* no reason: shows that the others are refused for theirs */
    UNMAPPED,
    UNMARKED,
    EMPTY,
    OTHERS,
    BEYOND,
    LARGE_UNMARKED,
    TOMBSTONE,
    ENDED,
    REASONS
};

static uint32_t target;
static uint64_t free_address;

/* The first page is marked, the second is not, the third is not there; a large one is not marked. */
static void make_live(struct domain *d, uint16_t its)
{
    const struct domain_env env = world_domains();
    const uint64_t grant = r4_word_of(r4_grant_to(its, R4_RIGHTS_DEFINED, 1), target);
    const uint64_t words[] = {0, grant, 0, r4_proxy_with_peer(grant, (uint16_t)(its + 1u))};
    const uint32_t large = world_make(R4_TYPE_FRAME, LARGE_BITS);
    const uint64_t fill = free_address + WORLD_LARGE_OFFSET;
    d->frame = domain_page(&env, d, R4_ROOT_WINDOW, words, 4);
    world_must("mark", r4_frame_mark(d->frame));
    (void)domain_page(&env, d, R4_ROOT_WINDOW + R4_PAGE_BYTES, words, 4);
    world_map(large, fill, READ_WRITE);
    ((uint64_t *)fill)[GOOD_AT] = grant;
    world_must("unmap", r4_frame_unmap(large));
    world_must("map", r4_vspace_map(&d->vspace, large, R4_ROOT_WINDOW + LARGE, READ_WRITE));
}

static void use(enum reason n, uint16_t peer, uint32_t index)
{
    r4_use(proxy_word(n), r4_word_of(r4_use_from(peer, R4_RIGHTS_DEFINED, 1), index));
}

/* A domain with a GRANT, and the root task's end of a peer with it. */
static uint16_t make_other(struct domain *d)
{
    const struct domain_env env = world_domains();
    uint16_t ours;
    uint16_t its;
    domain_make(&env, d, world_make(R4_TYPE_UNTYPED, DOMAIN_BITS), R4_PAGE_BYTES);
    proxy_peer(R4_INIT_SLOT_PD, &ours, d->vspace.pd, &its);
    const uint64_t words[] = {0, r4_word_of(r4_grant_to(its, R4_RIGHTS_DEFINED, 1), target)};
    d->frame = domain_page(&env, d, R4_ROOT_WINDOW, words, 2);
    world_must("mark", r4_frame_mark(d->frame));
    return ours;
}

static void make_reasons(void)
{
    static struct domain live;
    static struct domain cut;
    static struct domain ended;
    const struct domain_env env = world_domains();
    uint16_t ours;
    uint16_t its;
    proxy_window();
    domain_make(&env, &live, world_make(R4_TYPE_UNTYPED, DOMAIN_BITS + 1), WINDOW_BYTES);
    proxy_peer(R4_INIT_SLOT_PD, &ours, live.vspace.pd, &its);
    make_live(&live, its);
    use(GOOD, ours, WORD(0) + GOOD_AT);
    use(UNMAPPED, ours, WORD(2 * R4_PAGE_BYTES) + GOOD_AT);
    use(UNMARKED, ours, WORD(R4_PAGE_BYTES) + GOOD_AT);
    use(EMPTY, ours, WORD(0) + EMPTY_AT);
    use(OTHERS, ours, WORD(0) + OTHERS_AT);
    use(BEYOND, ours, WORD(WINDOW_BYTES) + GOOD_AT);
    use(LARGE_UNMARKED, ours, WORD(LARGE) + GOOD_AT);
    const uint16_t to_cut = make_other(&cut);
    use(TOMBSTONE, to_cut, WORD(0) + GOOD_AT);
    world_must("signal", r4_notification_signal(R4_INDEX_WORD | TOMBSTONE));
    world_must("cutting a peer", r4_cap_delete(to_cut + 1u));
    const uint16_t to_ended = make_other(&ended);
    use(ENDED, to_ended, WORD(0) + GOOD_AT);
    world_must("signal", r4_notification_signal(R4_INDEX_WORD | ENDED));
    domain_end(&env, &ended);
    world_must("signal", r4_notification_signal(R4_INDEX_WORD | GOOD));
}

static void run_refused(struct bench *b)
{
    target = proxy_target(1);
    free_address = WORLD_FREE_ADDRESS(b->info);
    make_reasons();
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        const r4_cap cap = R4_INDEX_WORD | (GOOD + 1u + i % (REASONS - 1u));
        BENCH_MEASURE(b, err = r4_notification_signal(cap));
        bench_check("a signal that leads nowhere", err, R4_E_PROXY);
    }
    bench_end(b, "proxy_refused");
}

const struct bench_row rows_refused[] = {
    {"proxy_refused", run_refused},
    {NULL, NULL},
};
