/* SPDX-License-Identifier: MIT */
/*
 * Owns: finding the I/O APIC and what its inputs are called; hands them to the cluster that owns
 * the devices.
 */
#include <arch/impl/mmu.h>
#include <arch/irq.h>
#include <kernel/boot/lines.h>
#include <x86/boot.h>
#include <x86/ioapic.h>
#include <x86/layout.h>

#define REGISTERS                                                                                  \
    (X86_PTE_PRESENT | X86_PTE_ACCESSED | X86_PTE_DIRTY | X86_PTE_GLOBAL | X86_PTE_WRITE |         \
     X86_PTE_NX | X86_PTE_UNCACHED)

void arch_boot_quiet_ioapic(struct paddr base)
{
    volatile uint32_t *ioapic = arch_dmap_ptr(base);
    uint32_t pins = x86_ioapic_pins(ioapic);
    for (uint32_t pin = 0; pin < pins; pin++) {
        x86_ioapic_write(ioapic, X86_IOAPIC_REDIRECTION + 2 * pin, X86_IOAPIC_MASKED);
        x86_ioapic_write(ioapic, X86_IOAPIC_REDIRECTION + 2 * pin + 1, 0);
    }
}

static uint8_t polarity_of(enum boot_polarity polarity)
{
    switch (polarity) {
    case BOOT_POLARITY_HIGH:
        return X86_POLARITY_HIGH;
    case BOOT_POLARITY_LOW:
        return X86_POLARITY_LOW;
    case BOOT_POLARITY_BUS:
        break;
    }
    return X86_POLARITY_BUS;
}

/* Masks all I/O APICs; NULL if none of them has input 0. */
static const struct boot_ioapic *find_first(const struct boot_facts *facts)
{
    const struct boot_ioapic *first = NULL;
    for (uint32_t i = 0; i < facts->ioapic_count; i++) {
        arch_boot_quiet_ioapic((struct paddr){facts->ioapics[i].paddr});
        if (facts->ioapics[i].gsi_base == 0) {
            first = &facts->ioapics[i];
        }
    }
    return first;
}

void arch_boot_take_lines(struct arch_irq *irq, struct paddr root, struct boot_pages *pages,
                          const struct boot_facts *facts)
{
    const struct boot_ioapic *ioapic = find_first(facts);
    if (ioapic == NULL) {
        return;
    }
    struct paddr base = {ioapic->paddr};
    uint32_t pins = x86_ioapic_pins(arch_dmap_ptr(base));
    x86_boot_map(root, pages, X86_IOAPIC_VA, base, REGISTERS);
    for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
        struct boot_line line = lines_find(facts, i);
        irq->line[i] = (struct x86_line){
            .exists = line.exists && line.input < pins,
            .pin = (uint8_t)line.input,
            .polarity = polarity_of(line.polarity),
        };
    }
}
