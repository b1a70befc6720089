/* SPDX-License-Identifier: MIT */
/*
 * Contract: a thread's machine state. Each arch gives, in arch/impl/context.h:
 *
 * struct arch_regs      the user registers as the entry code saves them
 * struct arch_context   { struct arch_regs regs; FPU area }, first member of struct thread
 *
 * uint64_t arch_regs_word(const struct arch_regs *, unsigned i)        message word i, 0..5
 * void arch_regs_set_word(struct arch_regs *, unsigned i, uint64_t)
 * uint64_t arch_regs_call(const struct arch_regs *)                     the call register (layout `call`)
 * void arch_regs_set_reply(struct arch_regs *, uint64_t)                the same register at return (layout `reply`)
 * void arch_regs_restart(struct arch_regs *)                            resume will make the same call again; all its registers are as before
 * void arch_context_init(struct arch_context *, struct uaddr entry, struct uaddr stack, uint64_t arg0, uint64_t arg1)   fresh user registers, clean FPU state
 * uint64_t arch_regs_get(const struct arch_regs *, unsigned number)     number as in enum r4_register
 * void arch_regs_set(struct arch_regs *, unsigned number, uint64_t)     of a thread that does not run: the program then finds this
 *                       value there. An instruction pointer is below R4_USER_TOP; flags are R4_FLAGS_FIXED and some of R4_FLAGS_FREE
 * void arch_fpu_save(struct arch_context *), arch_fpu_load(const struct arch_context *)
 */
#pragma once

#include <arch/impl/context.h>
