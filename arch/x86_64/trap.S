/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way in by interrupts and exceptions, and the IDT's place.
 *
 * From user mode the processor has switched to tss.rsp0, the end of the running thread's
 * registers, and has pushed ss, rsp, rflags, cs, rip there: the entry code pushes the rest in the
 * order of struct arch_regs and the thread is saved.
 * From kernel mode an interrupt can only have met the idle loop, and an exception is the kernel's
 * own fault. NMI, double fault and machine check come on their own stacks (IST), at any
 * instruction, with GS the user's or the kernel's: they find the core through the word above their
 * frame.
 */
#include <arch/impl/offsets.h>

    .text

/* Above ss..rip, error and vector: pushes what is left of struct arch_regs. */
.macro push_registers
    pushq %r11
    pushq %rcx
    pushq %r15
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %rbp
    pushq %rbx
    pushq %rax
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %rsi
    pushq %rdi
.endm

/* The user's AC flag would lift SMAP; SYSCALL clears it by SFMASK. CLAC exists only with SMAP. */
.macro clear_ac core
    cmpb $0, ARCH_HAS_SMAP(\core)
    je 1f
    clac
1:
.endm

.macro exception number, has_code=0
    .balign 16
x86_exception_\number:
    .if \has_code == 0
    pushq $0
    .endif
    pushq $\number
    jmp x86_exception
.endm

.macro interrupt name, vector, way=x86_interrupt
    .balign 16
    .globl x86_entry_\name
    .type x86_entry_\name, @function
x86_entry_\name:
    pushq $0
    pushq $\vector
    jmp \way
.endm

    exception 0
    exception 1
    exception 3
    exception 4
    exception 5
    exception 6
    exception 7
    exception 9
    exception 10, 1
    exception 11, 1
    exception 12, 1
    exception 13, 1
    exception 14, 1
    exception 15
    exception 16
    exception 17, 1
    exception 19
    exception 20
    exception 21, 1
    exception 22
    exception 23
    exception 24
    exception 25
    exception 26
    exception 27
    exception 28
    exception 29, 1
    exception 30, 1
    exception 31

    interrupt wake, X86_VECTOR_WAKE
    interrupt doorbell, X86_VECTOR_DOORBELL
    interrupt timer, X86_VECTOR_TIMER
    interrupt shootdown, X86_VECTOR_SHOOTDOWN
    interrupt spurious, X86_VECTOR_SPURIOUS
    interrupt unexpected, X86_VECTOR_UNEXPECTED

.macro line number
    interrupt line_\number, X86_VECTOR_LINES + \number, x86_line
.endm
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
    line \number
    .endr

/* rsp: vector, error, rip, cs, rflags, rsp, ss */
    .balign 16
    .type x86_exception, @function
x86_exception:
    testb $3, FRAME_CS(%rsp)
    jz .Lkernel_exception
    push_registers
    swapgs
    cld
    movq %gs:ARCH_SELF, %rdi
    movq %rsp, %rsi
    clear_ac %rdi
    movq ARCH_STACK_TOP(%rdi), %rsp
    call x86_user_exception
    jmp x86_resume

/*
 * May have hit between kernel entry and swapgs: kernel addresses have the top bit set, the user's
 * GS base is 0.
 */
.Lkernel_exception:
    movl $X86_MSR_GS_BASE, %ecx
    rdmsr
    testl %edx, %edx
    js 1f
    swapgs
1:  cld
    movq %rsp, %rdi
    andq $-16, %rsp
    call x86_fatal
    .size x86_exception, . - x86_exception

/* rsp: vector, error, rip, cs, rflags, rsp, ss */
.macro serve function
    testb $3, FRAME_CS(%rsp)
    jz .Lidle_interrupt
    push_registers
    swapgs
    cld
    movq %gs:ARCH_SELF, %rdi
    movl REGS_VECTOR(%rsp), %esi
    clear_ac %rdi
    movq ARCH_STACK_TOP(%rdi), %rsp
    call \function
    jmp x86_resume
.endm

    .balign 16
    .type x86_line, @function
x86_line:
    serve x86_user_line
    .size x86_line, . - x86_line

    .balign 16
    .type x86_interrupt, @function
x86_interrupt:
    serve x86_user_interrupt

.Lidle_interrupt:
    popq %rsi
    movq %gs:ARCH_SELF, %rdi
    movq ARCH_STACK_TOP(%rdi), %rsp
    call x86_idle_interrupt
    jmp x86_resume
    .size x86_interrupt, . - x86_interrupt

/* Counts, and goes back to where it was. rsp: rip, cs, rflags, rsp, ss, core. */
    .balign 16
    .type x86_nmi, @function
x86_nmi:
    pushq %rax
    movq 48(%rsp), %rax
    lock incq ARCH_NMI_COUNT(%rax)
    popq %rax
    iretq
    .size x86_nmi, . - x86_nmi

    .balign 16
    .type x86_machine_check, @function
x86_machine_check:
    pushq $0
    pushq $18
    jmp .Lfatal
    .size x86_machine_check, . - x86_machine_check

/* rsp: error, rip, cs, rflags, rsp, ss, core */
    .balign 16
    .type x86_double_fault, @function
x86_double_fault:
    pushq $8
.Lfatal:
    movq FRAME_BYTES(%rsp), %rax
    movq %rax, %rdx
    shrq $32, %rdx
    movl $X86_MSR_GS_BASE, %ecx
    wrmsr
    cld
    movq %rsp, %rdi
    andq $-16, %rsp
    call x86_fatal
    .size x86_double_fault, . - x86_double_fault

    .section .rodata, "a", @progbits

/* const struct x86_gate x86_idt[256]: boot fills it. */
    .balign 4096
    .globl x86_idt
    .type x86_idt, @object
x86_idt:
    .skip 4096
    .size x86_idt, . - x86_idt

/* const uint64_t x86_exception_entries[32] */
    .globl x86_exception_entries
    .type x86_exception_entries, @object
x86_exception_entries:
    .irp number, 0, 1
    .quad x86_exception_\number
    .endr
    .quad x86_nmi
    .irp number, 3, 4, 5, 6, 7
    .quad x86_exception_\number
    .endr
    .quad x86_double_fault
    .irp number, 9, 10, 11, 12, 13, 14, 15, 16, 17
    .quad x86_exception_\number
    .endr
    .quad x86_machine_check
    .irp number, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    .quad x86_exception_\number
    .endr
    .size x86_exception_entries, . - x86_exception_entries

/* const uint64_t x86_line_entries[24] */
    .globl x86_line_entries
    .type x86_line_entries, @object
x86_line_entries:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
    .quad x86_entry_line_\number
    .endr
    .size x86_line_entries, . - x86_line_entries

    .section .note.GNU-stack, "", @progbits
