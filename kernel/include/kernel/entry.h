/* SPDX-License-Identifier: MIT */
/*
 * The kernel's doors. The arch calls them on the core's one kernel stack with interrupts off, with
 * the registers of the running thread (if any) saved in its context; when they return it resumes
 * core->current, or idles if that is NULL. `core` is the core on which they are called.
 */
#pragma once

#include <kernel/types.h>

struct core;
struct thread;
struct thread_fault;

/*
 * The running thread made a system call; `word` is the call register. In two halves, so that an
 * arch need not save the registers that the C calling convention preserves if the thread runs on:
 * kernel_call_begin returns the thread if the call is done and it runs on, with nothing changed in
 * its context but words, reply and instruction pointer; nothing else of the context is looked at. If
 * it returns NULL, the arch saves the rest of the registers into the context of the thread that
 * entered, and calls kernel_call_finish; the call register stands in the context by then.
 */
struct thread *kernel_call_begin(struct core *core, uint64_t word);
void kernel_call_finish(struct core *core);
/* Both halves; all registers are saved. */
void kernel_call(struct core *core);
/* The running thread faulted. */
void kernel_fault(struct core *core, struct thread_fault fault);

enum kernel_interrupt {
    INTERRUPT_TIMER,
    INTERRUPT_WAKE,      /* another core readied something here */
    INTERRUPT_SHOOTDOWN, /* another core waits for this one */
    INTERRUPT_DOORBELL,  /* another cluster signalled */
    INTERRUPT_SPURIOUS,
};
/* An interrupt, in user mode or idle. The arch has acknowledged it. */
void kernel_interrupt(struct core *core, enum kernel_interrupt which);
/*
 * An interrupt of a device line, in user mode or idle; after it the line's next one may come.
 * Cluster that owns the devices.
 */
void kernel_line(struct core *core, uint32_t line);
/* First entry of a core after boot: chooses what to run. */
void kernel_start(struct core *core);
