/* SPDX-License-Identifier: MIT */
/* Owns: random words of proxy windows, and indices that name them. */
#include "draft.h"

#include <r4/abi/layout.h>

/* Words 0 to WORDS - 1 are mostly GRANTs, those from USE_WORDS on USEs. */
#define WORDS     32u
#define USE_WORDS 512u
#define TRIES     7u

static uint32_t own_pd(const struct draft *d)
{
    return model_thread_pd(d->m, d->thread);
}

static uint64_t word_of(const struct draft *d, uint32_t pd, uint32_t n)
{
    uint64_t word = 0;
    uint64_t physical;
    bool is_marked;

    return model_window_word(d->m, pd, n, &word, &is_marked, &physical) ? word : 0;
}

/* The first word from a random one on that is of this kind, and if `peer` is not 0 names that. */
static bool find_word(struct draft *d, uint32_t pd, uint32_t from, unsigned kind, uint32_t peer,
                      uint32_t *n)
{
    const uint32_t start = rng_below(&d->g->rng, WORDS);

    for (uint32_t i = 0; i < WORDS; i++) {
        const uint64_t word = word_of(d, pd, from + (start + i) % WORDS);

        if (r4_proxy_kind(word) == kind && (peer == 0 || r4_proxy_peer(word) == peer)) {
            *n = from + (start + i) % WORDS;
            return true;
        }
    }
    return false;
}

/* An end of a peer in one's own table; 0: there is none. */
static uint32_t find_peer(struct draft *d, uint32_t *other_pd, uint32_t *other_slot)
{
    const uint32_t slot = look_for(d, d->own, pick_is_peer, R4_TYPE_PEER);
    const uint64_t link = slot == 0 ? 0 : d->m->cap[model_at(d->m, d->own, slot)].badge;

    *other_pd = model_pd_of_asid(d->m, (uint32_t)r4_peer_asid(link));
    *other_slot = (uint32_t)r4_peer_slot(link);
    return slot;
}

/* ------------------------------------------------------------------------------------------------
 * Indices
 */

/* Length of the chain to something of the type; 0: there is none. */
static uint32_t chain_of(const struct draft *d, uint32_t peer, uint64_t index, uint8_t type)
{
    struct model_ref ref;

    return model_resolve(d->m, d->thread, peer, index, type, 0, 0, &ref).error == R4_OK ? ref.hops
                                                                                        : 0;
}

static bool leads_to(const struct draft *d, uint64_t index, uint8_t type)
{
    struct model_ref ref;

    return model_resolve(d->m, d->thread, 0, index, type, 0, 0, &ref).error == R4_OK;
}

/* Of a few USEs of one's own the one with the longest chain; false: none leads anywhere. */
static bool find_good_use(struct draft *d, uint8_t type, uint32_t *n)
{
    uint32_t longest = 0;
    uint32_t at = 0;

    for (uint32_t i = 0; i < TRIES; i++) {
        if (find_word(d, own_pd(d), USE_WORDS, R4_PROXY_KIND_USE, 0, &at)) {
            const uint32_t length = chain_of(d, 0, R4_INDEX_WORD | at, type);

            if (length > longest) {
                longest = length;
                *n = at;
            }
        }
    }
    return longest != 0;
}

uint32_t name_word(struct draft *d, uint8_t type)
{
    struct rng *rng = &d->g->rng;
    uint32_t n;

    if (rng_percent(rng, 5)) {
        return R4_INDEX_WORD | rng_below(rng, 3 * USE_WORDS + 2u);
    }
    if (find_good_use(d, type, &n) ||
        (rng_percent(rng, 30) && find_word(d, own_pd(d), USE_WORDS, R4_PROXY_KIND_USE, 0, &n))) {
        return R4_INDEX_WORD | n;
    }
    return 0;
}

uint32_t name_once_word(struct draft *d)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < TRIES; i++) {
        struct model_ref ref;

        if (find_word(d, own_pd(d), USE_WORDS, R4_PROXY_KIND_USE, 0, &n) &&
            model_resolve(d->m, d->thread, 0, R4_INDEX_WORD | n, R4_TYPE_ANY, 0, 0, &ref).error ==
                R4_OK &&
            ref.is_once_near) {
            return R4_INDEX_WORD | n;
        }
    }
    return 0;
}

bool name_grant(struct draft *d, uint8_t type, uint32_t *peer, uint32_t *index)
{
    uint32_t longest = 0;

    for (uint32_t i = 0; i < TRIES; i++) {
        uint32_t other_pd;
        uint32_t other_slot;
        uint32_t n;
        const uint32_t end = find_peer(d, &other_pd, &other_slot);

        if (end != 0 && find_word(d, other_pd, 0, R4_PROXY_KIND_GRANT, other_slot, &n)) {
            const uint32_t length = chain_of(d, end, R4_INDEX_WORD | n, type);

            if (length > longest) {
                longest = length;
                *peer = end;
                *index = R4_INDEX_WORD | n;
            }
        }
    }
    return longest != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Words
 */

static uint64_t proxy(unsigned kind, uint64_t ttl, uint64_t rights, uint64_t peer, uint64_t index)
{
    return kind | ttl << R4_PROXY_TTL_LO | rights << R4_PROXY_RIGHTS_LO | peer << R4_PROXY_PEER_LO |
           index << R4_PROXY_INDEX_LO;
}

static uint64_t random_rights(struct rng *rng)
{
    return rng_percent(rng, 85) ? R4_RIGHTS_MASK : rng_next(rng) & R4_RIGHTS_MASK;
}

/* Below `limit`, mostly as much as may be; now and then anything. */
static uint64_t random_ttl(struct rng *rng, uint32_t limit)
{
    if (rng_percent(rng, 5) || limit == 0) {
        return rng_below(rng, 16);
    }
    return rng_percent(rng, 92) ? limit - 1u : rng_below(rng, limit);
}

/* Of something in one's table, or of a USE of one's own. */
static uint64_t make_grant(struct draft *d)
{
    struct rng *rng = &d->g->rng;
    uint32_t other_pd;
    uint32_t other_slot;
    const uint32_t peer = find_peer(d, &other_pd, &other_slot);
    uint32_t index = look_for(d, d->own, pick_is_of_type, R4_TYPE_ANY);
    uint32_t ttl = index == 0 ? 0 : d->m->cap[model_at(d->m, d->own, index)].ttl;
    uint32_t n;
    uint64_t word;

    if (rng_percent(rng, 60) && find_good_use(d, R4_TYPE_ANY, &n)) {
        index = R4_INDEX_WORD | n;
        ttl = r4_proxy_ttl(word_of(d, own_pd(d), n));
    }
    word = proxy(R4_PROXY_KIND_GRANT, random_ttl(rng, ttl), random_rights(rng), peer, index);
    return rng_percent(rng, 15) ? word | R4_PROXY_ONCE_MASK : word;
}

/* Of a GRANT that names this side, mostly one that leads somewhere. */
static uint64_t make_use(struct draft *d)
{
    struct rng *rng = &d->g->rng;
    uint32_t peer = look_for(d, d->own, pick_is_peer, R4_TYPE_PEER);
    uint32_t index = R4_INDEX_WORD | rng_below(rng, WORDS);
    uint32_t ttl = 0;

    if (name_grant(d, R4_TYPE_ANY, &peer, &index)) {
        struct model_ref ref;

        (void)model_resolve(d->m, d->thread, peer, index, R4_TYPE_ANY, 0, 0, &ref);
        ttl = ref.ttl;
    }
    return proxy(R4_PROXY_KIND_USE, random_ttl(rng, ttl + 1u), random_rights(rng), peer, index);
}

/* A word that no library would write; mostly one that was well formed but for a bit. */
static uint64_t spoil(struct draft *d, uint64_t word)
{
    struct rng *rng = &d->g->rng;

    return rng_percent(rng, 80) ? word ^ UINT64_C(1) << rng_below(rng, 64) : hostile_word(rng);
}

/* What stands there still means something. */
static bool is_good_word(const struct draft *d, uint32_t n)
{
    const uint64_t word = word_of(d, own_pd(d), n);
    const uint64_t index = r4_proxy_index(word);

    if (r4_proxy_kind(word) == R4_PROXY_KIND_USE) {
        return leads_to(d, R4_INDEX_WORD | n, R4_TYPE_ANY);
    }
    return r4_proxy_kind(word) == R4_PROXY_KIND_GRANT && leads_to(d, index, R4_TYPE_ANY);
}

/* Where the program writes: mostly not over what is good. */
static uint32_t pick_word(struct draft *d, uint32_t from)
{
    struct rng *rng = &d->g->rng;
    uint32_t n = from + rng_below(rng, WORDS);

    for (uint32_t i = 0; i < TRIES && is_good_word(d, n) && rng_percent(rng, 90); i++) {
        n = from + rng_below(rng, WORDS);
    }
    return n;
}

void make_store(struct draft *d, struct op *op)
{
    struct rng *rng = &d->g->rng;
    const bool is_use = rng_percent(rng, 50);
    uint32_t n = pick_word(d, is_use ? USE_WORDS : 0);
    const uint32_t what = rng_below(rng, 100);
    uint64_t word;

    if (what < 6) {
        word = 0;
    } else if (what < 15) {
        word = spoil(d, word_of(d, own_pd(d), n));
    } else {
        word = is_use ? make_use(d) : make_grant(d);
    }
    if (rng_percent(rng, 3)) {
        n = (n + USE_WORDS) % (2 * USE_WORDS);
    }
    op->kind = OP_STORE;
    op->call.word[0] = d->m->object[own_pd(d)].window + n * sizeof(uint64_t);
    op->call.word[1] = word;
}
