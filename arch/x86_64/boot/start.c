/* SPDX-License-Identifier: MIT */
/*
 * Owns: the boot core's first steps in C: serial ports, old interrupt controllers silent, local
 * APIC on, faults reported.
 */
#include <arch/impl/mmu.h>
#include <x86/apic.h>
#include <x86/boot.h>
#include <x86/instructions.h>
#include <x86/layout.h>
#include <x86/serial.h>
#include <x86/trap.h>

#define CPUID_FEATURES     1u
#define CPUID_ECX_X2APIC   (1u << 21)
#define APIC_BASE_ADDRESS  UINT64_C(0x000ffffffffff000)
#define PIC_PRIMARY_MASK   0x21u
#define PIC_SECONDARY_MASK 0xa1u

static struct x86_boot_apic boot_apic;

const struct x86_boot_apic *x86_boot_apic(void)
{
    return &boot_apic;
}

struct x86_boot_apic x86_apic_enable(void)
{
    uint64_t base = x86_rdmsr(X86_MSR_APIC_BASE) | X86_APIC_BASE_ENABLE;
    struct x86_boot_apic apic = {.base = {base & APIC_BASE_ADDRESS}};
    apic.is_x2apic = (x86_cpuid(CPUID_FEATURES, 0).ecx & CPUID_ECX_X2APIC) != 0;
    x86_wrmsr(X86_MSR_APIC_BASE, base);
    if (apic.is_x2apic) {
        x86_wrmsr(X86_MSR_APIC_BASE, base | X86_APIC_BASE_X2APIC);
    }
    apic.registers = apic.is_x2apic ? NULL : arch_dmap_ptr(apic.base);

    x86_apic_write(apic.registers, X86_APIC_LVT_TIMER, X86_APIC_LVT_MASKED | X86_VECTOR_TIMER);
    x86_apic_write(apic.registers, X86_APIC_LVT_THERMAL, X86_APIC_LVT_MASKED);
    x86_apic_write(apic.registers, X86_APIC_LVT_PERF, X86_APIC_LVT_MASKED);
    x86_apic_write(apic.registers, X86_APIC_LVT_LINT0, X86_APIC_LVT_MASKED);
    x86_apic_write(apic.registers, X86_APIC_LVT_LINT1, X86_APIC_LVT_NMI);
    x86_apic_write(apic.registers, X86_APIC_LVT_ERROR, X86_APIC_LVT_MASKED);
    x86_apic_write(apic.registers, X86_APIC_TIMER_DIVIDE, X86_APIC_DIVIDE_BY_1);
    x86_apic_write(apic.registers, X86_APIC_TIMER_INITIAL, 0);
    x86_apic_write(apic.registers, X86_APIC_ESR, 0);
    x86_apic_write(apic.registers, X86_APIC_TPR, 0);
    x86_apic_write(apic.registers, X86_APIC_SVR, X86_APIC_SVR_ENABLED | X86_VECTOR_SPURIOUS);
    return apic;
}

static void load_idt(void)
{
    struct {
        uint16_t limit;
        const void *base;
    } __attribute__((packed)) pointer = {sizeof(struct x86_gate) * X86_IDT_ENTRIES - 1, x86_idt};
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

void x86_boot_start(enum boot_protocol protocol, struct paddr info)
{
    x86_serial_init();
    x86_outb(PIC_PRIMARY_MASK, 0xff);
    x86_outb(PIC_SECONDARY_MASK, 0xff);
    arch_boot_quiet_ioapic((struct paddr){X86_IOAPIC_PADDR});
    x86_boot_fill_idt();
    load_idt();
    boot_apic = x86_apic_enable();
    boot_main(protocol, info);
}
