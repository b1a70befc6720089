/* SPDX-License-Identifier: MIT */
/*
 * Owns: mapping frames into an address space, with the page tables on the way.
 *
 * Invariants: page tables are made out of `untyped` and entered into `holdings`.
 */
#ifndef R4_VSPACE_H
#define R4_VSPACE_H

#include <r4/holdings.h>

struct r4_vspace {
    uint32_t pd;
    uint32_t untyped;
    struct r4_holdings *holdings;
};

/* Maps the frame; `access` and errors as of the call frame_map, and those of making page tables. */
enum r4_err r4_vspace_map(struct r4_vspace *vspace, uint32_t frame, uint64_t address,
                          uint16_t access);

#endif
