/* SPDX-License-Identifier: MIT */
/*
 * First instruction of a program. On entry: rdi = address of the startup record, rsp = top of the
 * stack with any alignment, every other register 0, interrupts on.
 */
    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call r4_start
    ud2
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
