/* SPDX-License-Identifier: MIT */
/*
 * Owns: the I/O APIC after boot. Line n interrupts with vector X86_VECTOR_LINES + n, below all
 * vectors of the kernel's own.
 * Locking: the lock of the cluster that owns the devices.
 */
#include <arch/impl/offsets.h>
#include <arch/irq.h>
#include <x86/instructions.h>
#include <x86/ioapic.h>
#include <x86/layout.h>

#define ISA_LINES 16u

static volatile uint32_t *registers(void)
{
    return (volatile uint32_t *)(uintptr_t)X86_IOAPIC_VA;
}

static uint32_t low_register(const struct arch_irq *irq, uint32_t line)
{
    return X86_IOAPIC_REDIRECTION + 2u * irq->line[line].pin;
}

bool arch_irq_has(const struct arch_irq *irq, uint32_t line)
{
    return line < R4_IRQ_LINES && irq->line[line].exists;
}

static bool is_low(const struct arch_irq *irq, uint32_t line, bool is_level)
{
    if (irq->line[line].polarity == X86_POLARITY_BUS) {
        return line >= ISA_LINES && is_level;
    }
    return irq->line[line].polarity == X86_POLARITY_LOW;
}

void arch_irq_route(struct arch_irq *irq, uint32_t line, bool is_level, uint32_t hardware_id)
{
    uint32_t low = X86_IOAPIC_MASKED | (X86_VECTOR_LINES + line);

    low |= is_level ? X86_IOAPIC_LEVEL : 0;
    low |= is_low(irq, line, is_level) ? X86_IOAPIC_LOW : 0;
    x86_ioapic_write(registers(), low_register(irq, line), low);
    x86_ioapic_write(registers(), low_register(irq, line) + 1u, hardware_id << X86_IOAPIC_ID_SHIFT);
}

void arch_irq_open(struct arch_irq *irq, uint32_t line)
{
    const uint32_t number = low_register(irq, line);

    x86_ioapic_write(registers(), number,
                     x86_ioapic_read(registers(), number) & ~X86_IOAPIC_MASKED);
}

void arch_irq_close(struct arch_irq *irq, uint32_t line)
{
    const uint32_t number = low_register(irq, line);

    x86_ioapic_write(registers(), number, x86_ioapic_read(registers(), number) | X86_IOAPIC_MASKED);
}

uint32_t arch_io_read(uint16_t port, unsigned bytes)
{
    switch (bytes) {
    case 1:
        return x86_inb(port);
    case 2:
        return x86_inw(port);
    default:
        return x86_inl(port);
    }
}

void arch_io_write(uint16_t port, unsigned bytes, uint32_t value)
{
    switch (bytes) {
    case 1:
        x86_outb(port, (uint8_t)value);
        break;
    case 2:
        x86_outw(port, (uint16_t)value);
        break;
    default:
        x86_outl(port, value);
        break;
    }
}
