/* SPDX-License-Identifier: MIT */
/*
 * Owns: a list of the slots whose capabilities were made for one purpose, so that all of them can be
 * deleted and the memory below them be used again.
 *
 * Invariants: a row in the list is taken from the allocator; some of its slots may be empty.
 */
#ifndef R4_HOLDINGS_H
#define R4_HOLDINGS_H

#include <r4/slots.h>

#define R4_HOLDINGS_MAX 96u

struct r4_holdings {
    struct r4_slots *slots;
    uint32_t count;
    struct {
        uint32_t first;
        uint32_t count;
    } row[R4_HOLDINGS_MAX];
};

void r4_holdings_init(struct r4_holdings *holdings, struct r4_slots *slots);

/* `count` free slots in a row, entered into the list. R4_E_LIMIT: no such row, or the list is full. */
enum r4_err r4_holdings_take(struct r4_holdings *holdings, uint32_t count, uint32_t *first);

/*
 * Makes `count` objects out of the untyped in slots taken for them. Errors: those and retype's; the list
 * is as it was then.
 */
enum r4_err r4_holdings_make(struct r4_holdings *holdings, uint32_t untyped, uint8_t type,
                             uint8_t bits, uint32_t count, uint32_t *first);

/* Deletes what is in the slots that were taken last, gives them back and takes them out of the list. */
void r4_holdings_drop_last(struct r4_holdings *holdings);

/* Deletes what is in the slots, gives them back and empties the list. */
void r4_holdings_release(struct r4_holdings *holdings);

#endif
