/* SPDX-License-Identifier: MIT */
/*
 * Owns: the first instructions of all cores but the boot core. smp.c copies the code to
 * X86_TRAMPOLINE_PADDR, below 1 MiB, where a start-up IPI makes a core begin in real mode with
 * cs:ip = (page << 8):0. One core at a time: it takes its block from x86_trampoline_core.
 */
#include <arch/impl/offsets.h>

#define PLACED(label) (X86_TRAMPOLINE_PADDR + label - x86_trampoline_start)

#define CR0_PE_WP_PG 0x80010001
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_SCE_LME_NXE 0x901

    .section .rodata, "a", @progbits

    .balign 16
    .globl x86_trampoline_start
x86_trampoline_start:
    .code16
    cli
    cld
    movw %cs, %ax
    movw %ax, %ds
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $(x86_boot_root - X86_IMAGE_OFFSET), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_SCE_LME_NXE, %eax
    xorl %edx, %edx
    wrmsr
    lgdtl gdt_pointer - x86_trampoline_start
    movl $CR0_PE_WP_PG, %eax
    movl %eax, %cr0
    ljmpl $X86_KERNEL_CODE, $PLACED(in_long_mode)

    .code64
in_long_mode:
    movl $X86_KERNEL_DATA, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    movq $other_core_entry, %rax
    jmp *%rax

    .balign 8
gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* X86_KERNEL_CODE */
    .quad 0x00cf93000000ffff /* X86_KERNEL_DATA */
gdt_pointer:
    .short gdt_pointer - gdt - 1
    .long PLACED(gdt)
    .globl x86_trampoline_end
x86_trampoline_end:

    .text
/* At the link address, boot page table. */
other_core_entry:
    movq $x86_boot_other_stack_top, %rsp
    xorl %ebp, %ebp
    movq $x86_boot_set_gs, %rax
    call *%rax
    movq x86_trampoline_core, %rdi
    call x86_boot_start_other

    .data
    .balign 8
/* struct core *x86_trampoline_core: the core that is being started */
    .globl x86_trampoline_core
x86_trampoline_core:
    .quad 0

    .section .note.GNU-stack, "", @progbits
