/* SPDX-License-Identifier: MIT */
/*
 * Owns: the local APIC after boot: interrupts to other cores, the one-shot timer, and the question
 * whether one waits. All vectors that R4 uses are in the last of the eight request registers.
 */
#include <arch/machine.h>
#include <kernel/core.h>
#include <x86/apic.h>
#include <x86/watchdog.h>

#define MSR_X2APIC_ICR  0x830u
#define TIMER_TICKS_MAX UINT64_C(0xffffffff)

void x86_apic_send(volatile uint32_t *apic, uint32_t hardware_id, uint32_t command)
{
    if (apic == NULL) {
        /* An MSR write of the APIC does not wait for stores by itself. */
        __asm__ volatile("mfence; lfence" : : : "memory");
        x86_wrmsr(MSR_X2APIC_ICR, (uint64_t)hardware_id << 32 | command);
        return;
    }
    while ((x86_apic_read(apic, X86_APIC_ICR) & X86_APIC_ICR_PENDING) != 0) {
        arch_pause();
    }
    x86_apic_write(apic, X86_APIC_ICR_HIGH, hardware_id << 24);
    x86_apic_write(apic, X86_APIC_ICR, command);
}

void arch_ipi_send(struct core *core, uint32_t hardware_id, enum arch_ipi kind)
{
    static const uint8_t vectors[] = {
        [ARCH_IPI_WAKE] = X86_VECTOR_WAKE,
        [ARCH_IPI_SHOOTDOWN] = X86_VECTOR_SHOOTDOWN,
        [ARCH_IPI_DOORBELL] = X86_VECTOR_DOORBELL,
    };
    x86_apic_send(core->arch.apic, hardware_id, X86_APIC_ICR_ASSERT | vectors[kind]);
}

bool arch_interrupt_pending(struct core *core)
{
    return x86_apic_read(core->arch.apic, X86_APIC_IRR_LAST) != 0 ||
           x86_apic_read(core->arch.apic, X86_APIC_IRR_LINES) != 0;
}

/*
 * A time beyond the counter's range ends early, at its end: the caller looks at the clock and arms
 * again.
 */
void arch_timer_arm(struct core *core, uint64_t ns)
{
    uint64_t ticks = TIMER_TICKS_MAX;
    if (core->arch.watchdog_ns != 0) {
        ns = x86_watchdog_limit(core, ns);
    }
    if (ns < UINT64_C(1) << 42) {
        ticks = x86_scale(ns, core->arch.clock.ticks_per_ns) + 1;
    }
    ticks = ticks < TIMER_TICKS_MAX ? ticks : TIMER_TICKS_MAX;
    x86_apic_write(core->arch.apic, X86_APIC_TIMER_INITIAL, (uint32_t)ticks);
}

void arch_timer_stop(struct core *core)
{
    if (core->arch.watchdog_ns != 0) {
        arch_timer_arm(core, UINT64_MAX);
        return;
    }
    x86_apic_write(core->arch.apic, X86_APIC_TIMER_INITIAL, 0);
}
