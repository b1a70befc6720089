/* SPDX-License-Identifier: MIT */
/*
 * Owns: the contents of the interrupt descriptor table, which lies in read-only data and is
 * written here only.
 */
#include <arch/impl/mmu.h>
#include <x86/boot.h>
#include <x86/trap.h>

#define GATE_INTERRUPT UINT64_C(0x8e00) /* present, DPL 0, interrupts off on entry */
#define GATE_USER      UINT64_C(0x6000) /* DPL 3: reachable by an instruction in user mode */

#define VECTOR_NMI           2u
#define VECTOR_BREAKPOINT    3u
#define VECTOR_DOUBLE_FAULT  8u
#define VECTOR_MACHINE_CHECK 18u

static uint64_t stack_of(unsigned vector)
{
    switch (vector) {
    case VECTOR_NMI:
        return 1;
    case VECTOR_DOUBLE_FAULT:
        return 2;
    case VECTOR_MACHINE_CHECK:
        return 3;
    default:
        return 0;
    }
}

static void set_gate(unsigned vector, uint64_t entry, uint64_t flags)
{
    struct x86_gate *table = arch_dmap_ptr(x86_image_paddr(x86_idt));
    table[vector].low = (entry & 0xffffu) | (uint64_t)X86_KERNEL_CODE << 16 |
                        (stack_of(vector) | flags) << 32 | (entry >> 16 & 0xffffu) << 48;
    table[vector].high = entry >> 32;
}

static void set_interrupt(unsigned vector, void (*entry)(void))
{
    set_gate(vector, (uint64_t)(uintptr_t)entry, GATE_INTERRUPT);
}

void x86_boot_fill_idt(void)
{
    for (unsigned vector = 0; vector < X86_EXCEPTIONS; vector++) {
        uint64_t user = vector == VECTOR_BREAKPOINT ? GATE_USER : 0;
        set_gate(vector, x86_exception_entries[vector], GATE_INTERRUPT | user);
    }
    for (unsigned vector = X86_EXCEPTIONS; vector < X86_IDT_ENTRIES; vector++) {
        set_interrupt(vector, x86_entry_unexpected);
    }
    for (unsigned line = 0; line < R4_IRQ_LINES; line++) {
        set_gate(X86_VECTOR_LINES + line, x86_line_entries[line], GATE_INTERRUPT);
    }
    set_interrupt(X86_VECTOR_WAKE, x86_entry_wake);
    set_interrupt(X86_VECTOR_DOORBELL, x86_entry_doorbell);
    set_interrupt(X86_VECTOR_TIMER, x86_entry_timer);
    set_interrupt(X86_VECTOR_SHOOTDOWN, x86_entry_shootdown);
    set_interrupt(X86_VECTOR_SPURIOUS, x86_entry_spurious);
}
