/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of proxies.
 *   proxy_delegate_user    the stores of a GRANT and a USE, with their index put in: user instructions
 *   proxy_delegate_kernel  entries into the kernel meanwhile, as the kernel counts them
 *   proxy_ungrant_user     the store that takes back
 *   proxy_chain_H          a signal through H domains, when nothing of the chain is kept; with 15,
 *                          which ends at a slot that has all time to live, as no minted one does, a
 *                          poll that finds nothing
 *   proxy_poll_1           that poll through one
 *   proxy_cached_H         the same again, when the chain is kept
 *   proxy_once             a signal through a GRANT for one use
 *   proxy_link             a real capability out of a chain of one GRANT, which is not kept
 *   proxy_link_cached      the same while it is
 *   proxy_objects_N        proxy_chain_1 with N more objects in the cluster
 *   peer_create            making and binding a peer
 */
#include "proxy_world.h"

#include <r4/abi/counters.h>
#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>
#include <r4/peer.h>

#define BADGE       UINT64_C(0x8)
#define TABLE_BITS  20u /* 16384 slots */
#define RETYPE_MOST R4_RETYPE_MAX

static void run_delegate(struct bench *b)
{
    const uint64_t grant = r4_grant_to(9, R4_RIGHT_SIGNAL, 3);
    const uint64_t use = r4_use_from(10, R4_RIGHT_SIGNAL, 3);
    proxy_window();
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t *word = proxy_word(2 * i);
        uint64_t most[2] = {grant, use};
        uint32_t index[2] = {i, R4_INDEX_WORD | i};
        /* In registers, and not known to the compiler. */
        __asm__ volatile("" : "+r"(word), "+r"(most[0]), "+r"(most[1]));
        __asm__ volatile("" : "+r"(index[0]), "+r"(index[1]));
        BENCH_MEASURE(b, {
            r4_grant(&word[0], r4_word_of(most[0], index[0]));
            r4_use(&word[1], r4_word_of(most[1], index[1]));
        });
        bench_check("the GRANT", *proxy_word(2 * i), r4_word_of(grant, i));
        bench_check("the USE", *proxy_word(2 * i + 1), r4_word_of(use, R4_INDEX_WORD | i));
    }
    bench_end(b, "proxy_delegate_user");
}

static uint64_t entries(void)
{
    static const uint8_t kinds[] = {R4_COUNTER_CALLS,
                                    R4_COUNTER_FAULTS,
                                    R4_COUNTER_TIMER_INTERRUPTS,
                                    R4_COUNTER_WAKE_INTERRUPTS,
                                    R4_COUNTER_SHOOTDOWN_INTERRUPTS,
                                    R4_COUNTER_DEVICE_INTERRUPTS};
    uint64_t sum = 0;
    for (uint32_t i = 0; i < sizeof kinds; i++) {
        uint64_t count = 0;
        world_must("reading a counter",
                   r4_monitor_counter(R4_INIT_SLOT_MONITOR, kinds[i], 0, &count));
        sum += count;
    }
    return sum;
}

/* Each reading of the counters is as many entries as the one before. */
static void run_delegate_kernel(struct bench *b)
{
    proxy_window();
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t before = entries();
        const uint64_t reading = entries() - before;
        before = entries();
        r4_grant(proxy_word(0), r4_word_of(r4_grant_to(9, R4_RIGHT_SIGNAL, 3), i));
        r4_use(proxy_word(1), r4_word_of(r4_use_from(10, R4_RIGHT_SIGNAL, 3), R4_INDEX_WORD | i));
        r4_ungrant(proxy_word(0));
        const uint64_t during = entries() - before - reading;
        bench_sample(b, (uint32_t)during + b->own_cost);
    }
    bench_end(b, "proxy_delegate_kernel");
}

static void run_ungrant(struct bench *b)
{
    proxy_window();
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint64_t *word = proxy_word(i);
        *word = r4_word_of(r4_grant_to(9, R4_RIGHT_SIGNAL, 3), 11);
        __asm__ volatile("" : "+r"(word));
        BENCH_MEASURE(b, r4_ungrant(word));
        bench_check("the word", *proxy_word(i), 0);
    }
    bench_end(b, "proxy_ungrant_user");
}

/* One signal through the chain, seen at the target. */
static void one_signal(struct bench *b, const struct proxy_chain *c, uint32_t target)
{
    enum r4_err err;
    uint64_t bits = 0;
    BENCH_MEASURE(b, err = r4_notification_signal(c->use));
    bench_check("signal through a chain", err, R4_OK);
    world_must("poll", r4_notification_poll(target, &bits));
    bench_check("the bits of a signal", bits, BADGE);
}

static void signals(struct bench *b, const char *row, uint32_t hops, bool is_cached)
{
    static struct proxy_chain c;
    const uint32_t target = proxy_target(BADGE);
    proxy_chain(&c, hops, target, 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        if (!is_cached) {
            proxy_forget(&c);
        }
        one_signal(b, &c, target);
    }
    world_check_bounded();
    bench_end(b, row);
}

#define CHAIN_ROW(hops)                                                                            \
    static void run_chain_##hops(struct bench *b)                                                  \
    {                                                                                              \
        signals(b, "proxy_chain_" #hops, hops, false);                                             \
    }
#define CACHED_ROW(hops)                                                                           \
    static void run_cached_##hops(struct bench *b)                                                 \
    {                                                                                              \
        signals(b, "proxy_cached_" #hops, hops, true);                                             \
    }

CHAIN_ROW(1)
CHAIN_ROW(2)
CHAIN_ROW(3)
CHAIN_ROW(4)
CHAIN_ROW(5)
CHAIN_ROW(6)
CHAIN_ROW(7)
CHAIN_ROW(8)
CHAIN_ROW(9)
CHAIN_ROW(10)
CHAIN_ROW(11)
CHAIN_ROW(12)
CHAIN_ROW(13)
CHAIN_ROW(14)
CACHED_ROW(1)
CACHED_ROW(2)
CACHED_ROW(4)
CACHED_ROW(8)
CACHED_ROW(14)

static void polls(struct bench *b, const char *row, uint32_t hops)
{
    static struct proxy_chain c;
    const uint32_t target = world_make(R4_TYPE_NOTIFICATION, 0);
    proxy_chain(&c, hops, target, 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        proxy_forget(&c);
        BENCH_MEASURE(b, err = r4_invoke0(c.use, R4_CALL_NOTIFICATION_POLL).err);
        bench_check("poll through a chain", err, R4_E_AGAIN);
    }
    world_check_bounded();
    bench_end(b, row);
}

static void run_poll_1(struct bench *b)
{
    polls(b, "proxy_poll_1", 1);
}

static void run_chain_15(struct bench *b)
{
    polls(b, "proxy_chain_15", 15);
}

static void run_once(struct bench *b)
{
    const uint32_t target = proxy_target(BADGE);
    const uint64_t at = R4_INDEX_WORD | 1u;
    uint16_t near;
    uint16_t far;
    struct proxy_chain c = {.hops = 0, .use = R4_INDEX_WORD};
    proxy_window();
    proxy_peer(R4_INIT_SLOT_PD, &near, R4_INIT_SLOT_PD, &far);
    r4_use(proxy_word(0), r4_word_of(r4_use_from(near, R4_RIGHTS_DEFINED, 1), (uint32_t)at));
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        r4_grant(proxy_word(1),
                 r4_grant_once(r4_word_of(r4_grant_to(far, R4_RIGHTS_DEFINED, 1), target)));
        proxy_forget(&c);
        one_signal(b, &c, target);
        bench_check("the word is used up", r4_is_spent(proxy_word(1)), true);
    }
    world_check_bounded();
    bench_end(b, "proxy_once");
}

static void links(struct bench *b, const char *row, bool is_kept)
{
    static struct proxy_chain c;
    const uint32_t dest = world_slots(1);
    proxy_chain(&c, 1, proxy_target(BADGE), 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t badge = 0;
        if (!is_kept) {
            proxy_forget(&c);
        }
        BENCH_MEASURE(b, err = r4_cap_link(c.use, dest));
        bench_check("link", err, R4_OK);
        world_must("identify", r4_cap_identify(dest, NULL, &badge, NULL, NULL, NULL));
        bench_check("what was linked", badge, BADGE);
        world_must("delete", r4_cap_delete(dest));
    }
    world_check_bounded();
    bench_end(b, row);
}

static void run_link(struct bench *b)
{
    links(b, "proxy_link", false);
}

static void run_link_cached(struct bench *b)
{
    links(b, "proxy_link_cached", true);
}

static void objects(struct bench *b, const char *row, uint32_t count)
{
    static struct proxy_chain c;
    const uint32_t target = proxy_target(BADGE);
    const uint32_t table = world_make(R4_TYPE_CAP_TABLE, TABLE_BITS);
    const uint32_t memory = world_make(R4_TYPE_UNTYPED, TABLE_BITS);
    for (uint32_t made = 0; made < count;) {
        const uint32_t more = count - made < RETYPE_MOST ? count - made : RETYPE_MOST;
        world_must("making objects",
                   r4_untyped_retype(memory, R4_TYPE_NOTIFICATION, 0, table, made + 1, more));
        made += more;
    }
    proxy_chain(&c, 1, target, 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        proxy_forget(&c);
        one_signal(b, &c, target);
    }
    bench_end(b, row);
}

static void run_objects_10(struct bench *b)
{
    objects(b, "proxy_objects_10", 10);
}

static void run_objects_10000(struct bench *b)
{
    objects(b, "proxy_objects_10000", 10000);
}

static void run_peer_create(struct bench *b)
{
    const struct domain_env env = world_domains();
    static struct domain d;
    const uint32_t memory = world_make(R4_TYPE_UNTYPED, 12);
    const uint32_t slots = world_slots(3);
    domain_make(&env, &d, world_make(R4_TYPE_UNTYPED, DOMAIN_BITS), R4_PAGE_BYTES);
    const struct r4_peer_end ours = {.pd = R4_INIT_SLOT_PD, .slot = (uint16_t)slots};
    const struct r4_peer_end its = {.pd = d.vspace.pd, .slot = (uint16_t)(slots + 1)};
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t link = 0;
        BENCH_MEASURE(b, err = r4_peer_make(memory, slots + 2, &ours, &its));
        bench_check("making a peer", err, R4_OK);
        world_must("identify", r4_cap_identify(slots, NULL, &link, NULL, NULL, NULL));
        bench_check("the other end", r4_peer_slot(link), slots + 1);
        world_must("delete", r4_cap_delete(slots));
        world_must("delete", r4_cap_delete(slots + 1));
    }
    world_check_bounded();
    bench_end(b, "peer_create");
}

const struct bench_row rows_proxy[] = {
    {"proxy_delegate_user", run_delegate},
    {"proxy_delegate_kernel", run_delegate_kernel},
    {"proxy_ungrant_user", run_ungrant},
    {"proxy_chain_1", run_chain_1},
    {"proxy_chain_2", run_chain_2},
    {"proxy_chain_3", run_chain_3},
    {"proxy_chain_4", run_chain_4},
    {"proxy_chain_5", run_chain_5},
    {"proxy_chain_6", run_chain_6},
    {"proxy_chain_7", run_chain_7},
    {"proxy_chain_8", run_chain_8},
    {"proxy_chain_9", run_chain_9},
    {"proxy_chain_10", run_chain_10},
    {"proxy_chain_11", run_chain_11},
    {"proxy_chain_12", run_chain_12},
    {"proxy_chain_13", run_chain_13},
    {"proxy_chain_14", run_chain_14},
    {"proxy_cached_1", run_cached_1},
    {"proxy_cached_2", run_cached_2},
    {"proxy_cached_4", run_cached_4},
    {"proxy_cached_8", run_cached_8},
    {"proxy_cached_14", run_cached_14},
    {"proxy_poll_1", run_poll_1},
    {"proxy_chain_15", run_chain_15},
    {"proxy_once", run_once},
    {"proxy_link", run_link},
    {"proxy_link_cached", run_link_cached},
    {"proxy_objects_10", run_objects_10},
    {"proxy_objects_10000", run_objects_10000},
    {"peer_create", run_peer_create},
    {NULL, NULL},
};
