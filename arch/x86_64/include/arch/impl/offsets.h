/* SPDX-License-Identifier: MIT */
/*
 * Numbers that assembly and C must agree on: offsets into structures, selectors, registers of the
 * processor. Preprocessor only. layout.c asserts each offset against the structure that it
 * describes.
 */
#pragma once

/* struct arch_core, the start of struct core, which GS points to. */
#define ARCH_SELF        0
#define ARCH_STACK_TOP   8
#define ARCH_USER_RSP    16
#define ARCH_ROOT        24
#define ARCH_NMI_COUNT   32
#define ARCH_STACK_GUARD 40 /* fixed by the compiler */
#define ARCH_IS_UP       48
#define ARCH_TSS         52
#define ARCH_RETURN_REGS 56 /* the TSS's rsp0 */
#define ARCH_HAS_SMAP    248
#define ARCH_CORE_BYTES  264
#define CORE_CURRENT     280

/* struct arch_regs, the start of struct thread. */
#define REGS_RDI    0
#define REGS_RSI    8
#define REGS_RDX    16
#define REGS_R10    24
#define REGS_R8     32
#define REGS_R9     40
#define REGS_RAX    48
#define REGS_RBX    56
#define REGS_RBP    64
#define REGS_R12    72
#define REGS_R13    80
#define REGS_R14    88
#define REGS_R15    96
#define REGS_RCX    104
#define REGS_R11    112
#define REGS_VECTOR 120
#define REGS_ERROR  128
#define REGS_RIP    136
#define REGS_CS     144
#define REGS_RFLAGS 152
#define REGS_RSP    160
#define REGS_SS     168
#define REGS_BYTES  176

/*
 * In place of a vector: the thread entered by SYSCALL, so SYSRET may take it back. No vector has
 * this number.
 */
#define X86_ENTERED_BY_SYSCALL 256

/* struct x86_frame: what an exception in kernel mode leaves on the stack. */
#define FRAME_CS    24
#define FRAME_BYTES 56

/* Selectors. SYSCALL and SYSRET fix their order. */
#define X86_KERNEL_CODE 0x08
#define X86_KERNEL_DATA 0x10
#define X86_USER_DATA   0x1b
#define X86_USER_CODE   0x23
#define X86_TSS         0x28

/* Vectors: classes 14 and 15, above all devices. */
#define X86_VECTOR_LINES      0x20 /* of device line 0; the others follow */
#define X86_VECTOR_WAKE       0xe0
#define X86_VECTOR_DOORBELL   0xe1
#define X86_VECTOR_TIMER      0xf0
#define X86_VECTOR_SHOOTDOWN  0xf1
#define X86_VECTOR_SPURIOUS   0xff
#define X86_VECTOR_UNEXPECTED 0xfe /* stands for all others */

#define X86_MSR_GS_BASE        0xc0000101
#define X86_MSR_KERNEL_GS_BASE 0xc0000102

/* Where a page of code for starting cores is put: below 1 MiB, in memory that no cluster gets. */
#define X86_TRAMPOLINE_PADDR 0x8000

/* Virtual addresses. The image is linked at X86_IMAGE_OFFSET + its physical address. */
#define X86_IMAGE_OFFSET 0xffffffff80000000
#define X86_DMAP_BASE    0xffff800000000000
