/* SPDX-License-Identifier: MIT */
/*
 * Owns: the user registers of a simulated core: one array in the order of enum r4_register.
 * A call instruction is HOST_CALL_BYTES long; a restart moves the instruction pointer back onto it,
 * so whoever plays the program sees that the same call has to be made again.
 * The FPU of a core is HOST_FPU_WORDS words in struct arch_core.
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/enums.h>
#include <stdbool.h>
#include <stdint.h>

#define HOST_REGISTERS  18u
#define HOST_FPU_WORDS  2u
#define HOST_CALL_BYTES 4u

/* What a fresh FPU holds in each word. */
#define HOST_FPU_CLEAN UINT64_C(0x1f80)

struct arch_regs {
    uint64_t reg[HOST_REGISTERS];
};

struct arch_context {
    struct arch_regs regs;
    uint64_t fpu[HOST_FPU_WORDS];
};

uint64_t arch_regs_word(const struct arch_regs *regs, unsigned i);
void arch_regs_set_word(struct arch_regs *regs, unsigned i, uint64_t value);
uint64_t arch_regs_call(const struct arch_regs *regs);
void arch_regs_set_reply(struct arch_regs *regs, uint64_t reply);
void arch_regs_restart(struct arch_regs *regs);
uint64_t arch_regs_get(const struct arch_regs *regs, unsigned number);
void arch_regs_set(struct arch_regs *regs, unsigned number, uint64_t value);
void arch_context_init(struct arch_context *context, struct uaddr entry, struct uaddr stack,
                       uint64_t arg0, uint64_t arg1);
void arch_fpu_save(struct arch_context *context);
void arch_fpu_load(const struct arch_context *context);
