/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way in by SYSCALL, and the one way out of the kernel: back to the core's current
 * thread, or idle.
 * Invariant: while rsp points into a thread's registers nothing is pushed and interrupts are off;
 * NMI, double fault and machine check have stacks of their own.
 */
#include <arch/impl/offsets.h>

    .text

/*
 * From user mode: rcx = user rip, r11 = user rflags, rsp = user stack, GS = the user's; interrupts
 * off, flags cleared by SFMASK. tss.rsp0 is the end of the running thread's registers.
 */
    .balign 64
    .globl x86_syscall_entry
    .type x86_syscall_entry, @function
x86_syscall_entry:
    swapgs
    movq %rsp, %gs:ARCH_USER_RSP
    movq %gs:ARCH_RETURN_REGS, %rsp
    movq %rcx, REGS_RIP - REGS_BYTES(%rsp)
    movq %r11, REGS_RFLAGS - REGS_BYTES(%rsp)
    movq %rdi, REGS_RDI - REGS_BYTES(%rsp)
    movq %rsi, REGS_RSI - REGS_BYTES(%rsp)
    movq %rdx, REGS_RDX - REGS_BYTES(%rsp)
    movq %r10, REGS_R10 - REGS_BYTES(%rsp)
    movq %r8, REGS_R8 - REGS_BYTES(%rsp)
    movq %r9, REGS_R9 - REGS_BYTES(%rsp)
    movq %rax, %rsi
    movq %gs:ARCH_SELF, %rdi
    movq ARCH_STACK_TOP(%rdi), %rsp
    call kernel_call_begin
    testq %rax, %rax
    jz .Lfinish_call

/* The same thread runs on, and C preserved the registers that are not loaded here. */
    movq REGS_RDI(%rax), %rdi
    movq REGS_RSI(%rax), %rsi
    movq REGS_RDX(%rax), %rdx
    movq REGS_R10(%rax), %r10
    movq REGS_R8(%rax), %r8
    movq REGS_R9(%rax), %r9
    movq REGS_RIP(%rax), %rcx
    movq REGS_RFLAGS(%rax), %r11
    movq REGS_RAX(%rax), %rax
    movq %gs:ARCH_USER_RSP, %rsp
    swapgs
    sysretq

/* Another thread may run next, so the rest is saved: into the thread that entered, whoever is current now. */
.Lfinish_call:
    movq %gs:ARCH_RETURN_REGS, %rax
    movq %rbx, REGS_RBX - REGS_BYTES(%rax)
    movq %rbp, REGS_RBP - REGS_BYTES(%rax)
    movq %r12, REGS_R12 - REGS_BYTES(%rax)
    movq %r13, REGS_R13 - REGS_BYTES(%rax)
    movq %r14, REGS_R14 - REGS_BYTES(%rax)
    movq %r15, REGS_R15 - REGS_BYTES(%rax)
    movq %gs:ARCH_USER_RSP, %rcx
    movq %rcx, REGS_RSP - REGS_BYTES(%rax)
    movq $X86_ENTERED_BY_SYSCALL, REGS_VECTOR - REGS_BYTES(%rax)
    movq %gs:ARCH_SELF, %rdi
    call kernel_call_finish
    /* falls through */

/* Kernel mode, GS = the core. Leaves the kernel with what core->current says. */
    .globl x86_resume
    .type x86_resume, @function
x86_resume:
    movq %gs:CORE_CURRENT, %rsp
    testq %rsp, %rsp
    jz x86_idle
    cmpl $X86_ENTERED_BY_SYSCALL, REGS_VECTOR(%rsp)
    jne .Lresume_by_iret
    movq REGS_RAX(%rsp), %rax
    movq REGS_RDI(%rsp), %rdi
    movq REGS_RSI(%rsp), %rsi
    movq REGS_RDX(%rsp), %rdx
    movq REGS_R10(%rsp), %r10
    movq REGS_R8(%rsp), %r8
    movq REGS_R9(%rsp), %r9
    movq REGS_RBX(%rsp), %rbx
    movq REGS_RBP(%rsp), %rbp
    movq REGS_R12(%rsp), %r12
    movq REGS_R13(%rsp), %r13
    movq REGS_R14(%rsp), %r14
    movq REGS_R15(%rsp), %r15
    movq REGS_RIP(%rsp), %rcx
    movq REGS_RFLAGS(%rsp), %r11
    movq REGS_RSP(%rsp), %rsp
    swapgs
    sysretq

/* After an interrupt or a fault, or for the first time: all registers count. */
.Lresume_by_iret:
    movq REGS_RIP(%rsp), %rcx
    shrq $47, %rcx
    jnz .Lbad_return
    popq %rdi
    popq %rsi
    popq %rdx
    popq %r10
    popq %r8
    popq %r9
    popq %rax
    popq %rbx
    popq %rbp
    popq %r12
    popq %r13
    popq %r14
    popq %r15
    popq %rcx
    popq %r11
    addq $16, %rsp
    swapgs
    iretq

/* IRET itself would fault, in kernel mode. */
.Lbad_return:
    movq %gs:ARCH_SELF, %rdi
    movq ARCH_STACK_TOP(%rdi), %rsp
    call x86_bad_return
    jmp x86_resume
    .size x86_resume, . - x86_resume

/*
 * Nothing to run: halts with interrupts on. An interrupt here discards its frame (trap.S) and does
 * not come back; STI holds interrupts off until HLT has begun, so none is slept through. An NMI
 * does come back.
 */
    .globl x86_idle
    .type x86_idle, @function
x86_idle:
    movq %gs:ARCH_STACK_TOP, %rsp
    xorl %ebp, %ebp
    sti
    hlt
    cli
    jmp x86_idle
    .size x86_idle, . - x86_idle

/*
 * void x86_enter_runtime(struct core *core (rdi), uint32_t is_boot_core (esi)): from boot's page
 * table, stack and GS.
 * Interrupts off.
 */
    .globl x86_enter_runtime
    .type x86_enter_runtime, @function
x86_enter_runtime:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    xorl %edx, %edx
    movl $X86_MSR_KERNEL_GS_BASE, %ecx
    wrmsr
    movq %rdi, %rax
    movq %rdi, %rdx
    shrq $32, %rdx
    movl $X86_MSR_GS_BASE, %ecx
    wrmsr
    movq ARCH_ROOT(%rdi), %rax
    movq %rax, %cr3
    movq ARCH_STACK_TOP(%rdi), %rsp
    xorl %ebp, %ebp
    testl %esi, %esi
    jz 1f
    call x86_start
    jmp x86_resume
1:  movl $1, ARCH_IS_UP(%rdi)
    jmp x86_resume
    .size x86_enter_runtime, . - x86_enter_runtime

    .section .note.GNU-stack, "", @progbits
