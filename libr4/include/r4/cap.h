/* SPDX-License-Identifier: MIT */
/* Owns: how a program names a capability. */
#ifndef R4_CAP_H
#define R4_CAP_H

#include <r4/abi/layout.h>
#include <stdint.h>

/*
 * What a call is made on: an index of one's own (a slot, or with R4_INDEX_WORD a word of the proxy
 * window), or a word of a peer's window (r4_through).
 */
typedef uint64_t r4_cap;

/*
 * Word `index` of the window of the domain at the other end of the peer in one's own slot `peer`. Cost: 2
 * instructions; no kernel entry.
 */
static inline r4_cap r4_through(uint16_t peer, uint32_t index)
{
    return (uint64_t)peer << (32u + R4_CALL_PEER_LO) | index;
}

#endif
