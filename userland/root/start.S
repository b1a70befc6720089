/* SPDX-License-Identifier: MIT */
/*
 * First instruction of a root task. On entry: rdi = address of the boot-info page, rsp = top of the
 * stack with any alignment, interrupts on.
 */
    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call root_main
    ud2
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
