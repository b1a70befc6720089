/* SPDX-License-Identifier: MIT */
/* Owns: the contract arch/context.h on the host. */
#include <arch/context.h>

#include <host/machine.h>

#include <string.h>

#include <r4/abi/limits.h>

static const uint8_t word_register[R4_CALL_WORDS] = {
    R4_REGISTER_RDI, R4_REGISTER_RSI, R4_REGISTER_RDX,
    R4_REGISTER_R10, R4_REGISTER_R8,  R4_REGISTER_R9,
};

uint64_t arch_regs_word(const struct arch_regs *regs, unsigned i)
{
    return regs->reg[word_register[i]];
}

void arch_regs_set_word(struct arch_regs *regs, unsigned i, uint64_t value)
{
    regs->reg[word_register[i]] = value;
}

uint64_t arch_regs_call(const struct arch_regs *regs)
{
    return regs->reg[R4_REGISTER_RAX];
}

void arch_regs_set_reply(struct arch_regs *regs, uint64_t reply)
{
    regs->reg[R4_REGISTER_RAX] = reply;
}

void arch_regs_restart(struct arch_regs *regs)
{
    regs->reg[R4_REGISTER_RIP] -= HOST_CALL_BYTES;
}

uint64_t arch_regs_get(const struct arch_regs *regs, unsigned number)
{
    return regs->reg[number];
}

void arch_regs_set(struct arch_regs *regs, unsigned number, uint64_t value)
{
    regs->reg[number] = value;
}

void arch_context_init(struct arch_context *context, struct uaddr entry, struct uaddr stack,
                       uint64_t arg0, uint64_t arg1)
{
    memset(context, 0, sizeof(*context));
    context->regs.reg[R4_REGISTER_RIP] = entry.a;
    context->regs.reg[R4_REGISTER_RSP] = stack.a;
    context->regs.reg[R4_REGISTER_RDI] = arg0;
    context->regs.reg[R4_REGISTER_RSI] = arg1;
    for (unsigned i = 0; i < HOST_FPU_WORDS; i++) {
        context->fpu[i] = HOST_FPU_CLEAN;
    }
}

void arch_fpu_save(struct arch_context *context)
{
    memcpy(context->fpu, arch_this_core()->arch.fpu, sizeof(context->fpu));
}

void arch_fpu_load(const struct arch_context *context)
{
    memcpy(arch_this_core()->arch.fpu, context->fpu, sizeof(context->fpu));
}
