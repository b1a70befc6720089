/* SPDX-License-Identifier: MIT */
/*
 * Owns: proxies: how an index that names a word, or a peer's word, becomes a capability.
 *
 * A chain begins at the caller with a USE in its own window (or with a peer named in the call
 * register) and goes from GRANT to GRANT: each stands in a marked page of the window of the domain
 * that gave it, names the peer that may use it, and leads to a slot of that domain (the root) or to
 * a USE in its window (one hop more).
 *
 * Invariants
 * (proxy I1) Each word is read once in a resolution, by arch_word_load, and only in RAM of this
 *     cluster. What was read is what counts until the end of the call.
 * (proxy I2) The time to live rises strictly from the caller to the root, so a chain has at most
 *     HOPS_MAX GRANTs and circles end.
 * (proxy I3) Until a GRANT names the caller, every reason to refuse costs the same instructions and
 *     gives R4_E_PROXY (window I1).
 * (proxy I4) A resolution touches the domains and words of its chain and nothing else: its cost
 *     does not depend on how many objects there are.
 * (proxy I5) Nothing is changed but what the caller's domain keeps of chains (chain.h), which says
 *     nothing that a walk would not.
 * Locking: the cluster's lock from the resolution to the end of the call, so nothing but words of
 * user memory changes meanwhile.
 */
#pragma once

#include <kernel/cap.h>
#include <kernel/pd.h>
#include <r4/abi/errors.h>

struct cluster;

/*
 * The longest chain of each capability that a call can name, the invoked one and two arguments, with
 * the GRANT that is one too many: it has been noted when the chain is refused.
 */
#define ONCE_WORDS_MAX (3u * (R4_HOPS_MAX + 1u))

/* GRANTs for one use that a call goes through. */
struct once_words {
    uint32_t count;
    struct {
        uint64_t *word;
        uint64_t grant;
    } at[ONCE_WORDS_MAX];
};

/* Where a chain begins: layout `call`'s peer (0: none) and index. */
struct proxy_start {
    uint32_t peer;
    uint32_t index;
};

/* What kept chains are known by. Where a chain begins it is not 0. */
static inline uint64_t proxy_key(struct proxy_start start)
{
    return (uint64_t)start.index << 32 | start.peer;
}

/* The only place where the domain keeps a chain that begins there. */
static inline struct kept_chain *proxy_kept(struct pd *pd, struct proxy_start start)
{
    return &pd->kept[(start.index + start.peer) % CHAINS_KEPT];
}

/* True unless it is a slot of the caller's own. */
static inline bool proxy_is_start(uint32_t peer, uint32_t index)
{
    return peer != 0 || (index & R4_INDEX_WORD) != 0;
}

/*
 * Follows the chain for `pd`. Adds its GRANTs for one use to `once`, unless that is NULL. Errors:
 * INDEX, UNMAPPED, EMPTY, WORD about the caller's word; INDEX, EMPTY, TYPE with DETAIL_PEER in
 * `*about` about the slot of the peer; TTL about the first hop; PROXY for everything else.
 */
R4_MUST_USE enum r4_err proxy_resolve(const struct cluster *cl, struct pd *pd,
                                      struct proxy_start start, struct once_words *once,
                                      struct cap_ref *out, uint32_t *about);

/*
 * The same where what is kept does not answer: walks. The place for the chain says which words were
 * loaded already (chain I3); there the walk notes its own, and a chain that holds is kept there.
 */
R4_MUST_USE enum r4_err proxy_walk(const struct cluster *cl, struct pd *pd,
                                   struct proxy_start start, struct once_words *once,
                                   struct cap_ref *out, uint32_t *about);

/*
 * Takes all of the words, the last step of decode: each becomes BUSY. False: one of them has
 * changed since it was read; then all are as they were.
 */
R4_MUST_USE bool once_claim(struct once_words *once);
/* The call did not come to its end: the words can be used again, unless the granter wrote to them. */
void once_give_back(struct once_words *once);
/* The call was done: the words are used up. */
void once_spend(struct once_words *once);
