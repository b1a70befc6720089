/* SPDX-License-Identifier: MIT */
/*
 * Owns: the ring of what last happened on one core. Records are numbered from 0 in the order of
 * their writing; the last `capacity` are kept. Pure.
 *
 * Invariants
 * (trace I1) capacity is 0 or a power of two, constant after boot; record `n` lies at
 *     n % capacity.
 * (trace I2) `running` is the thread of the last switch that was recorded.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/types.h>

/* As many as fill a few screens of a viewer; 128 KiB. */
#define TRACE_RING_RECORDS 4096u

struct trace_record {
    uint64_t ns;    /* since boot */
    uint64_t point; /* enum r4_trace_point */
    uint64_t args[2];
};

struct trace_ring {
    struct trace_record *record;
    uint64_t capacity;
    uint64_t written; /* number of the next record */
    uint64_t running; /* number of a thread, 0 for none */
    bool is_on;       /* looked at by trace points, not by the ring */
};

/* Over the oldest record, if the ring is full. */
void trace_ring_put(struct trace_ring *ring, const struct trace_record *record);

/*
 * The first record that is still there and whose number is at least `number`; *number becomes its
 * number. False: there is none yet.
 */
R4_MUST_USE bool trace_ring_find(const struct trace_ring *ring, uint64_t *number,
                                 struct trace_record *record);
