/* SPDX-License-Identifier: MIT */
/*
 * Owns: a stand-in for the kernel that knows which slots are filled, what was made from what, and
 * where frames and page tables are: as much as libr4's book-keeping is about.
 *
 * Invariants: a call that would be wrong on the real kernel fails the test or gives its error.
 */
#ifndef FAKE_INVOKE_H
#define FAKE_INVOKE_H

#include <r4/invoke.h>
#include <stdbool.h>

#define FAKE_SLOTS 1024u

struct fake_cap {
    uint8_t type; /* 0: empty */
    uint8_t size_bits;
    uint32_t parent;    /* slot of the untyped it was made from, 0 for none */
    uint64_t watermark; /* of an untyped */
    uint64_t mapped_at;
    bool is_marked;
};

extern struct fake_cap fake_cap[FAKE_SLOTS];
/* The number of the call, from 1, that fails with R4_E_REVOKING; 0 for none. */
extern unsigned fake_fail_at;

/* All slots empty, no failure ahead. */
void fake_reset(void);
/* An untyped as boot gives it. */
void fake_untyped(uint32_t slot, uint8_t size_bits);
/* Filled slots. */
unsigned fake_count(void);
/* Those with frames. */
unsigned fake_frames(void);

#endif
