/* SPDX-License-Identifier: MIT */
/*
 * Owns: the hardware of one simulated core: its page-table root, TLB, pending interrupts, timer and
 * FPU registers.
 * Locking: the process has one thread; "executing" is a matter of host.running.
 */
#pragma once

#include <arch/impl/context.h>
#include <stdbool.h>
#include <stdint.h>

struct core;
struct thread;

#define HOST_TLB_ENTRIES 32u

/*
 * One cached translation, kept until it is flushed or pushed out, whatever happens to the page
 * table.
 */
struct host_tlb_entry {
    uint64_t va;   /* start of the page, aligned to its size */
    uint64_t pte;  /* the leaf as it was when it was cached */
    uint8_t level; /* 0: unused */
};

struct arch_core {
    uint64_t root; /* physical address of the page table that is loaded; 0 before the first load */
    struct host_tlb_entry tlb[HOST_TLB_ENTRIES];
    uint32_t tlb_next;      /* entry to push out next */
    uint32_t pending;       /* one bit per enum host_interrupt */
    uint32_t pending_lines; /* one bit per interrupt line */
    bool timer_is_armed;
    uint64_t timer_at_ns;
    uint64_t fpu[HOST_FPU_WORDS];
    const struct thread *return_thread; /* as arch_set_return_stack said */
};

struct core *arch_this_core(void);
uint64_t arch_cycles(void);
uint64_t arch_now_ns(const struct core *core);
void arch_pause(void);
bool arch_interrupt_pending(struct core *core);
void arch_set_return_stack(struct core *core, struct thread *thread);
bool arch_stacks_are_intact(const struct core *core);
