/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, in xAPIC mode (registers in memory) or x2APIC mode (registers in MSRs). `apic`
 * is the address of the registers, NULL in x2APIC mode; registers are named by their xAPIC offset.
 */
#pragma once

#include <kernel/types.h>
#include <x86/instructions.h>

#define X86_APIC_ID            0x020u
#define X86_APIC_TPR           0x080u
#define X86_APIC_EOI           0x0b0u
#define X86_APIC_SVR           0x0f0u
#define X86_APIC_IRR_LINES     0x210u /* vectors 0x20 to 0x3f */
#define X86_APIC_IRR_LAST      0x270u /* vectors 0xe0 to 0xff */
#define X86_APIC_ESR           0x280u
#define X86_APIC_ICR           0x300u
#define X86_APIC_ICR_HIGH      0x310u
#define X86_APIC_LVT_TIMER     0x320u
#define X86_APIC_LVT_THERMAL   0x330u
#define X86_APIC_LVT_PERF      0x340u
#define X86_APIC_LVT_LINT0     0x350u
#define X86_APIC_LVT_LINT1     0x360u
#define X86_APIC_LVT_ERROR     0x370u
#define X86_APIC_TIMER_INITIAL 0x380u
#define X86_APIC_TIMER_CURRENT 0x390u
#define X86_APIC_TIMER_DIVIDE  0x3e0u

#define X86_APIC_LVT_MASKED  0x10000u
#define X86_APIC_LVT_NMI     0x400u
#define X86_APIC_SVR_ENABLED 0x100u
#define X86_APIC_DIVIDE_BY_1 0xbu
#define X86_APIC_ICR_PENDING 0x1000u
#define X86_APIC_ICR_ASSERT  0x4000u
#define X86_APIC_ICR_INIT    0x500u
#define X86_APIC_ICR_STARTUP 0x600u

#define X86_MSR_X2APIC       0x800u
#define X86_MSR_APIC_BASE    0x1bu
#define X86_APIC_BASE_X2APIC (UINT64_C(1) << 10)
#define X86_APIC_BASE_ENABLE (UINT64_C(1) << 11)

static inline uint32_t x86_apic_read(volatile uint32_t *apic, uint32_t offset)
{
    if (apic == NULL) {
        return (uint32_t)x86_rdmsr(X86_MSR_X2APIC + offset / 16);
    }
    return apic[offset / 4];
}

static inline void x86_apic_write(volatile uint32_t *apic, uint32_t offset, uint32_t value)
{
    if (apic == NULL) {
        x86_wrmsr(X86_MSR_X2APIC + offset / 16, value);
    } else {
        apic[offset / 4] = value;
    }
}

/*
 * Sends to one APIC id; everything that was written before is visible to the receiver. Interrupts
 * off; not from NMI.
 */
void x86_apic_send(volatile uint32_t *apic, uint32_t hardware_id, uint32_t command);
