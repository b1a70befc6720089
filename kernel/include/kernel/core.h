/* SPDX-License-Identifier: MIT */
/*
 * Owns: the per-core block: the only place that says what is per core. Reached through the arch's
 * per-core register.
 * Locking: each field's comment.
 */
#pragma once

#include <arch/core.h>
#include <kernel/runq.h>
#include <kernel/trace_ring.h>
#include <r4/abi/counters.h>

struct cluster;
struct pd;
struct thread;

#define CORE_COUNTER_BASE 16u
#define CORE_COUNTERS     10u

struct core {
    struct arch_core arch; /* first: entry code finds it at offset 0 */
    struct cluster *cluster;
    uint32_t index;       /* inside the cluster */
    uint32_t hardware_id; /* APIC id */

    /* Guarded by the cluster's lock; changed from another core only by LEAVE. */
    struct thread *current;   /* NULL: idle */
    struct pd *active_pd;     /* whose page table is loaded; NULL: the kernel's own */
    struct thread *fpu_owner; /* whose FPU state is in the registers (sched.h I2) */
    struct thread *next;      /* to be handed the core at the end of this entry (sched.h I4) */
    bool is_woken;            /* a wake interrupt is on its way; a second one is not needed */
    struct runq runq;
    uint64_t slice_end_ns;          /* when the slice of `current` ends */
    bool timer_armed;               /* a timer interrupt will come */
    struct list_link *thread_place; /* in cluster->threads, where the last thread_find came to */

    /* Requests of the lock holder; written by it, cleared by this core. Atomic. */
    uint32_t request;
    uint64_t request_address;

    /* This core's own. */
    uint64_t entered_at; /* cycle counter at kernel entry, or at core_excuse_entry */
    bool in_call;        /* a system call waits for the lock */
    uint8_t call_stage;  /* what kernel_call_begin left to kernel_call_finish (door.h) */
    uint32_t ticket;     /* drawn by kernel_call_begin, which did not wait for its turn */
    /*
     * No more than longest_irqs_off here and lock_longest_hold of the cluster: a call that took no
     * longer changes neither.
     */
    uint32_t known_stretch;
    uint64_t counters[CORE_COUNTERS]; /* counter number - CORE_COUNTER_BASE */
    struct trace_ring trace;          /* guarded by the cluster's lock */
    uint64_t canary;
};

#define R4_CANARY UINT64_C(0x5234a11cea7c0de5)

/* What this entry took until now does not count for longest_irqs_off. */
static inline void core_excuse_entry(struct core *core)
{
    core->entered_at = arch_cycles();
}

static inline void core_count(struct core *core, enum r4_counter counter)
{
    core->counters[(uint32_t)counter - CORE_COUNTER_BASE]++;
}
