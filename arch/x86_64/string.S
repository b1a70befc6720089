/* SPDX-License-Identifier: MIT */
/*
 * The four functions that a freestanding compiler may call by itself. Standard calling convention;
 * direction flag clear on entry. Whole words first, then bytes.
 */
    .text

/* void *memcpy(void *to (rdi), const void *from (rsi), size_t count (rdx)) */
    .globl memcpy
    .type memcpy, @function
memcpy:
    movq %rdi, %rax
    movq %rdx, %rcx
    shrq $3, %rcx
    rep movsq
    movl %edx, %ecx
    andl $7, %ecx
    rep movsb
    ret
    .size memcpy, . - memcpy

/*
 * void *memmove(void *to (rdi), const void *from (rsi), size_t count (rdx)): backwards when `to`
 * lies inside the source.
 */
    .globl memmove
    .type memmove, @function
memmove:
    movq %rdi, %rax
    subq %rsi, %rax
    cmpq %rdx, %rax
    jae memcpy
    movq %rdi, %rax
    movq %rdx, %rcx
    leaq -1(%rdi, %rdx), %rdi
    leaq -1(%rsi, %rdx), %rsi
    std
    rep movsb
    cld
    ret
    .size memmove, . - memmove

/* void *memset(void *to (rdi), int value (esi), size_t count (rdx)) */
    .globl memset
    .type memset, @function
memset:
    movq %rdi, %r8
    movzbl %sil, %eax
    movabsq $0x0101010101010101, %rcx
    imulq %rcx, %rax
    movq %rdx, %rcx
    shrq $3, %rcx
    rep stosq
    movl %edx, %ecx
    andl $7, %ecx
    rep stosb
    movq %r8, %rax
    ret
    .size memset, . - memset

/* int memcmp(const void *left (rdi), const void *right (rsi), size_t count (rdx)) */
    .globl memcmp
    .type memcmp, @function
memcmp:
    xorl %eax, %eax
    movq %rdx, %rcx
    testq %rcx, %rcx
    jz 1f
    repe cmpsb
    je 1f
    movzbl -1(%rdi), %eax
    movzbl -1(%rsi), %ecx
    subl %ecx, %eax
1:  ret
    .size memcmp, . - memcmp

    .section .note.GNU-stack, "", @progbits
