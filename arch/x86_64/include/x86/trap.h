/* SPDX-License-Identifier: MIT */
/* Between the entry code in assembly and C. */
#pragma once

#include <arch/context.h>
#include <kernel/types.h>
#include <r4/abi/limits.h>
#include <x86/instructions.h>

struct core;

/* What an exception in kernel mode leaves on the stack. */
struct x86_frame {
    uint64_t vector;
    uint64_t error;
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};

/* One gate of the interrupt descriptor table. */
struct x86_gate {
    uint64_t low;
    uint64_t high;
};

#define X86_IDT_ENTRIES 256u
#define X86_EXCEPTIONS  32u

/*
 * Filled at boot, before the first cluster copies the read-only data; the same address in all
 * clusters.
 */
extern const struct x86_gate x86_idt[X86_IDT_ENTRIES];
/* Entry points of exceptions 0 to 31. */
extern const uint64_t x86_exception_entries[X86_EXCEPTIONS];

/* Entry points of the device lines. */
extern const uint64_t x86_line_entries[R4_IRQ_LINES];

/* Entry points in assembly; no C functions. */
void x86_syscall_entry(void);
void x86_entry_wake(void);
void x86_entry_doorbell(void);
void x86_entry_timer(void);
void x86_entry_shootdown(void);
void x86_entry_spurious(void);
void x86_entry_unexpected(void);

/*
 * Leaves boot: loads the kernel's own page table and stack of `core`, then calls kernel_start at
 * once if `is_boot_core`, else says that it is up and idles until an interrupt comes after
 * arch_boot_release.
 */
_Noreturn void x86_enter_runtime(struct core *core, uint32_t is_boot_core);

/* Called by the entry code, on the core's stack, interrupts off. */
void x86_user_exception(struct core *core, const struct arch_regs *regs);
void x86_user_interrupt(struct core *core, uint64_t vector); /* not of a line */
void x86_user_line(struct core *core, uint64_t vector);
void x86_idle_interrupt(struct core *core, uint64_t vector);
/* The running thread shall go on at an address that is not in the lower half. */
void x86_bad_return(struct core *core);
/* An exception in kernel mode, a double fault or a machine check. */
_Noreturn void x86_fatal(const struct x86_frame *frame);
/*
 * What the compiler means by the undefined instruction at `code`; NULL if the compiler makes none
 * such. Reads no further than that instruction.
 */
const char *x86_trap_text(const uint8_t *code);
