/* SPDX-License-Identifier: MIT */
/*
 * Owns: the world in which violations are planted: cluster 0 of a machine of two, with something of
 * every kind in it; and the tables of plants.
 */
#pragma once

#include "sim.h"

#include <kernel/notification.h>

/* Where the root task's frame is mapped, and the views of its table; both in one page table. */
#define WORLD_VA       UINT64_C(0x10000000)
#define WORLD_VIEWS_VA (WORLD_VA + 16 * R4_PAGE_BYTES)
#define WORLD_VIEWS    (SIM_TABLE_SLOTS * UINT64_C(16) / R4_PAGE_BYTES) /* pages of them */

/* What the world holds: slots of the root task's table, and things. */
struct world {
    struct cluster *cluster;
    struct thread *root;
    uint32_t parent;       /* untyped with children */
    uint32_t frame;        /* child of it, mapped read-write at VA */
    uint32_t second_frame; /* the one before it, not mapped */
    uint32_t page_table;   /* not installed */
    uint32_t badged;       /* minted of `notification` */
    uint32_t badged_copy;
    uint32_t notification;
    uint32_t pd; /* with ASID and table */
    uint32_t bare_pd;
    uint32_t empty;
    struct thread *ready;
    struct thread *waiting;
    struct thread *stopped;
    /* `stopped` and `ready` have their user parts in `frame`, `waiting` in a frame of its own. */
};

extern struct world world;

void world_build(void);

/* Slot of the root task's table, notification that it names, and the leaf entry for an address. */
struct slot *world_slot(uint32_t n);
struct notification *world_notification(uint32_t n);
uint64_t *world_leaf(uint64_t va);

struct plant {
    const char *name;
    void (*plant)(void);
    enum audit_detail detail;
};

/* Rules 1 to 3; the others. Each ends with a plant without name. */
extern const struct plant plants_of_capabilities[];
extern const struct plant plants_of_threads[];
