/* SPDX-License-Identifier: MIT */
/* Registers of an I/O APIC: a window of two words, the register's number and its contents. */
#pragma once

#include <stdint.h>

#define X86_IOAPIC_VERSION     1u
#define X86_IOAPIC_REDIRECTION 0x10u /* two registers a pin: low, high */

#define X86_IOAPIC_LOW      0x2000u /* polarity */
#define X86_IOAPIC_LEVEL    0x8000u /* trigger */
#define X86_IOAPIC_MASKED   0x10000u
#define X86_IOAPIC_ID_SHIFT 24u /* of the receiver, in the high register */

static inline uint32_t x86_ioapic_read(volatile uint32_t *ioapic, uint32_t number)
{
    ioapic[0] = number;
    return ioapic[4];
}

static inline void x86_ioapic_write(volatile uint32_t *ioapic, uint32_t number, uint32_t value)
{
    ioapic[0] = number;
    ioapic[4] = value;
}

static inline uint32_t x86_ioapic_pins(volatile uint32_t *ioapic)
{
    return (x86_ioapic_read(ioapic, X86_IOAPIC_VERSION) >> 16 & 0xffu) + 1u;
}
