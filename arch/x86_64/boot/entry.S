/* SPDX-License-Identifier: MIT */
/*
 * Owns: the first instructions: from a loader (PVH or multiboot2) to 64-bit C code at the link
 * address, and the boot page table. Both loaders hand over in 32-bit protected mode without
 * paging, interrupts off, ebx = the loader's information.
 */
#include <arch/impl/offsets.h>

#define PHYSICAL(symbol) (symbol - X86_IMAGE_OFFSET)

#define PROTOCOL_PVH        0
#define PROTOCOL_MULTIBOOT2 1
#define PROTOCOL_UNKNOWN    2

#define MULTIBOOT2_MAGIC  0xe85250d6
#define MULTIBOOT2_LOADER 0x36d76289
#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define CR0_PE  0x00000001
#define CR0_WP  0x00010000
#define CR0_PG  0x80000000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_SCE_LME_NXE 0x901

/* CPUID 0x80000001 edx: long mode, 1 GiB pages, no-execute. */
#define NEEDED_FEATURES ((1 << 29) | (1 << 26) | (1 << 20))

#define PTE_TABLE 0x3  /* present, writable */
#define PTE_LEAF  0x83 /* the same and large */

#define CONSOLE_PORT 0x3f8
#define EXIT_PORT    0xf4
#define EXIT_BOOT    0x15

#define BOOT_STACK_BYTES  0x8000
#define OTHER_STACK_BYTES 0x4000

/* Linked at its physical address. */
    .section .boot.head, "ax", @progbits

    .balign 8
multiboot2_header:
    .long MULTIBOOT2_MAGIC
    .long 0
    .long multiboot2_end - multiboot2_header
    .long 0x100000000 - MULTIBOOT2_MAGIC - (multiboot2_end - multiboot2_header)
    /* entry address */
    .balign 8
    .short 3, 0
    .long 12
    .long x86_multiboot2_entry
    /* modules start at page boundaries */
    .balign 8
    .short 6, 0
    .long 8
    /* end */
    .balign 8
    .short 0, 0
    .long 8
multiboot2_end:

    .code32
    .globl x86_multiboot2_entry
x86_multiboot2_entry:
    movl $PROTOCOL_MULTIBOOT2, %edi
    cmpl $MULTIBOOT2_LOADER, %eax
    je start32
    movl $PROTOCOL_UNKNOWN, %edi
    jmp start32

x86_pvh_entry:
    movl $PROTOCOL_PVH, %edi

/* edi = protocol, ebx = information */
start32:
    cli
    cld
    movl %ebx, %ebp
    movl $PHYSICAL(boot_stack_top), %esp
    movl $0x80000000, %eax
    cpuid
    cmpl $0x80000001, %eax
    jb die
    movl $0x80000001, %eax
    cpuid
    andl $NEEDED_FEATURES, %edx
    cmpl $NEEDED_FEATURES, %edx
    jne die

    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $PHYSICAL(x86_boot_root), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $EFER_SCE_LME_NXE, %eax
    xorl %edx, %edx
    wrmsr
    movl $(CR0_PG | CR0_WP | CR0_PE), %eax
    movl %eax, %cr0
    lgdt boot_gdt_pointer
    ljmp $X86_KERNEL_CODE, $start64

/* Nothing to print with but the port itself. */
die:
    movl $die_text, %esi
    movw $CONSOLE_PORT, %dx
1:  lodsb
    testb %al, %al
    jz 2f
    outb %al, %dx
    jmp 1b
2:  movb $EXIT_BOOT, %al
    outb %al, $EXIT_PORT
3:  hlt
    jmp 3b

    .code64
start64:
    movl $X86_KERNEL_DATA, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movq $boot_stack_top, %rsp
    movl %ebp, %esi
    xorl %ebp, %ebp
    call x86_boot_set_gs
    movq $x86_boot_start, %rax
    call *%rax

die_text:
    .asciz "R4: the processor lacks a feature that R4 needs: 64-bit mode, NX or 1 GiB pages\r\n"

    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* X86_KERNEL_CODE */
    .quad 0x00cf93000000ffff /* X86_KERNEL_DATA */
boot_gdt_end:
boot_gdt_pointer:
    .short boot_gdt_end - boot_gdt - 1
    .long boot_gdt

/* Points GS at a block of zeroes, where the compiler finds a stack guard. Keeps rdi, rsi. */
    .globl x86_boot_set_gs
x86_boot_set_gs:
    movq $boot_core_block, %rax
    movq %rax, %rdx
    shrq $32, %rdx
    movl $X86_MSR_GS_BASE, %ecx
    wrmsr
    ret

/* The way in for PVH: eight bytes of physical address, aligned to 4. */
    .section .note.pvh, "a", @note
    .balign 4
    .long 4
    .long 8
    .long XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad x86_pvh_entry

    .data

/*
 * The boot page table, all of it writable and executable: physical memory below 512 GiB at 0 and
 * at X86_DMAP_BASE, and its first GiB at X86_IMAGE_OFFSET.
 */
    .balign 4096
    .globl x86_boot_root
x86_boot_root:
    .quad PHYSICAL(boot_physical) + PTE_TABLE
    .fill 255, 8, 0
    .quad PHYSICAL(boot_physical) + PTE_TABLE
    .fill 254, 8, 0
    .quad PHYSICAL(boot_image) + PTE_TABLE

boot_physical:
    .set gib, 0
    .rept 512
    .quad (gib << 30) + PTE_LEAF
    .set gib, gib + 1
    .endr

boot_image:
    .fill 510, 8, 0
    .quad PTE_LEAF
    .quad 0

    .bss
    .balign 64
boot_core_block:
    .skip ARCH_CORE_BYTES

    .balign 4096
    .skip BOOT_STACK_BYTES
boot_stack_top:
    .skip OTHER_STACK_BYTES
    .globl x86_boot_other_stack_top
x86_boot_other_stack_top:

    .section .note.GNU-stack, "", @progbits
