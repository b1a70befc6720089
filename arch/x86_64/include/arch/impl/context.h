/* SPDX-License-Identifier: MIT */
/*
 * Owns: the user registers as the entry code saves them, and the FPU state.
 *
 * Invariants
 * (context I1) `vector` is X86_ENTERED_BY_SYSCALL only if the entry was a SYSCALL; then rip is
 *     below the last page of the lower half, and the slots of rcx and r11 are stale (the processor
 *     put rip and rflags there).
 * (context I2) cs and ss are the user selectors from arch_context_init on: no user code can load
 *     others.
 * (context I3) rflags has IF set and IOPL 0: user code can change neither.
 * Locking: belongs to the core that runs the thread, otherwise to the holder of the cluster's
 * lock.
 */
#pragma once

#include <arch/impl/offsets.h>
#include <kernel/types.h>

#define X86_CALL_BYTES 2u /* of the instruction SYSCALL */
#define X86_FPU_BYTES  512u

/* From the lowest address up; an interrupt pushes from the end downwards. */
struct arch_regs {
    uint64_t word[6]; /* message words: rdi, rsi, rdx, r10, r8, r9 */
    uint64_t rax;
    uint64_t rbx;
    uint64_t rbp;
    uint64_t r12;
    uint64_t r13;
    uint64_t r14;
    uint64_t r15;
    uint64_t rcx;
    uint64_t r11;
    uint64_t vector;
    uint64_t error;
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};

struct arch_context {
    struct arch_regs regs;
    _Alignas(16) uint8_t fpu[X86_FPU_BYTES]; /* format of FXSAVE64 */
};

static inline uint64_t arch_regs_word(const struct arch_regs *regs, unsigned i)
{
    return regs->word[i];
}

static inline void arch_regs_set_word(struct arch_regs *regs, unsigned i, uint64_t value)
{
    regs->word[i] = value;
}

static inline uint64_t arch_regs_call(const struct arch_regs *regs)
{
    return regs->rax;
}

static inline void arch_regs_set_reply(struct arch_regs *regs, uint64_t reply)
{
    regs->rax = reply;
}

static inline void arch_regs_restart(struct arch_regs *regs)
{
    regs->rip -= X86_CALL_BYTES;
}

uint64_t arch_regs_get(const struct arch_regs *regs, unsigned number);
void arch_regs_set(struct arch_regs *regs, unsigned number, uint64_t value);
void arch_context_init(struct arch_context *context, struct uaddr entry, struct uaddr stack,
                       uint64_t arg0, uint64_t arg1);

static inline void arch_fpu_save(struct arch_context *context)
{
    __asm__ volatile("fxsave64 %0" : "=m"(context->fpu));
}

/*
 * Selectors for data mean nothing to a 64-bit program, but it can load them: what one thread left
 * there is not for the next one. GS's goes with the user's base, so the kernel's stays in place.
 */
static inline void x86_clear_selectors(void)
{
    uint32_t ds;
    uint32_t es;
    uint32_t fs;
    uint32_t gs;

    __asm__ volatile("movl %%ds, %0\n\tmovl %%es, %1\n\tmovl %%fs, %2\n\tmovl %%gs, %3"
                     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
    if (__builtin_expect((ds | es | fs | gs) != 0, 0)) {
        __asm__ volatile("movl %0, %%ds\n\tmovl %0, %%es\n\tmovl %0, %%fs\n\t"
                         "swapgs\n\tmovl %0, %%gs\n\tswapgs"
                         :
                         : "r"(0)
                         : "memory");
    }
}

/* The thread's state replaces that of another one, in all registers that no entry saves. */
static inline void arch_fpu_load(const struct arch_context *context)
{
    x86_clear_selectors();
    __asm__ volatile("fxrstor64 %0" : : "m"(context->fpu));
}
