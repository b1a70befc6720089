/* SPDX-License-Identifier: MIT */
/*
 * Owns: the machine's part of the per-core block; GS points to it while the kernel executes.
 *
 * Invariants
 * (x86 I1) tss.rsp0 is the end of the saved registers of the thread that runs, so that an
 *     interrupt in user mode pushes its frame straight into that thread.
 * (x86 I2) In kernel mode interrupts are off, except in the idle loop, which has nothing on the
 *     stack worth keeping.
 * Locking: the core's own, but for `is_up` and `is_released`, which are atomic.
 */
#pragma once

#include <arch/impl/offsets.h>
#include <kernel/types.h>

struct core;
struct thread;

struct x86_tss {
    uint32_t reserved0;
    uint64_t rsp0;
    uint64_t rsp1;
    uint64_t rsp2;
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[0] is IST 1 */
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map;
} __attribute__((packed, aligned(4)));

/* Time-stamp counter and local timer, measured once at boot. Factors have 32 fraction bits. */
struct x86_clock {
    uint64_t tsc_base;     /* counter at time 0 */
    uint64_t ns_per_cycle; /* nanoseconds per cycle */
    uint64_t ticks_per_ns; /* timer ticks per nanosecond */
};

#define X86_GDT_ENTRIES 7u

struct arch_core {
    struct core *self;
    uint64_t stack_top; /* of the one kernel stack */
    uint64_t user_rsp;  /* of the thread that made a system call, until kernel_call_begin is over */
    struct paddr root;  /* the kernel's own page table of the cluster */
    uint64_t nmi_count;
    uint64_t stack_guard; /* the compiler reads it at %gs:40 */
    uint32_t is_up;       /* left the boot page table */
    struct x86_tss tss;
    uint32_t is_released; /* may call kernel_start */
    uint64_t gdt[X86_GDT_ENTRIES];
    volatile uint32_t *apic; /* registers of the local APIC; NULL: x2APIC, by MSR */
    struct x86_clock clock;
    uint8_t has_smap;
    uint8_t is_started; /* called kernel_start */
    uint16_t window;
    uint8_t plant; /* number of a planted violation, 0 for none (plant.c) */
    uint8_t reserved[3];
    uint64_t watchdog_ns; /* when the machine shall end; 0: never */
};

static inline struct core *arch_this_core(void)
{
    struct core *core;
    __asm__("movq %%gs:%c1, %0" : "=r"(core) : "i"(ARCH_SELF));
    return core;
}

static inline uint64_t arch_cycles(void)
{
    /* Both halves arrive with the upper 32 bits of their registers clear. */
    uint64_t low;
    uint64_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return high << 32 | low;
}

static inline uint64_t x86_scale(uint64_t value, uint64_t factor)
{
    return (uint64_t)((unsigned __int128)value * factor >> 32);
}

static inline uint64_t arch_now_ns(const struct core *core)
{
    const struct x86_clock *clock = &((const struct arch_core *)(const void *)core)->clock;
    return x86_scale(arch_cycles() - clock->tsc_base, clock->ns_per_cycle);
}

static inline void arch_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

bool arch_interrupt_pending(struct core *core);

static inline void arch_set_return_stack(struct core *core, struct thread *thread)
{
    ((struct arch_core *)(void *)core)->tss.rsp0 = (uint64_t)(uintptr_t)thread + REGS_BYTES;
}

/*
 * Whether the words at the bottom of the core's stacks are untouched. For the auditor, on any core
 * of the cluster.
 */
bool arch_stacks_are_intact(const struct core *core);
