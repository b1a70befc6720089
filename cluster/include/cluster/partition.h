/* SPDX-License-Identifier: MIT */
/*
 * Owns: the division of free memory among the clusters, in granules.
 *
 * Invariants of a partition:
 *   (D1) Every free granule (granule.h) has exactly one owner: one of its node's sharers.
 *   (D2) The shares of a node differ by at most one granule.
 *   (D3) A cluster's runs are sorted by address, disjoint, not empty, and neighbours are merged.
 *   (D4) Owned bytes + lost_bytes = usable bytes of facts.ranges.
 */
#pragma once

#include <cluster/topology.h>
#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>

#include <stdint.h>

#define PARTITION_MAX_RUNS 32

/* Whole granules: base and bytes are multiples of GRANULE_BYTES. */
struct partition_run {
    uint64_t base;
    uint64_t bytes;
};

struct partition_cluster {
    struct partition_run runs[PARTITION_MAX_RUNS];
    uint32_t run_count;
    uint64_t bytes; /* the sum of the runs */
};

struct partition {
    struct partition_cluster clusters[TOPOLOGY_MAX_CLUSTERS];
    uint64_t lost_bytes; /* usable, but in granules that are not wholly so */
};

/* BOOT_E_CLUSTER_MEMORY if a cluster gets less than `min_bytes`; BOOT_E_TOO_MANY_RUNS. On failure
 * `out` is undefined. */
enum boot_err partition_build(const struct boot_facts *facts, const struct topology *topology,
                              uint64_t min_bytes, struct partition *out,
                              struct boot_problem *problem);
