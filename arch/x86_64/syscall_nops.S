/* SPDX-License-Identifier: MIT */
/*
 * Owns: a way into the kernel that is 16 instructions longer and does nothing else. The image r4-nops.elf is linked so that
 * every reference to x86_syscall_entry means this one.
 */
    .text
    .balign 64
    .globl __wrap_x86_syscall_entry
    .type __wrap_x86_syscall_entry, @function
__wrap_x86_syscall_entry:
    .rept 15
    nop
    .endr
    jmp __real_x86_syscall_entry
    .size __wrap_x86_syscall_entry, . - __wrap_x86_syscall_entry

    .section .note.GNU-stack, "", @progbits
