/* SPDX-License-Identifier: MIT */
/*
 * Owns: threads.
 *
 * Invariants
 * (thread I1) READY: `link` is in the run queue of `core`, or alone if it is that core's `next`.
 *     WAITING: it is in the ring of `waiting_on`. Otherwise it is alone.
 * (thread I2) RUNNING exactly when cluster->cores[core]->current is this thread.
 * (thread I3) The saved registers are valid whenever the thread is not executing in user mode; but
 *     for message words, reply and instruction pointer, only after kernel_call_begin (entry.h).
 * Locking: the cluster's lock, except `context`, which belongs to the core where the thread runs.
 */
#pragma once

#include <arch/context.h>
#include <kernel/object.h>
#include <kernel/part.h>
#include <kernel/types.h>
#include <lib/list.h>
#include <r4/abi/enums.h>
#include <r4/abi/errors.h>

struct cluster;
struct core;
struct notification;
struct pd;

struct thread_fault {
    uint8_t cause; /* enum r4_fault_cause */
    uint64_t address;
    uint64_t code;
};

struct thread {
    struct arch_context context; /* registers and FPU state; first, for the entry code */
    struct object object;
    uint8_t state; /* enum r4_thread_state */
    uint8_t priority;
    uint8_t was_started;
    uint8_t reserved;
    uint32_t core; /* index inside the cluster */
    uint64_t number;
    struct list_link link; /* run queue or waiters */
    struct list_link all;  /* cluster->threads, in ascending order of number */
    struct notification *waiting_on;
    uint64_t waits_through; /* the call register, if it waits through a chain of proxies; else 0 */
    struct slot pd_slot;    /* R4_TYPE_PD or empty */
    struct slot fault_slot; /* R4_TYPE_NOTIFICATION or empty */
    struct slot grave;
    struct thread_fault fault;
    uint64_t slice_left_ns; /* of its slice; valid while it does not run */
    struct user_part part;  /* its record is struct r4_thread_part */
    uint64_t saves;         /* into a record, so far */
    uint64_t name[2];
    uint64_t canary;
};
_Static_assert(sizeof(struct thread) <= 2048, "a thread fits its object");

/* The thread in a fresh, zeroed block; enters the cluster's list. */
struct thread *thread_format(struct cluster *cl, void *block);

static inline struct thread *thread_of(const struct slot *s)
{
    return container_of((struct object *)(uintptr_t)s->object, struct thread, object);
}

static inline struct pd *thread_pd(const struct thread *t)
{
    return slot_is_empty(&t->pd_slot) ? NULL : (struct pd *)(uintptr_t)t->pd_slot.object;
}

/* Stopped, by a command or by a fault: its registers are at rest and it can run again. */
static inline bool thread_is_at_rest(const struct thread *t)
{
    return t->state == R4_THREAD_STATE_STOPPED || t->state == R4_THREAD_STATE_FAULTED;
}

/* What the thread finds in its reply register when it runs on. The detail is 0. */
static inline void thread_set_reply(struct thread *t, enum r4_err err)
{
    arch_regs_set_reply(&t->context.regs, (uint64_t)err);
}

/*
 * The first thread of the cluster whose number is at least `number`; there is one. Begins where the
 * last search of this core ended, and stops for interrupts: then the result is NULL, and the same
 * search goes on when it is made again.
 */
R4_MUST_USE struct thread *thread_find(struct core *core, uint64_t number);

/*
 * Takes the thread off its queue or its core (another core is made to leave first); state becomes
 * `state` (STOPPED, FAULTED or DEAD). A broken-off wait returns R4_E_CANCELED when the thread runs
 * again.
 */
void thread_stop(struct core *core, struct thread *t, uint8_t state);

/* Records the fault, stops the thread and signals its fault notification. */
void thread_raise_fault(struct core *core, struct thread *t, struct thread_fault fault);

/* The PD slot of the thread is going away: the thread stops for good. Called by delete_slot. */
void thread_lose_pd(struct core *core, struct thread *t);

/*
 * Destruction: off all queues, off its core, off the cluster's list, fault notification signalled,
 * embedded slots emptied by delete_slot. Bounded.
 */
void thread_retire(struct core *core, struct thread *t);
