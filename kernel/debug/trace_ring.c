/* SPDX-License-Identifier: MIT */
#include <kernel/trace_ring.h>

void trace_ring_put(struct trace_ring *ring, const struct trace_record *record)
{
    if (ring->capacity != 0) {
        ring->record[ring->written & (ring->capacity - 1u)] = *record;
        ring->written++;
    }
}

bool trace_ring_find(const struct trace_ring *ring, uint64_t *number, struct trace_record *record)
{
    const uint64_t oldest = ring->written > ring->capacity ? ring->written - ring->capacity : 0;
    const uint64_t first = *number < oldest ? oldest : *number;

    if (first >= ring->written) {
        return false;
    }
    *number = first;
    *record = ring->record[first & (ring->capacity - 1u)];
    return true;
}
