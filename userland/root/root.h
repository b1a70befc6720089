/* SPDX-License-Identifier: MIT */
/*
 * Owns: the state of a cluster's root task; everything it has hangs from one struct root.
 *
 * Invariants
 * (1) Cluster 0's root task is the only one that reads the console and writes to it and to the
 *     machine channel; it is the client of every other one.
 * (2) Doorbells of peers, output and ends of programs, and the console server all signal one
 *     notification, `events`. Its bits mean nothing: who wakes looks at everything that it waits
 *     for. Who waits inside of something that somebody else also waits around passes the signal on.
 */
#ifndef ROOT_ROOT_H
#define ROOT_ROOT_H

#include "region.h"

#include <lib/cpio.h>
#include <r4/abi/enums.h>
#include <r4/abi/limits.h>
#include <r4/abi/structs.h>
#include <r4/cap_views.h>
#include <r4/process.h>

#define ROOT_SLOTS_MAX     65536u
#define ROOT_NODES         1024u
#define CONSOLE_CLUSTER    0u /* owns the console, the channel and the exit */
#define STATUS_OK          0u
#define STATUS_FAILED      1u
#define STATUS_USAGE       2u
#define STATUS_INTERRUPTED 254u /* by Ctrl-C */

/* Pages of its address space, as offsets from the first address that boot leaves free. */
#define ROOT_SCRATCH_OFFSET UINT64_C(0)
#define ROOT_OUTPUT_OFFSET  UINT64_C(0x2000)   /* output page of the program that runs */
#define ROOT_CONSOLE_OFFSET UINT64_C(0x4000)   /* three pages of the terminal, every second one */
#define ROOT_VIEWS_OFFSET   UINT64_C(0x100000) /* readable views of its table */
#define ROOT_REGIONS_OFFSET UINT64_C(0x200000)

struct root {
    const struct r4_bootinfo *info;
    struct cpio_archive archive;
    struct r4_slots slots;
    struct r4_memory memory;
    struct r4_holdings holdings; /* what the root task made for itself */
    struct r4_vspace vspace;     /* its own address space */
    struct r4_cap_views views;   /* of its own capability table */
    struct r4_process_env env;
    uint32_t events;    /* the notification for everything that the task waits for (2) */
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

/*
 * Ends the machine (cluster 0 only); the machine channel gets the status. Exit status PASS for 0, else FAIL, or AUDIT if an audit
 * has found something.
 */
_Noreturn void root_end(uint32_t status);

/* The root task cannot go on: says so as well as it can, and stops. */
_Noreturn void root_fail(struct root *root, const char *what, enum r4_err err);

#endif
