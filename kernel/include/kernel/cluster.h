/* SPDX-License-Identifier: MIT */
/*
 * Owns: the whole mutable state of one cluster's kernel. There is no other: no globals in the kernel.
 * Lies in the cluster's own memory. Two clusters share nothing but the pending words of link.h.
 * Locking: `lock` guards everything here unless a field says otherwise.
 */
#pragma once

#include <kernel/asid.h>
#include <kernel/core.h>
#include <kernel/derive.h>
#include <kernel/fault_point.h>
#include <kernel/irq.h>
#include <kernel/link.h>
#include <kernel/lock.h>
#include <kernel/slot.h>
#include <lib/list.h>
#include <r4/abi/limits.h>

struct user_part;

#define CLUSTER_COUNTERS 8u

/* A run of whole granules. */
struct region {
    struct paddr base;
    uint64_t bytes;
};

#define CLUSTER_REGIONS_MAX 32u

/* Where the cluster's memory went at boot, in bytes. Constant after boot; owned = kernel + root + pair + untyped. */
struct memory_account {
    uint64_t owned;
    uint64_t kernel;
    uint64_t root;
    uint64_t pair;
    uint64_t untyped;
    uint64_t lost;
};

struct cluster {
    uint64_t canary_low;
    struct lock lock;
    uint32_t id;
    uint32_t cluster_count;
    uint32_t core_count;
    uint32_t total_cores;
    struct core *cores[R4_CORES_MAX];

    struct paddr kernel_root;       /* the kernel's own page table: what idle cores load */
    struct slot tour;               /* anchor of the derivation tour; holds no capability */
    struct slot *zombies;           /* top of the stack of zombies (delete.h) */
    struct slot notification_grave; /* of the notification that is being destroyed */
    struct derive_walk freezing;    /* the revoke that is freezing descendants (revoke.h) */
    struct asid_table asids;
    uint64_t chain_epoch;     /* of the chains that domains keep (chain.h); never 0 */
    struct list_link threads; /* every thread, by thread.all */
    uint64_t next_thread_number;
    struct user_part *parts; /* root of the tree of user parts (part.h) */
    struct link links[R4_CLUSTERS_MAX];
    uint64_t
        links_bound; /* bit p: link p may have a notification; a link without this bit has none */

    struct region regions[CLUSTER_REGIONS_MAX]; /* granules owned */
    uint32_t region_count;
    struct memory_account memory;
    uint64_t slice_ns;
    uint64_t cycles_per_us;
    bool owns_devices; /* console, channel, exit, interrupt lines: cluster 0 */
    struct irq_table irqs;
    struct fault_plan faults;
    uint64_t counters[CLUSTER_COUNTERS];
    uint64_t canary_high;
};

static inline void cluster_count(struct cluster *cl, enum r4_counter counter)
{
    cl->counters[(uint32_t)counter]++;
}

/* Something that walks of chains found has changed, words and root slots apart (chain I1). */
static inline void cluster_forget_chains(struct cluster *cl)
{
    cl->chain_epoch++;
}

/* Initialises a zeroed cluster: lists, tour, ASIDs, canaries. Cores, regions and links are boot's. */
void cluster_init(struct cluster *cl, uint32_t id);
/* Initialises a zeroed core and makes it one of the cluster's; indices count up from 0. */
void core_init(struct cluster *cl, struct core *core, uint32_t index, uint32_t hardware_id);
