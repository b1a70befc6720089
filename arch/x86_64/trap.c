/* SPDX-License-Identifier: MIT */
/*
 * Owns: what an exception or an interrupt means to the kernel: which door it enters by.
 * Not here: saving and restoring registers (trap.S, syscall.S); exceptions in kernel mode (fatal.c).
 */
#include <kernel/core.h>
#include <kernel/entry.h>
#include <kernel/thread.h>
#include <x86/apic.h>
#include <x86/trap.h>
#include <x86/watchdog.h>

#define VECTOR_PAGE_FAULT 14u

static const uint8_t causes[X86_EXCEPTIONS] = {
    [0] = R4_FAULT_CAUSE_DIVIDE,      [1] = R4_FAULT_CAUSE_DEBUG,
    [3] = R4_FAULT_CAUSE_DEBUG,       [4] = R4_FAULT_CAUSE_OVERFLOW,
    [5] = R4_FAULT_CAUSE_OVERFLOW,    [6] = R4_FAULT_CAUSE_UNDEFINED,
    [11] = R4_FAULT_CAUSE_PROTECTION, [12] = R4_FAULT_CAUSE_STACK,
    [13] = R4_FAULT_CAUSE_PROTECTION, [14] = R4_FAULT_CAUSE_PAGE,
    [16] = R4_FAULT_CAUSE_FLOAT,      [17] = R4_FAULT_CAUSE_ALIGNMENT,
    [19] = R4_FAULT_CAUSE_FLOAT,
};

void x86_user_exception(struct core *core, const struct arch_regs *regs)
{
    struct thread_fault fault = {
        .cause = R4_FAULT_CAUSE_MACHINE,
        .address = regs->vector == VECTOR_PAGE_FAULT ? x86_read_cr2() : regs->rip,
        .code = regs->error,
    };
    if (causes[regs->vector] != R4_FAULT_CAUSE_NONE) {
        fault.cause = causes[regs->vector];
    } else {
        fault.code = regs->vector;
    }
    kernel_fault(core, fault);
}

void x86_bad_return(struct core *core)
{
    struct thread_fault fault = {
        .cause = R4_FAULT_CAUSE_PROTECTION,
        .address = core->current->context.regs.rip,
        .code = 0,
    };
    kernel_fault(core, fault);
}

static enum kernel_interrupt interrupt_of(uint64_t vector)
{
    switch (vector) {
    case X86_VECTOR_TIMER:
        return INTERRUPT_TIMER;
    case X86_VECTOR_WAKE:
        return INTERRUPT_WAKE;
    case X86_VECTOR_SHOOTDOWN:
        return INTERRUPT_SHOOTDOWN;
    case X86_VECTOR_DOORBELL:
        return INTERRUPT_DOORBELL;
    default:
        return INTERRUPT_SPURIOUS;
    }
}

/* The APIC expects no acknowledgement of its spurious vector. */
static void acknowledge(struct core *core, uint64_t vector)
{
    if (vector != X86_VECTOR_SPURIOUS) {
        x86_apic_write(core->arch.apic, X86_APIC_EOI, 0);
    }
}

static bool is_line(uint64_t vector)
{
    return vector - X86_VECTOR_LINES < R4_IRQ_LINES;
}

void x86_user_interrupt(struct core *core, uint64_t vector)
{
    acknowledge(core, vector);
    if (vector == X86_VECTOR_TIMER && core->arch.watchdog_ns != 0) {
        x86_watchdog(core);
    }
    kernel_interrupt(core, interrupt_of(vector));
}

/* Acknowledged last: the acknowledgement lets a level through that is still there. */
void x86_user_line(struct core *core, uint64_t vector)
{
    kernel_line(core, (uint32_t)(vector - X86_VECTOR_LINES));
    x86_apic_write(core->arch.apic, X86_APIC_EOI, 0);
}

void x86_idle_interrupt(struct core *core, uint64_t vector)
{
    /* Pairs with the release in arch_boot_release. */
    if (__atomic_load_n(&core->arch.is_released, __ATOMIC_ACQUIRE) == 0) {
        acknowledge(core, vector);
        return;
    }
    if (core->arch.is_started == 0) {
        core->arch.is_started = 1;
        kernel_start(core);
    }
    if (is_line(vector)) {
        x86_user_line(core, vector);
    } else {
        x86_user_interrupt(core, vector);
    }
}
