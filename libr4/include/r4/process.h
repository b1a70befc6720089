/* SPDX-License-Identifier: MIT */
/*
 * Owns: running a program in a protection domain of its own: making it, reading its output, learning
 * its end, and giving everything back.
 *
 * Invariants
 * (1) Everything of a process is made from one untyped. A revoke of it ends the process, and the untyped
 *     is used again.
 * (2) Nothing in the output page is believed: counts are checked, bytes copied once.
 * Locking: none; one thread makes and ends processes.
 */
#ifndef R4_PROCESS_H
#define R4_PROCESS_H

#include <r4/format.h>
#include <r4/loader.h>
#include <r4/memory.h>
#include <r4/startup.h>

#define R4_PROCESS_UNTYPED_BITS                                                                    \
    18u /* memory for what a program makes itself, if not told otherwise */
#define R4_PROCESS_TABLE_BITS                                                                      \
    14u /* log2 of the bytes of its capability table: 256 slots, of which 254 can be used */
#define R4_REGISTER_COUNT 18u /* of enum r4_register */

/* What the task that makes processes does it with. */
struct r4_process_env {
    struct r4_slots *slots;
    struct r4_memory *memory;
    struct r4_vspace *self;
    uint32_t asid_control;
    uint32_t pd;            /* the task's own protection domain */
    uint32_t events;        /* notification, all rights, without a badge */
    uint64_t scratch;       /* a page of the task's own where nothing is mapped */
    uint64_t output_window; /* another one; holds the output page of the process */
    const char *step;       /* what was being done when a call was refused */
    /* Asked whenever the task wakes while it waits for a process; true ends the wait. May be NULL. */
    bool (*is_interrupted)(void *context);
    void *interrupt_context;
};

/* A capability that a program gets at its start, beyond those that every program gets. */
struct r4_process_gift {
    uint32_t slot;   /* of the giver's table; needs LINK */
    uint32_t dest;   /* of the program's table, R4_PROGRAM_SLOT_FREE or higher */
    uint16_t rights; /* of the copy, as in the call cap_derive */
};

/* A frame that a program has mapped at its start; needs LINK. */
struct r4_process_share {
    uint32_t slot;
    uint64_t address;
    uint16_t access;
};

struct r4_process_spec {
    const uint8_t *image;
    size_t image_bytes;
    uint32_t argc;
    const char *const *argv;
    uint32_t core;
    uint8_t priority;
    uint8_t untyped_bits; /* log2 of the memory for what it makes itself; 0: the usual */
    uint8_t more_bits;    /* log2 of memory besides, in R4_PROGRAM_SLOT_MORE; 0: none */
    bool with_peer;       /* it gets a peer with the task in R4_PROGRAM_SLOT_PARENT */
    const struct r4_process_gift *gifts;
    uint32_t gift_count;
    const struct r4_process_share *shares;
    uint32_t share_count;
    /* Told to the program. */
    uint32_t cluster;
    uint32_t clusters;
    uint32_t cores;
    uint64_t cycles_per_us;
};

enum r4_process_end {
    R4_PROCESS_RUNS = 0,
    R4_PROCESS_EXITED,      /* `status` is its own */
    R4_PROCESS_FAULTED,     /* `fault` says how */
    R4_PROCESS_STOPPED,     /* its first thread was stopped or destroyed without an exit */
    R4_PROCESS_BROKEN,      /* it wrote nonsense into its output page */
    R4_PROCESS_INTERRUPTED, /* it still runs; env->is_interrupted ended the wait */
};

struct r4_fault {
    uint64_t cause; /* enum r4_fault_cause */
    uint64_t address;
    uint64_t code;
    uint64_t registers[R4_REGISTER_COUNT]; /* in the order of enum r4_register */
};

struct r4_process {
    uint16_t memory_node;
    uint16_t more_node; /* of the memory besides */
    uint32_t untyped;
    uint32_t memory; /* the program's untyped, until it is given */
    uint32_t more;   /* and the one besides, 0 for none */
    uint32_t table;
    uint32_t pd;
    uint32_t thread;
    uint32_t table_slots;
    uint32_t peer; /* the task's end of the peer, 0 for none */
    uint8_t untyped_bits;
    struct r4_holdings holdings;
    struct r4_vspace vspace;
    struct r4_ring output;
    uint32_t status;
    struct r4_fault fault;
};

/*
 * Makes and starts a process. Errors: R4_E_STATE with env->step set to why the image was refused, those of
 * the calls made, with env->step naming which; nothing is left behind then.
 */
enum r4_err r4_process_create(struct r4_process_env *env, const struct r4_process_spec *spec,
                              struct r4_process *process);

/* Looks once, without waiting. Hands output to `put`. */
enum r4_process_end r4_process_look(struct r4_process_env *env, struct r4_process *process,
                                    r4_format_put *put, void *context);

/* Waits for the end. Hands output to `put` as it comes. */
enum r4_process_end r4_process_wait(struct r4_process_env *env, struct r4_process *process,
                                    r4_format_put *put, void *context);

/*
 * Ends the process wherever it is and gives back what it took. Costs one revoke of its untyped and one
 * deletion for each slot that was taken for it.
 */
enum r4_err r4_process_destroy(struct r4_process_env *env, struct r4_process *process);

#endif
