/* SPDX-License-Identifier: MIT */
/*
 * Owns: what an exception or an interrupt means to the kernel: which door it enters by.
 * Not here: saving and restoring registers (trap.S, syscall.S).
 */
#include <arch/machine.h>
#include <kernel/core.h>
#include <kernel/entry.h>
#include <kernel/panic.h>
#include <kernel/thread.h>
#include <x86/apic.h>
#include <x86/text.h>
#include <x86/trap.h>

#define VECTOR_PAGE_FAULT 14u

static const uint8_t causes[X86_EXCEPTIONS] = {
    [0] = R4_FAULT_CAUSE_DIVIDE,      [1] = R4_FAULT_CAUSE_DEBUG,      [3] = R4_FAULT_CAUSE_DEBUG,
    [4] = R4_FAULT_CAUSE_OVERFLOW,    [5] = R4_FAULT_CAUSE_OVERFLOW,   [6] = R4_FAULT_CAUSE_UNDEFINED,
    [11] = R4_FAULT_CAUSE_PROTECTION, [12] = R4_FAULT_CAUSE_STACK,     [13] = R4_FAULT_CAUSE_PROTECTION,
    [14] = R4_FAULT_CAUSE_PAGE,       [16] = R4_FAULT_CAUSE_FLOAT,     [17] = R4_FAULT_CAUSE_ALIGNMENT,
    [19] = R4_FAULT_CAUSE_FLOAT,
};

static uint64_t read_cr2(void)
{
    uint64_t value;
    __asm__ volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

void x86_user_exception(struct core *core, const struct arch_regs *regs)
{
    struct thread_fault fault = {
        .cause = R4_FAULT_CAUSE_MACHINE,
        .address = regs->vector == VECTOR_PAGE_FAULT ? read_cr2() : regs->rip,
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

void x86_user_interrupt(struct core *core, uint64_t vector)
{
    acknowledge(core, vector);
    kernel_interrupt(core, interrupt_of(vector));
}

void x86_idle_interrupt(struct core *core, uint64_t vector)
{
    acknowledge(core, vector);
    /* Pairs with the release in arch_boot_release. */
    if (__atomic_load_n(&core->arch.is_released, __ATOMIC_ACQUIRE) == 0) {
        return;
    }
    if (core->arch.is_started == 0) {
        core->arch.is_started = 1;
        kernel_start(core);
    }
    kernel_interrupt(core, interrupt_of(vector));
}

void x86_fatal(const struct x86_frame *frame)
{
    char buffer[160];
    struct x86_text text = x86_text_in(buffer, sizeof buffer);
    x86_text_string(&text, "exception ");
    x86_text_number(&text, frame->vector);
    x86_text_string(&text, " in kernel mode, rip ");
    x86_text_hex(&text, frame->rip);
    x86_text_string(&text, ", rsp ");
    x86_text_hex(&text, frame->rsp);
    x86_text_string(&text, ", cr2 ");
    x86_text_hex(&text, read_cr2());
    x86_text_string(&text, ", code ");
    x86_text_hex(&text, frame->error);
    r4_panic("arch/x86_64/trap.c", buffer);
}
