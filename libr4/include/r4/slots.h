/* SPDX-License-Identifier: MIT */
/*
 * Owns: which slots of a capability table are free. Pure: the bitmap is the caller's.
 *
 * Invariants: a set bit is a free slot of [first, end).
 * Not here: the capabilities; a slot is given back after its capability was deleted.
 */
#ifndef R4_SLOTS_H
#define R4_SLOTS_H

#include <r4/abi/errors.h>
#include <stddef.h>
#include <stdint.h>

#define R4_SLOTS_WORD_BITS 64u

struct r4_slots {
    uint64_t *words;
    uint32_t first;
    uint32_t end;
    uint32_t free;
};

/*
 * Slots [first, end) become free, as far as `word_count` words describe them: slots from
 * R4_SLOTS_WORD_BITS * word_count on are never handed out. `end` is at most the table's last
 * number, which is never a capability.
 */
void r4_slots_init(struct r4_slots *slots, uint64_t *words, size_t word_count, uint32_t first,
                   uint32_t end);

/* The first of `count` free slots in a row, now taken. R4_E_RANGE: count is 0. R4_E_LIMIT: none. */
enum r4_err r4_slots_take(struct r4_slots *slots, uint32_t count, uint32_t *out);

/* Frees them. R4_E_RANGE: not all are slots of this allocator. R4_E_STATE: one is free already. */
enum r4_err r4_slots_give(struct r4_slots *slots, uint32_t first, uint32_t count);

#endif
