/* SPDX-License-Identifier: MIT */
/*
 * Owns: a machine of clusters and cores in one process, on arch/host: boots the real kernel core,
 * plays the programs of its threads, decides which core enters the kernel next, and looks at
 * everything after each entry.
 *
 * Invariants
 * (sim I1) Between two entries every core is in user mode or halted; each has exactly what the
 *     kernel told its hardware.
 * (sim I2) After each entry (sim_check): the lock is free, no core translates by a page-table entry
 *     that is gone, the FPU of each core
 *     holds what the thread there left in it, and, every `audit_every` entries, the auditor finds
 * nothing. Failing checks end the process with the seed and the number of the step.
 */
#pragma once

#include "rng.h"

#include <host/machine.h>
#include <kernel/audit.h>
#include <kernel/cluster.h>
#include <kernel/entry.h>
#include <kernel/pd.h>
#include <kernel/thread.h>
#include <r4/abi/calls.h>
#include <r4/abi/enums.h>
#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

#define SIM_CLUSTERS_MAX  4u
#define SIM_CORES_MAX     8u
#define SIM_GRANULES      2u                     /* memory of each cluster */
#define SIM_TABLE_SLOTS   1024u                  /* of a root task's table */
#define SIM_TABLE_LAST    (SIM_TABLE_SLOTS - 1u) /* its last number, never a capability */
#define SIM_USER_ENTRY    UINT64_C(0x400000)
#define SIM_USER_STACK    UINT64_C(0x7ff000)
#define SIM_ROOT_PRIORITY 100u
#define SIM_PORT          0x3f8u /* cluster 0's root task has SIM_PORTS I/O ports from here on */
#define SIM_PORTS         8u
#define SIM_TRACE_RECORDS 16u /* that each core keeps */
#define SIM_LINE_ABSENT   2u  /* an interrupt line that the machine does not have */

/* One cluster and its root task. Slots are those of the root task's table. */
struct sim_cluster {
    struct cluster *cluster;
    struct thread *root;
    struct pd *pd;
    struct cap_table *table;
    uint32_t untyped;   /* slot of the largest untyped */
    uint32_t device;    /* slot of an untyped of device memory; 0: none */
    uint32_t next_slot; /* sim_slots_take */
};

struct sim {
    uint32_t clusters;
    uint32_t cores; /* of each cluster */
    struct sim_cluster of[SIM_CLUSTERS_MAX];
    struct rng rng;
    uint64_t seed;
    uint64_t steps;       /* kernel entries so far */
    uint64_t restarts;    /* calls that were made again */
    uint32_t audit_every; /* 0: never */
    /* Steps between entries for which the other clusters' memory is out of reach; 0: never. */
    uint32_t isolate_every;
    bool is_isolated;
    bool is_checking; /* sim_check does something */
    /* By place in host.cores: its shootdown interrupt was served, its entry has not ended. */
    bool has_begun[HOST_CORES_MAX];
    void (*meanwhile)(void); /* sim_enter_call_contended: what happens at the next spin */
    uint32_t pauses;         /* spins in a row that nobody answered */
};

extern struct sim sim;

/* Boots. Every root thread then runs on core 0 of its cluster, the other cores are idle. */
void sim_start(uint32_t clusters, uint32_t cores);
void sim_end(void);
/* The last step of boot: each core's first entry. */
void sim_start_cores(void);
_Noreturn void sim_fail(const char *what);
void sim_check(void);

/*
 * Remembers the whole machine as it is between two entries; sim_return makes it that again, as often
 * as one likes. One machine is remembered at a time, until sim_end.
 */
void sim_keep(void);
void sim_return(void);

/* Where the memory of a cluster begins. */
struct paddr sim_cluster_memory(uint32_t cluster);

/* How a call came out. */
struct sim_reply {
    enum r4_err err;
    uint32_t detail;
    bool is_done; /* false: it waits, or was stopped before its end; the rest is not valid */
    uint64_t word[6];
};

/*
 * Thread `t`, which runs, makes a call. Interrupts of its core are delivered when the call
 * restarts, until it is done, waits, or the thread stopped running for good.
 */
struct sim_reply sim_call(struct thread *t, enum r4_call call, uint32_t cap,
                          const uint64_t word[6]);
/* The same with a call register of one's own. */
struct sim_reply sim_call_raw(struct thread *t, uint64_t call_register, const uint64_t word[6]);
/* SIM_CALL(t, NAME, cap, words...) */
#define SIM_CALL(t, name, cap, ...)                                                                \
    sim_call((t), R4_CALL_##name, (cap), (const uint64_t[6]){__VA_ARGS__})
/* What the registers of a thread say about its last call, e.g. after it was woken. */
struct sim_reply sim_reply_of(const struct thread *t);
/* Fails unless the ABI allows that reply to this call. */
void sim_check_listed(uint64_t call_register, struct sim_reply reply);

/*
 * One entry of the running thread for the call whose registers are loaded (first or again). False:
 * restarted.
 */
bool sim_enter_call(struct thread *t);
/*
 * The same for a call that takes the lock and finds it taken: while it waits, `meanwhile` makes at
 * most one entry on another core of the cluster.
 */
bool sim_enter_call_contended(struct thread *t, void (*meanwhile)(void));
void sim_load_call(struct thread *t, uint64_t call_register, const uint64_t word[6]);
/* The call that `t` loaded has to be made again when it runs. */
bool sim_must_repeat(const struct thread *t);

void sim_fault(struct thread *t, enum r4_fault_cause cause, uint64_t address);
/*
 * Delivers one pending interrupt of the core, if there is one; all of all cores until none is left.
 */
bool sim_deliver(struct core *core);
void sim_settle(void);
/*
 * At the `nth` time (from 1 on) that the cluster comes to the point (0: each time), the action is
 * taken.
 */
void sim_fault_point(uint32_t cluster, enum r4_fault_point point, enum fault_action action,
                     uint32_t nth);
void sim_no_fault_points(uint32_t cluster);
/* Moves the clock and delivers. */
void sim_advance(uint64_t ns);

struct core *sim_core(uint32_t cluster, uint32_t core);
/* Number of the cluster in whose memory the thread lies. */
uint32_t sim_cluster_of(const struct thread *t);
/* The core that runs the thread, or NULL. */
struct core *sim_core_of(const struct thread *t);
bool sim_is_running(const struct thread *t);

/* Slot `n` of the thread's own table. */
struct slot *sim_slot(const struct thread *t, uint32_t n);
/* Object that the slot names, by type. */
struct thread *sim_thread_at(const struct thread *t, uint32_t n);
struct pd *sim_pd_at(const struct thread *t, uint32_t n);
struct cap_table *sim_table_at(const struct thread *t, uint32_t n);

/* `count` slots in a row of the root task's table that nobody used yet. */
uint32_t sim_slots_take(uint32_t cluster, uint32_t count);
/*
 * Retypes from the cluster's untyped into fresh slots of its root table; returns the first. Must
 * succeed.
 */
uint32_t sim_make(uint32_t cluster, enum r4_type type, uint8_t bits, uint32_t count);
/* A call of the cluster's root thread that must succeed; returns word 0. */
uint64_t sim_root_call(uint32_t cluster, enum r4_call call, uint32_t cap, const uint64_t word[6]);
#define SIM_ROOT(cluster, name, cap, ...)                                                          \
    sim_root_call((cluster), R4_CALL_##name, (cap), (const uint64_t[6]){__VA_ARGS__})
/*
 * A configured PD with a table of 256 slots; returns the PD's slot, the table's slot is the one
 * after it.
 */
uint32_t sim_make_pd(uint32_t cluster);
/* A thread of the root task's PD, or of `pd_slot`, started; returns its slot. */
uint32_t sim_make_thread(uint32_t cluster, uint32_t pd_slot, uint32_t core, uint8_t priority);
/* Installs all page tables that `va` needs for a leaf of `level`. */
void sim_make_tables(uint32_t cluster, uint32_t pd_slot, uint64_t va, unsigned level);
/* A fresh frame of 2^bits bytes, mapped; returns its slot. */
uint32_t sim_map_frame(uint32_t cluster, uint32_t pd_slot, uint8_t bits, uint64_t va,
                       uint16_t access);

/* Destroys everything below the slot, reachable or not; returns how many capabilities that were. */
uint32_t sim_destroy_children(uint32_t cluster, struct slot *s);

/* What a cluster holds. */
struct sim_count {
    uint32_t slots; /* capabilities */
    uint32_t threads;
    uint32_t asids; /* in use */
};
struct sim_count sim_count(uint32_t cluster);

/* Around kernel code that a test runs itself as if `core` had entered the kernel. */
void sim_begin_entry(struct core *core);
void sim_end_entry(void);
