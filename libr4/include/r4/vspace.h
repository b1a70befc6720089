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

/*
 * One more page table on the way to the address `first`, or to `last` if nothing is missing on that
 * way. Errors of page_table_map and of making the page table, which is not kept then.
 */
enum r4_err r4_vspace_add_table(struct r4_vspace *vspace, uint64_t first, uint64_t last);

/*
 * Maps the frame; `access` and errors as of the call frame_map, and those of making page
 * tables. Tables that are in place by then stay, for the next attempt to find.
 */
enum r4_err r4_vspace_map(struct r4_vspace *vspace, uint32_t frame, uint64_t address,
                          uint16_t access);

#endif
