/* SPDX-License-Identifier: MIT */
#include <arch/context.h>
#include <r4/abi/enums.h>
#include <string.h>

/* Bit 1 is always set; bit 9 is IF. */
#define FLAGS_FRESH UINT64_C(0x202)

/* FXSAVE format: x87 control word at 0, MXCSR at 24; both mask all exceptions. */
#define FPU_CONTROL_AT 0u
#define FPU_MXCSR_AT   24u

static const uint8_t offsets[] = {
    [R4_REGISTER_RIP] = REGS_RIP, [R4_REGISTER_RSP] = REGS_RSP, [R4_REGISTER_RFLAGS] = REGS_RFLAGS,
    [R4_REGISTER_RAX] = REGS_RAX, [R4_REGISTER_RBX] = REGS_RBX, [R4_REGISTER_RCX] = REGS_RCX,
    [R4_REGISTER_RDX] = REGS_RDX, [R4_REGISTER_RSI] = REGS_RSI, [R4_REGISTER_RDI] = REGS_RDI,
    [R4_REGISTER_RBP] = REGS_RBP, [R4_REGISTER_R8] = REGS_R8,   [R4_REGISTER_R9] = REGS_R9,
    [R4_REGISTER_R10] = REGS_R10, [R4_REGISTER_R11] = REGS_R11, [R4_REGISTER_R12] = REGS_R12,
    [R4_REGISTER_R13] = REGS_R13, [R4_REGISTER_R14] = REGS_R14, [R4_REGISTER_R15] = REGS_R15,
};

uint64_t arch_regs_get(const struct arch_regs *regs, unsigned number)
{
    uint64_t value;
    if (number >= sizeof offsets) {
        return 0;
    }
    if (regs->vector == X86_ENTERED_BY_SYSCALL && number == R4_REGISTER_RCX) {
        return regs->rip;
    }
    if (regs->vector == X86_ENTERED_BY_SYSCALL && number == R4_REGISTER_R11) {
        return regs->rflags;
    }
    memcpy(&value, (const uint8_t *)regs + offsets[number], sizeof value);
    return value;
}

/* From now on all registers count, which SYSRET could not give back. */
static void leave_syscall(struct arch_regs *regs)
{
    if (regs->vector == X86_ENTERED_BY_SYSCALL) {
        regs->rcx = regs->rip;
        regs->r11 = regs->rflags;
        regs->vector = 0;
    }
}

void arch_regs_set(struct arch_regs *regs, unsigned number, uint64_t value)
{
    if (number >= sizeof offsets) {
        return;
    }
    leave_syscall(regs);
    memcpy((uint8_t *)regs + offsets[number], &value, sizeof value);
}

void arch_context_init(struct arch_context *context, struct uaddr entry, struct uaddr stack,
                       uint64_t arg0, uint64_t arg1)
{
    static const uint16_t control = 0x037f;
    static const uint32_t mxcsr = 0x1f80;
    memset(context, 0, sizeof *context);
    context->regs.rip = entry.a;
    context->regs.rsp = stack.a;
    context->regs.word[0] = arg0;
    context->regs.word[1] = arg1;
    context->regs.cs = X86_USER_CODE;
    context->regs.ss = X86_USER_DATA;
    context->regs.rflags = FLAGS_FRESH;
    memcpy(&context->fpu[FPU_CONTROL_AT], &control, sizeof control);
    memcpy(&context->fpu[FPU_MXCSR_AT], &mxcsr, sizeof mxcsr);
}
