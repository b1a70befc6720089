/* SPDX-License-Identifier: MIT */
/*
 * Owns: the form of proxy words, layout `proxy` of the ABI: which are well-formed, as one
 * comparison each.
 * Pure.
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define PROXY_RESERVED_MASK (R4_PROXY_ZERO_MASK | R4_PROXY_MBZ_MASK)
#define PROXY_NAMES_WORD    ((uint64_t)R4_INDEX_WORD << R4_PROXY_INDEX_LO)

/* A USE names a word of the other side's window. */
#define PROXY_USE_MASK                                                                             \
    (R4_PROXY_KIND_MASK | R4_PROXY_ONCE_MASK | PROXY_RESERVED_MASK | PROXY_NAMES_WORD)
#define PROXY_USE_FORM ((uint64_t)R4_PROXY_KIND_USE | PROXY_NAMES_WORD)

#define PROXY_GRANT_MASK (R4_PROXY_KIND_MASK | PROXY_RESERVED_MASK | R4_PROXY_PEER_MASK)

static inline bool proxy_is_use(uint64_t word)
{
    return (word & PROXY_USE_MASK) == PROXY_USE_FORM;
}

/* A well-formed GRANT for the peer in the granter's slot `peer`. */
static inline bool proxy_is_grant_for(uint64_t word, uint32_t peer)
{
    return (word & PROXY_GRANT_MASK) ==
           ((uint64_t)R4_PROXY_KIND_GRANT | (uint64_t)peer << R4_PROXY_PEER_LO);
}

/* Empty, or a GRANT for one use that is being used. */
static inline bool proxy_is_empty(uint64_t word)
{
    const uint64_t kind = r4_proxy_kind(word);

    return kind == R4_PROXY_KIND_EMPTY || kind == R4_PROXY_KIND_BUSY;
}

/* The GRANT for one use, while it is being used. */
static inline uint64_t proxy_busy(uint64_t grant)
{
    return r4_proxy_with_kind(grant, R4_PROXY_KIND_BUSY);
}

static inline bool index_is_word(uint32_t index)
{
    return (index & R4_INDEX_WORD) != 0;
}
