/* SPDX-License-Identifier: MIT */
/*
 * Owns: the kernel and the model side by side: each operation is done by both, and they must agree.
 *
 * The kernel is cluster 0 of the simulation. Core 0 runs the root task, the others what is started
 * on them; whoever runs on a core makes the operations of that core. Time stands still, so a thread
 * runs until it waits, ends, or yields.
 */
#pragma once

#include "model.h"

#define WORLD_CORES      7u
#define WORLD_TEXT_BYTES 512u

/* At which polls a long operation sees an interrupt. */
enum op_preempt {
    OP_PREEMPT_NEVER = 0,
    OP_PREEMPT_ALWAYS = 255, /* other numbers: at that one poll */
};

enum op_kind {
    OP_CALL,
    OP_STORE, /* the program writes: word 0 is the address, word 1 what it writes */
};

/* One operation, as it is recorded and made again. */
struct op {
    uint8_t kind;
    uint8_t core;
    uint8_t preempt;
    /* cap_revoke: it rests after so many entries into the kernel, if it has begun; 0: never. */
    uint16_t entries;
    struct model_call call;
};

struct world {
    struct model model;
    /* Slots of the root task's table: those that boot did not fill, its largest and device untyped. */
    uint32_t boot_slots;
    uint32_t untyped;
    uint32_t device;
    struct op last;
    uint32_t last_thread; /* who made it; 0: nobody ran on its core */
    struct model_outcome outcome;
    bool is_stored;              /* the last operation wrote to memory */
    char text[WORLD_TEXT_BYTES]; /* what differs, once something does */
};

/* Boots the kernel, and tells the model what it handed out. */
void world_init(struct world *w);
/* Says what the failures of this process shall say, and which bug the model has. */
void world_name(struct world *w, uint64_t seed, enum model_bug bug);

/*
 * Does the operation in both. False: they differ, and `text` says in what. An operation of a core
 * where nobody runs is left out. A core whose thread rests in a revoke goes on with that.
 */
bool world_apply(struct world *w, const struct op *op);

/* Compares everything: capabilities, tree, objects, address spaces. */
bool world_compare(struct world *w);
/* Lets the auditor look at the cluster. */
bool world_audit(struct world *w);

/* The thread that runs on a core, 0 for none. */
uint32_t world_thread_on(const struct world *w, uint32_t core);
/* Whether the thread there rests in a revoke. */
bool world_is_pending(uint32_t core);

/* Says what differs; false. */
__attribute__((format(printf, 2, 3))) bool world_differ(struct world *w, const char *format, ...);
