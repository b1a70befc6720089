/* SPDX-License-Identifier: MIT */
/*
 * Owns: the granules of 2 MiB in which memory is owned, and the walk over those that are free at boot.
 *
 * Invariants: a granule is free if and only if it is wholly usable memory in facts.ranges; the
 * kernel image, the modules and the low 1 MiB are not usable there. It belongs to the node of its
 * first byte.
 */
#pragma once

#include <kernel/boot/facts.h>

#include <stdbool.h>
#include <stdint.h>

#define GRANULE_BYTES (2ull << 20)

/* Consecutive free granules of one node; `first` is a physical address divided by the granule. */
struct granule_stretch {
    uint64_t first;
    uint64_t count;
    uint8_t node;
};

/* The first stretch at or after granule `from`; false if there is none. */
bool granule_next(const struct boot_facts *facts, uint64_t from, struct granule_stretch *out);

/* How many free granules each node has. */
void granule_count(const struct boot_facts *facts, uint64_t node_granules[BOOT_MAX_NODES]);
