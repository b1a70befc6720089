/* SPDX-License-Identifier: MIT */
/*
 * Owns: what a core needs before it can enter the kernel: stacks with guard pages, descriptor
 * tables, control registers. arch_boot_prepare_core runs on the boot core for each core;
 * x86_boot_load_core on the core itself.
 */
#include <arch/impl/mmu.h>
#include <kernel/core.h>
#include <r4/abi/limits.h>
#include <x86/apic.h>
#include <x86/boot.h>
#include <x86/instructions.h>
#include <x86/layout.h>
#include <x86/trap.h>

#define STACK_FLAGS                                                                                \
    (X86_PTE_PRESENT | X86_PTE_WRITE | X86_PTE_ACCESSED | X86_PTE_DIRTY | X86_PTE_GLOBAL |         \
     X86_PTE_NX)

#define GDT_KERNEL_CODE UINT64_C(0x00af9b000000ffff)
#define GDT_KERNEL_DATA UINT64_C(0x00cf93000000ffff)
#define GDT_USER_DATA   UINT64_C(0x00cff3000000ffff)
#define GDT_USER_CODE   UINT64_C(0x00affb000000ffff)
#define GDT_TSS         UINT64_C(0x0000890000000000)

#define CPUID_EXTENDED_FEATURES 7u
#define CPUID_7_EBX_SMEP        (1u << 7)
#define CPUID_7_EBX_SMAP        (1u << 20)
#define CPUID_7_ECX_UMIP        (1u << 2)

/* PE, MP, ET, NE, WP, AM, PG */
#define CR0_VALUE UINT64_C(0x80050033)
/* PAE, MCE, PGE, OSFXSR, OSXMMEXCPT */
#define CR4_VALUE UINT64_C(0x6e0)
#define CR4_UMIP  (UINT64_C(1) << 11)
#define CR4_SMEP  (UINT64_C(1) << 20)
#define CR4_SMAP  (UINT64_C(1) << 21)

#define MSR_STAR   0xc0000081u
#define MSR_LSTAR  0xc0000082u
#define MSR_CSTAR  0xc0000083u
#define MSR_SFMASK 0xc0000084u
/* TF, IF, DF, IOPL, NT, RF, AC */
#define SFMASK_VALUE UINT64_C(0x57700)
/* SYSRET adds 16 for cs and 8 for ss, SYSCALL 0 and 8. */
#define STAR_VALUE ((uint64_t)(X86_USER_DATA - 8) << 48 | (uint64_t)X86_KERNEL_CODE << 32)

/* Maps a stack of `count` pages, marks its bottom, returns its top. */
static uint64_t make_stack(struct core *core, struct paddr root, struct boot_pages *pages,
                           enum x86_window_page page, uint64_t count)
{
    uint64_t bottom = x86_window_va(core->arch.window, page);
    struct paddr pa = x86_boot_take(pages, count * R4_PAGE_BYTES);
    for (uint64_t at = 0; at < count * R4_PAGE_BYTES; at += R4_PAGE_BYTES) {
        x86_boot_map(root, pages, bottom + at, (struct paddr){pa.a + at}, STACK_FLAGS);
    }
    *(uint64_t *)arch_dmap_ptr(pa) = R4_CANARY;
    return bottom + count * R4_PAGE_BYTES;
}

/*
 * A stack for an exception that may come anywhere: the entry code finds the core in the word above
 * the frame.
 */
static uint64_t make_exception_stack(struct core *core, struct paddr root, struct boot_pages *pages,
                                     enum x86_window_page page)
{
    uint64_t top = make_stack(core, root, pages, page, 1) - 16;
    uint64_t *entry = NULL;
    struct paddr table = root;
    for (unsigned level = 4; level >= 1; level--) {
        entry = (uint64_t *)arch_dmap_ptr(table) + arch_pte_index(top, level);
        table = arch_pte_paddr(*entry, level);
    }
    uint8_t *memory = arch_dmap_ptr(table);
    *(struct core **)(void *)(memory + (top & (R4_PAGE_BYTES - 1))) = core;
    return top;
}

static void fill_gdt(struct arch_core *arch)
{
    uint64_t tss = (uint64_t)(uintptr_t)&arch->tss;
    arch->gdt[X86_KERNEL_CODE / 8] = GDT_KERNEL_CODE;
    arch->gdt[X86_KERNEL_DATA / 8] = GDT_KERNEL_DATA;
    arch->gdt[X86_USER_DATA / 8] = GDT_USER_DATA;
    arch->gdt[X86_USER_CODE / 8] = GDT_USER_CODE;
    arch->gdt[X86_TSS / 8] =
        GDT_TSS | (sizeof arch->tss - 1) | (tss & 0xffffffu) << 16 | (tss >> 24 & 0xffu) << 56;
    arch->gdt[X86_TSS / 8 + 1] = tss >> 32;
}

void arch_boot_prepare_core(struct core *core, struct paddr root, struct boot_pages *pages,
                            uint32_t window)
{
    struct arch_core *arch = &core->arch;
    if (window >= R4_CORES_MAX) {
        arch_boot_fail("there are too many cores", "stack windows");
    }
    arch->self = core;
    arch->root = root;
    arch->window = (uint16_t)window;
    arch->stack_top = make_stack(core, root, pages, X86_WINDOW_STACK, X86_STACK_PAGES);
    arch->tss.ist[0] = make_exception_stack(core, root, pages, X86_WINDOW_NMI);
    arch->tss.ist[1] = make_exception_stack(core, root, pages, X86_WINDOW_DOUBLE_FAULT);
    arch->tss.ist[2] = make_exception_stack(core, root, pages, X86_WINDOW_MACHINE_CHECK);
    arch->tss.io_map = sizeof arch->tss;
    arch->stack_guard = (arch_cycles() + window) * UINT64_C(0x9e3779b97f4a7c15) & ~UINT64_C(0xff);
    arch->apic = x86_boot_apic()->is_x2apic ? NULL : (volatile uint32_t *)(uintptr_t)X86_APIC_VA;
    arch->clock = *x86_boot_clock();
    arch->has_smap = (x86_cpuid(CPUID_EXTENDED_FEATURES, 0).ebx & CPUID_7_EBX_SMAP) != 0;
    fill_gdt(arch);
}

static void load_tables(struct core *core)
{
    struct {
        uint16_t limit;
        const void *base;
    } __attribute__((packed)) gdt = {sizeof core->arch.gdt - 1, core->arch.gdt},
                              idt = {sizeof(struct x86_gate) * X86_IDT_ENTRIES - 1, x86_idt};
    __asm__ volatile("lgdt %0" : : "m"(gdt) : "memory");
    __asm__ volatile("lidt %0" : : "m"(idt) : "memory");
    __asm__ volatile("movl %0, %%ss" : : "r"(X86_KERNEL_DATA));
    __asm__ volatile("ltr %w0" : : "r"(X86_TSS));
}

static void load_control_registers(void)
{
    struct x86_cpuid features = x86_cpuid(CPUID_EXTENDED_FEATURES, 0);
    uint64_t cr4 = CR4_VALUE;
    cr4 |= (features.ebx & CPUID_7_EBX_SMEP) != 0 ? CR4_SMEP : 0;
    cr4 |= (features.ebx & CPUID_7_EBX_SMAP) != 0 ? CR4_SMAP : 0;
    cr4 |= (features.ecx & CPUID_7_ECX_UMIP) != 0 ? CR4_UMIP : 0;
    __asm__ volatile("movq %0, %%cr0" : : "r"(CR0_VALUE) : "memory");
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4) : "memory");
}

void x86_boot_load_core(struct core *core)
{
    load_tables(core);
    load_control_registers();
    x86_wrmsr(MSR_STAR, STAR_VALUE);
    x86_wrmsr(MSR_LSTAR, (uint64_t)(uintptr_t)x86_syscall_entry);
    x86_wrmsr(MSR_CSTAR, 0);
    x86_wrmsr(MSR_SFMASK, SFMASK_VALUE);
    struct x86_boot_apic apic = x86_apic_enable();
    x86_apic_write(apic.registers, X86_APIC_LVT_TIMER, X86_VECTOR_TIMER);
}
