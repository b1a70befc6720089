/* SPDX-License-Identifier: MIT */
/*
 * Owns: proxy words: how a program hands a capability on and takes it back without a call, and what a
 * session id says. Pure.
 *
 * A GRANT in one's own marked page says: the domain at the other end of `peer` may use `index` of
 * mine, a slot or a USE, with these rights. A USE in one's own window says: the GRANT `index` of the
 * domain at the other end of `peer`. A GRANT's time to live is less than that of what it names, a
 * USE's at most that of its GRANT (docs/proxies.md).
 *
 * Costs stand at each function: user instructions when the compiler has the arguments in registers,
 * and entries into the kernel. The library's other parts with words: window.h (where they lie),
 * peer.h, caretaker.h (revocable forwarders), tree.h (delegation trees).
 */
#ifndef R4_PROXY_H
#define R4_PROXY_H

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/cap.h>
#include <stdbool.h>

/*
 * All of a GRANT but its index: what is the same for everything that is granted to one peer. Cost: 6
 * instructions, none if the arguments are constants; no kernel entry.
 */
static inline uint64_t r4_grant_to(uint16_t peer, uint16_t rights, uint8_t ttl)
{
    return (uint64_t)R4_PROXY_KIND_GRANT | (uint64_t)ttl << R4_PROXY_TTL_LO |
           (uint64_t)rights << R4_PROXY_RIGHTS_LO | (uint64_t)peer << R4_PROXY_PEER_LO;
}

/* All of a USE but its index. Cost: as r4_grant_to. */
static inline uint64_t r4_use_from(uint16_t peer, uint16_t rights, uint8_t ttl)
{
    return (uint64_t)R4_PROXY_KIND_USE | (uint64_t)ttl << R4_PROXY_TTL_LO |
           (uint64_t)rights << R4_PROXY_RIGHTS_LO | (uint64_t)peer << R4_PROXY_PEER_LO;
}

/* The word of r4_grant_to or r4_use_from with its index. Cost: 2 instructions; no kernel entry. */
static inline uint64_t r4_word_of(uint64_t most, uint32_t index)
{
    return most | (uint64_t)index << R4_PROXY_INDEX_LO;
}

/* The GRANT, for one use. Cost: 1 instruction; no kernel entry. */
static inline uint64_t r4_grant_once(uint64_t grant)
{
    return grant | R4_PROXY_ONCE_MASK;
}

/*
 * Grants: the next call on any core of the cluster sees it. What was written before is seen with it.
 * Cost: 1 store; no kernel entry.
 */
static inline void r4_grant(uint64_t *word, uint64_t grant)
{
    __atomic_store_n(word, grant, __ATOMIC_RELEASE);
}

/* Makes a word of one's own window a USE. Cost: 1 store; no kernel entry. */
static inline void r4_use(uint64_t *word, uint64_t use)
{
    __atomic_store_n(word, use, __ATOMIC_RELEASE);
}

/*
 * Takes back what the word grants, from everybody behind it. Calls that begin when the store is seen
 * are refused; the call r4_fence waits for those that began before (and for nothing else). Cost: 1
 * store; no kernel entry.
 */
static inline void r4_ungrant(uint64_t *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

/*
 * Whether a GRANT for one use has been used, or taken back. Cost: 1 load and 2 instructions; no kernel
 * entry. A word that is BUSY is being used right now.
 */
static inline bool r4_is_spent(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE) == 0;
}

/* Who granted, as a session id says it: the domain whose GRANT is nearest to the capability. */
struct r4_session {
    uint32_t index;      /* of that GRANT in its window */
    uint16_t asid;       /* of the domain, */
    uint16_t generation; /* which says whether the ASID still means the same domain */
};

/*
 * False: the badge was minted, or is 0. Cost: 12 instructions, 3 of them stores; no kernel entry.
 */
static inline bool r4_session_of(uint64_t badge, struct r4_session *out)
{
    out->index = (uint32_t)r4_session_index(badge);
    out->asid = (uint16_t)r4_session_asid(badge);
    out->generation = (uint16_t)r4_session_generation(badge);
    return r4_session_is_session(badge) != 0;
}

/*
 * Whether the domain at the other end of a peer granted: `link` is what cap_identify says as the badge
 * of one's own end. False for a tombstone. Cost: 9 instructions; no kernel entry (one for `link`, once).
 */
static inline bool r4_session_is_from(const struct r4_session *session, uint64_t link)
{
    const uint32_t asid = (uint32_t)r4_peer_asid(link);

    return link != 0 && r4_asid_index(asid) == session->asid &&
           r4_asid_generation(asid) == session->generation;
}

#endif
