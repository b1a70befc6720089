/* SPDX-License-Identifier: MIT */
/*
 * Owns: the state of a cluster's root task; everything it has hangs from one struct root.
 *
 * Invariants: cluster 0's root task is the only one that reads the console and writes to it and to the
 * machine channel; it is the client of every other one.
 */
#ifndef ROOT_ROOT_H
#define ROOT_ROOT_H

#include "region.h"

#include <lib/cpio.h>
#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/structs.h>
#include <r4/process.h>

#define ROOT_SLOTS_MAX  65536u
#define ROOT_NODES      1024u
#define CONSOLE_CLUSTER 0u /* owns the console, the channel and the exit */
#define STATUS_OK       0u
#define STATUS_FAILED   1u
#define STATUS_USAGE    2u

struct root {
    const struct r4_bootinfo *info;
    struct cpio_archive archive;
    struct r4_slots slots;
    struct r4_memory memory;
    struct r4_holdings holdings; /* what the root task made for itself */
    struct r4_vspace vspace;     /* its own address space */
    struct r4_process_env env;
    uint32_t doorbells; /* notification at which the doorbells of the peers arrive */
    uint32_t next_core; /* where the next program runs */
    bool quits;         /* the command `quit` was given, with `quit_status` */
    uint32_t quit_status;
    struct region region[R4_CLUSTERS_MAX]; /* with each peer; on other clusters only that with 0 */
    uint64_t slot_words[ROOT_SLOTS_MAX / R4_SLOTS_WORD_BITS];
    struct r4_memory_node nodes[ROOT_NODES];
};

static inline bool root_has_console(const struct root *root)
{
    return root->info->cluster == CONSOLE_CLUSTER;
}

/* Takes over what boot gave; does not return if something is wrong with it. */
void root_setup(struct root *root, const struct r4_bootinfo *info);

/* Rings the doorbell of a peer. */
void root_ring(uint32_t peer);

/* Ends the machine (cluster 0 only); the machine channel gets the status. */
_Noreturn void root_end(uint32_t status);

/* The root task cannot go on: says so as well as it can, and stops. */
_Noreturn void root_fail(struct root *root, const char *what, enum r4_err err);

#endif
