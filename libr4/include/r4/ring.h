/* SPDX-License-Identifier: MIT */
/*
 * Owns: a ring of bytes in shared memory with one writer and one reader that do not trust each other.
 * Pure over the given memory.
 *
 * Invariants
 * (1) Both count bytes from 0 on; a side believes only its own count (`mine`) and checks the other's
 *     with each read. Whatever the other side writes, nothing outside of the data is touched.
 * (2) The writer publishes its count after the data, the reader after it has copied them.
 * Locking: none; each side is used by one thread.
 */
#ifndef R4_RING_H
#define R4_RING_H

#include <stdbool.h>
#include <stdint.h>

/* One side's view. */
struct r4_ring {
    uint8_t *data;
    uint64_t size;      /* of the data, a power of two */
    uint64_t *produced; /* the writer's count, in shared memory */
    uint64_t *consumed; /* the reader's count, in shared memory */
    uint64_t mine;
};

/* How much the writer can put. False: the reader's count is nonsense. */
bool r4_ring_room(const struct r4_ring *ring, uint64_t *room);
/* Puts bytes for which there is room, and publishes them. */
void r4_ring_put(struct r4_ring *ring, const void *bytes, uint64_t count);

/* How much the reader can get. False: the writer's count is nonsense. */
bool r4_ring_filled(const struct r4_ring *ring, uint64_t *filled);
/* Copies bytes that are filled, once, and frees their room. */
void r4_ring_get(struct r4_ring *ring, void *bytes, uint64_t count);

#endif
