/* SPDX-License-Identifier: MIT */
/*
 * Owns: what boot knows about each cluster while it builds it. Lives in boot memory and is gone with it.
 * Locking: none; the boot core.
 */
#pragma once

#include <cluster/partition.h>
#include <cluster/topology.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/options.h>
#include <kernel/cluster.h>
#include <lib/boot_pages.h>
#include <r4/abi/names.h>

/* Memory of one node that is too small to be of use. */
#define BUILD_CLUSTER_BYTES_MIN (UINT64_C(8) << 20)

struct cluster_build {
    struct cluster *cluster;
    struct boot_pages pages;
    struct paddr root;         /* the kernel's page table */
    struct paddr channel_page; /* pending words towards this cluster, a line per sender */
    struct paddr pair_region[R4_CLUSTERS_MAX]; /* per peer; the lower-numbered cluster's memory */
};

struct machine_build {
    const struct boot_facts *facts;
    const struct boot_options *options;
    struct cluster_build cluster[R4_CLUSTERS_MAX];
    uint32_t cluster_count;
    uint32_t total_cores;
    uint64_t cycles_per_us;
    const uint8_t *archive;
    uint64_t archive_bytes;
};

/* Takes zeroed boot memory of the cluster; ends the boot with a message if there is none left. */
void *build_take(struct cluster_build *b, uint64_t bytes, uint64_t align);

/* bringup.c: the cluster's own structures, page table and cores. */
void build_cluster(struct machine_build *m, uint32_t id, const struct topology_cluster *plan,
                   const struct partition_cluster *part);
/* Whether a planted violation is one of bring-up's own. */
bool build_knows_plant(const char *name);
/* `plant=wrong-account`: the memory account of cluster 0 is off by a page, which the auditor must find. */
void build_plant_account(const struct machine_build *m, struct cluster *cl);
/* pair.c: pending words and shared regions of every pair. */
void build_pairs(struct machine_build *m, const struct topology *topology);
/* root_task.c: the first task with the boot capabilities; what is left of the memory becomes its untyped. */
void build_root_task(struct machine_build *m, uint32_t id);
/* ownership.c: that all state of each cluster lies in its own memory, and nothing else is reachable; ends the boot if not. */
void build_check_ownership(const struct machine_build *m);
