/* SPDX-License-Identifier: MIT */
/*
 * Owns: the row proxy_refused: a signal through a USE that leads to nothing, for a reason that lies
 * with others. In every second sample the USE led somewhere right before, so that the kernel keeps the
 * chain when the reason comes. The reasons take turns, so that a spread in the row is a reason that
 * can be told from the others.
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

/* ------------------------------------------------------------------------------------------------
 * Reasons that come after a signal through the same word. The GRANT is in a page of the root task's
 * own window, or in another domain's.
 */

#define AGAIN       20u
#define GRANT_PAGE  R4_PAGE_BYTES /* in the root task's window */
#define GRANT_PLACE (R4_ROOT_WINDOW + GRANT_PAGE)

static uint32_t grant_frame;
static uint16_t ours_again;
static uint16_t its_again;

static void grant_again(void)
{
    r4_grant((uint64_t *)GRANT_PLACE,
             r4_word_of(r4_grant_to(its_again, R4_RIGHTS_DEFINED, 1), target));
    use(AGAIN, ours_again, WORD(GRANT_PAGE));
}

static void bind_again(void)
{
    proxy_peer(R4_INIT_SLOT_PD, &ours_again, R4_INIT_SLOT_PD, &its_again);
    grant_again();
}

static void map_again(void)
{
    world_map(grant_frame, GRANT_PLACE, READ_WRITE);
    world_must("mark", r4_frame_mark(grant_frame));
}

static void signal_again(void)
{
    world_must("signal", r4_notification_signal(R4_INDEX_WORD | AGAIN));
}

static void make_again(void)
{
    grant_frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    map_again();
    bind_again();
}

static void erase(void)
{
    r4_ungrant((uint64_t *)GRANT_PLACE);
}

static void give_to_others(void)
{
    r4_grant((uint64_t *)GRANT_PLACE, r4_word_of(r4_grant_to(1, R4_RIGHTS_DEFINED, 1), target));
}

static void unmark(void)
{
    world_must("unmark", r4_frame_unmark(grant_frame));
}

static void mark(void)
{
    world_must("mark", r4_frame_mark(grant_frame));
}

static void unmap(void)
{
    world_must("unmap", r4_frame_unmap(grant_frame));
}

static void cut(void)
{
    world_must("cutting a peer", r4_cap_delete(its_again));
}

/* A whole domain, for the word AGAIN. */
static void end_domain(void)
{
    const struct domain_env env = world_domains();
    struct domain d;
    const uint16_t ours = make_other(&d);
    use(AGAIN, ours, WORD(0) + GOOD_AT);
    signal_again();
    domain_end(&env, &d);
}

static const struct {
    void (*come)(void);
    void (*go)(void);
} again[] = {
    {erase, grant_again}, {give_to_others, grant_again}, {unmark, mark}, {unmap, map_again},
    {cut, bind_again},    {end_domain, grant_again},
};

/* ------------------------------------------------------------------------------------------------
 * The row
 */

/* One function, so that the user's instructions are the same. */
static __attribute__((noinline)) void refused(struct bench *b, r4_cap cap)
{
    enum r4_err err;
    BENCH_MEASURE(b, err = r4_notification_signal(cap));
    bench_check("a signal that leads nowhere", err, R4_E_PROXY);
}

static void run_refused(struct bench *b)
{
    target = proxy_target(1);
    free_address = WORLD_FREE_ADDRESS(b->info);
    make_reasons();
    make_again();
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        const uint32_t n = i / 2u;
        if (i % 2u == 0) {
            refused(b, R4_INDEX_WORD | (GOOD + 1u + n % (REASONS - 1u)));
            continue;
        }
        signal_again();
        again[n % (sizeof again / sizeof again[0])].come();
        refused(b, R4_INDEX_WORD | AGAIN);
        again[n % (sizeof again / sizeof again[0])].go();
    }
    bench_end(b, "proxy_refused");
}

const struct bench_row rows_refused[] = {
    {"proxy_refused", run_refused},
    {NULL, NULL},
};
