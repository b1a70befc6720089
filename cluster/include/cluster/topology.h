/* SPDX-License-Identifier: MIT */
/*
 * Owns: which processors form a cluster, and which clusters share a node's memory.
 *
 * Invariants of a topology:
 *   (T1) Every processor of the facts is in exactly one cluster; cluster 0 holds the boot processor,
 *        as its first. Further clusters are in the order of their first processor's APIC id.
 *   (T2) Every node with memory has at least one sharer.
 *   (T3) Distances are local inside a node; between clusters they are those of their home nodes.
 *
 * Not here: which granules a cluster gets (partition.h), starting the processors (bringup).
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/options.h>

#include <stdint.h>

#define TOPOLOGY_MAX_CLUSTERS 64

/* For package_shift: CPUID did not tell. */
#define TOPOLOGY_SHIFT_UNKNOWN 32u

struct topology_cluster {
    uint8_t cpus[BOOT_MAX_CPUS]; /* indices into facts.cpus */
    uint32_t cpu_count;
    uint8_t home_node; /* the node whose memory is nearest to its first processor */
};

struct topology {
    struct topology_cluster clusters[TOPOLOGY_MAX_CLUSTERS];
    uint32_t cluster_count;
    uint64_t node_sharers[BOOT_MAX_NODES]; /* bit c: cluster c has a share of the node's memory */
    uint8_t distance[TOPOLOGY_MAX_CLUSTERS][TOPOLOGY_MAX_CLUSTERS];
    struct boot_warnings warnings;
};

/* Groups the processors by policy.
 *
 * A node has memory if it has a free granule (granule.h). The memory of a node without processors
 * goes to the nearest node that has some; then the processors of a node that is still without
 * memory go to the nearest node with both. Of equally near nodes the one with the lower number is
 * taken. Each of these adds a warning.
 *
 * `package_shift` is the number of low bits of an APIC id inside a package. Under the policy
 * `package` it is required (BOOT_E_PACKAGE_SHIFT); under the others it only serves to warn when a
 * package's processors lie in several nodes. BOOT_E_NO_MEMORY if no node has memory. On failure
 * `out` is undefined.
 */
enum boot_err topology_build(const struct boot_facts *facts, enum boot_policy policy,
                             uint32_t package_shift, struct topology *out,
                             struct boot_problem *problem);
