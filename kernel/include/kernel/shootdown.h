/* SPDX-License-Identifier: MIT */
/*
 * Owns: the requests that one core of a cluster makes to the others and waits for. Each core has
 * one request word, written by the lock holder, cleared by the core itself as acknowledgement. A
 * core serves it at faults and interrupts, and while it waits for the lock: one that finds the lock
 * free has no request, since who asks holds it. Serving touches only the core's own state and, for
 * LEAVE, the saved context of the thread it runs.
 * Locking: the requester holds the cluster's lock and waits for the acknowledgements.
 */
#pragma once

#include <kernel/types.h>

struct core;
struct pd;
struct thread;

enum shootdown_kind {
    SHOOTDOWN_NONE = 0,
    SHOOTDOWN_PAGE = 1,  /* flush one page; the address is in request_address */
    SHOOTDOWN_ALL = 2,   /* flush everything that is not global */
    SHOOTDOWN_LEAVE = 3, /* save the thread, run nothing, load the kernel's own page table */
};

/* No core of the cluster translates `va` of `pd` from an old entry when it returns. */
void shootdown_page(struct core *core, struct pd *pd, uint64_t va);
/* The same for the whole address space. */
void shootdown_all(struct core *core, struct pd *pd);
/* No core uses the address space any more; threads that ran in it there are left without a core. */
void shootdown_leave_pd(struct core *core, struct pd *pd);
/* `t`, which runs on another core, does not execute any more and its context is saved. */
void shootdown_leave_thread(struct core *core, struct thread *t);
/* Serves the own request word if it is set. Needs no lock. */
void shootdown_serve(struct core *core);
