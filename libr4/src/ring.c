/* SPDX-License-Identifier: MIT */
#include <r4/ring.h>
#include <string.h>

/* Bytes up to the end of the data from a count on, at most `count`. */
static uint64_t first_piece(const struct r4_ring *ring, uint64_t count)
{
    uint64_t to_end = ring->size - (ring->mine & (ring->size - 1));
    return count < to_end ? count : to_end;
}

bool r4_ring_room(const struct r4_ring *ring, uint64_t *room)
{
    /* Pairs with the release in r4_ring_get: what was consumed may be overwritten. */
    uint64_t used = ring->mine - __atomic_load_n(ring->consumed, __ATOMIC_ACQUIRE);
    if (used > ring->size) {
        return false;
    }
    *room = ring->size - used;
    return true;
}

void r4_ring_put(struct r4_ring *ring, const void *bytes, uint64_t count)
{
    uint64_t piece = first_piece(ring, count);
    memcpy(ring->data + (ring->mine & (ring->size - 1)), bytes, piece);
    memcpy(ring->data, (const uint8_t *)bytes + piece, count - piece);
    ring->mine += count;
    /* Pairs with the acquire in r4_ring_filled: the data are there. */
    __atomic_store_n(ring->produced, ring->mine, __ATOMIC_RELEASE);
}

bool r4_ring_filled(const struct r4_ring *ring, uint64_t *filled)
{
    /* Pairs with the release in r4_ring_put. */
    uint64_t there = __atomic_load_n(ring->produced, __ATOMIC_ACQUIRE) - ring->mine;
    if (there > ring->size) {
        return false;
    }
    *filled = there;
    return true;
}

void r4_ring_get(struct r4_ring *ring, void *bytes, uint64_t count)
{
    uint64_t piece = first_piece(ring, count);
    memcpy(bytes, ring->data + (ring->mine & (ring->size - 1)), piece);
    memcpy((uint8_t *)bytes + piece, ring->data, count - piece);
    ring->mine += count;
    /* Pairs with the acquire in r4_ring_room. */
    __atomic_store_n(ring->consumed, ring->mine, __ATOMIC_RELEASE);
}
