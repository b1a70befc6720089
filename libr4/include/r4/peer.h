/* SPDX-License-Identifier: MIT */
/*
 * Owns: pairing two protection domains, by somebody who has CONTROL of both.
 */
#ifndef R4_PEER_H
#define R4_PEER_H

#include <r4/abi/errors.h>
#include <stdint.h>

/* One end: a domain, and an empty slot of its table that becomes the end. */
struct r4_peer_end {
    uint32_t pd; /* slot of one's own table */
    uint16_t slot;
};

/*
 * Makes a peer out of the untyped and binds its ends; both may be in one domain. `spare` is an empty
 * slot of one's own table, empty again afterwards. Errors: those of untyped_retype and peer_bind;
 * nothing is left behind then. Cost: 2 kernel entries.
 */
enum r4_err r4_peer_make(uint32_t untyped, uint32_t spare, const struct r4_peer_end *a,
                         const struct r4_peer_end *b);

#endif
