/* SPDX-License-Identifier: MIT */
/* Asserts that the numbers in offsets.h are those of the structures. Has no code. */
#include <arch/context.h>
#include <kernel/core.h>
#include <kernel/thread.h>
#include <x86/trap.h>

#define AT(type, member, offset)                                                                   \
    _Static_assert(offsetof(struct type, member) == (offset),                                      \
                   #type "." #member " is where assembly expects it")

AT(core, arch, 0);
AT(core, current, CORE_CURRENT);
AT(arch_core, self, ARCH_SELF);
AT(arch_core, stack_top, ARCH_STACK_TOP);
AT(arch_core, user_rsp, ARCH_USER_RSP);
AT(arch_core, root, ARCH_ROOT);
AT(arch_core, nmi_count, ARCH_NMI_COUNT);
AT(arch_core, stack_guard, ARCH_STACK_GUARD);
AT(arch_core, is_up, ARCH_IS_UP);
AT(arch_core, tss, ARCH_TSS);
AT(arch_core, tss.rsp0, ARCH_RETURN_REGS);
AT(arch_core, has_smap, ARCH_HAS_SMAP);
_Static_assert(sizeof(struct arch_core) == ARCH_CORE_BYTES, "size of struct arch_core");
_Static_assert(sizeof(struct x86_tss) == 104, "a TSS is 104 bytes");

AT(thread, context, 0);
AT(arch_context, regs, 0);
AT(arch_regs, word, REGS_RDI);
AT(arch_regs, rax, REGS_RAX);
AT(arch_regs, rbx, REGS_RBX);
AT(arch_regs, rbp, REGS_RBP);
AT(arch_regs, r12, REGS_R12);
AT(arch_regs, r15, REGS_R15);
AT(arch_regs, rcx, REGS_RCX);
AT(arch_regs, r11, REGS_R11);
AT(arch_regs, vector, REGS_VECTOR);
AT(arch_regs, error, REGS_ERROR);
AT(arch_regs, rip, REGS_RIP);
AT(arch_regs, cs, REGS_CS);
AT(arch_regs, rflags, REGS_RFLAGS);
AT(arch_regs, rsp, REGS_RSP);
AT(arch_regs, ss, REGS_SS);
_Static_assert(sizeof(struct arch_regs) == REGS_BYTES, "size of struct arch_regs");
_Static_assert(REGS_BYTES % 16 == 0, "the processor aligns rsp0 to 16 bytes before it pushes");

AT(x86_frame, cs, FRAME_CS);
_Static_assert(sizeof(struct x86_frame) == FRAME_BYTES, "size of struct x86_frame");

/*
 * SYSRET to an address outside of the lower half would fault in kernel mode; rip after a SYSCALL
 * is at most this.
 */
_Static_assert(R4_USER_TOP <= UINT64_C(0x00007ffffffff000),
               "the last page of the lower half is never mapped");
