/* SPDX-License-Identifier: MIT */
/*
 * Owns: what tests of proxies start from: protection domains of cluster 0, each with a thread that
 * runs, a window of which some pages are there and marked, and a peer to each other domain. User
 * programs' stores are plain stores to `word`.
 */
#pragma once

#include "sim_test.h"

#include <kernel/proxy.h>
#include <kernel/proxy_word.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define DOMAINS_MAX   16u
#define WINDOW_BASE   UINT64_C(0x40000000)
#define WINDOW_PAGES  8u /* size of the window */
#define PAGE_WORDS    512u
#define MARKED_PAGE   0u /* mapped and marked */
#define PLAIN_PAGE    1u /* mapped */
#define ABSENT_PAGE   2u
#define PEER_SLOT(to) (32u + (to)) /* in a domain's table: the peer to domain `to` */
#define ROOT_SLOT     16u /* in domain 0's table: a notification with all rights, TTL 15 - 1 */

struct domain {
    uint32_t pd; /* slots of the root task's table */
    uint32_t table;
    uint32_t thread;
    uint32_t frame[2];
    struct thread *t;
    uint64_t *word; /* words of the marked page, then of the plain one */
};

extern struct domain domain[DOMAINS_MAX];

/* Index of word `n` of page `page`. */
static inline uint32_t word_index(uint32_t page, uint32_t n)
{
    return R4_INDEX_WORD | (page * PAGE_WORDS + n);
}

static inline uint64_t proxy_make(uint64_t kind, uint32_t peer, uint32_t index, uint16_t rights,
                                  uint8_t ttl)
{
    return kind | (uint64_t)ttl << R4_PROXY_TTL_LO | (uint64_t)rights << R4_PROXY_RIGHTS_LO |
           (uint64_t)peer << R4_PROXY_PEER_LO | (uint64_t)index << R4_PROXY_INDEX_LO;
}

static inline uint64_t grant(uint32_t to, uint32_t index, uint16_t rights, uint8_t ttl)
{
    return proxy_make(R4_PROXY_KIND_GRANT, PEER_SLOT(to), index, rights, ttl);
}

static inline uint64_t use(uint32_t from, uint32_t index, uint8_t ttl)
{
    return proxy_make(R4_PROXY_KIND_USE, PEER_SLOT(from), index, R4_RIGHTS_DEFINED, ttl);
}

/* A word that the kernel meets (host.on_word) lies in memory, and is not the zero that stands for none. */
static inline bool is_user_word(const uint64_t *word)
{
    const unsigned char *byte = (const unsigned char *)word;

    return byte >= host.arena && byte < host.arena + host.arena_bytes;
}

/* `count` domains, on cores 0 and 1 in turn; only domain 0's thread runs at first on core 0. */
void proxy_world(uint32_t count);

/* Makes a thread run on its core, ahead of all others. */
void run(uint32_t d);

/* The runs of domain d: a call of its thread. */
#define CALL(d, ...) (run(d), SIM_CALL(domain[d].t, __VA_ARGS__))

#define refused(d, error, argument, ...)                                                           \
    do {                                                                                           \
        run(d);                                                                                    \
        expect_refused(domain[d].t, error, argument, __VA_ARGS__);                                 \
    } while (0)

#define done(d, ...)                                                                               \
    do {                                                                                           \
        run(d);                                                                                    \
        expect_ok(domain[d].t, __VA_ARGS__);                                                       \
    } while (0)

/*
 * A chain of `hops` GRANTs from domain 0's slot `slot` to domain `hops` (modulo the number of
 * domains), each word n of its page; returns the index of the last USE. Rights all, TTL falling
 * from `ttl`.
 */
uint32_t make_chain(uint32_t hops, uint32_t slot, uint8_t ttl, uint32_t *end);

struct slot *domain_slot(uint32_t d, uint32_t n);
