/* SPDX-License-Identifier: MIT */
/* Owns: the check that no kernel stack has been used up to its last word. */
#include <kernel/core.h>
#include <x86/layout.h>

bool arch_stacks_are_intact(const struct core *core)
{
    static const uint8_t pages[] = {X86_WINDOW_STACK, X86_WINDOW_NMI, X86_WINDOW_DOUBLE_FAULT,
                                    X86_WINDOW_MACHINE_CHECK};
    for (size_t i = 0; i < sizeof pages; i++) {
        uint64_t bottom = x86_window_va(core->arch.window, (enum x86_window_page)pages[i]);
        if (*(const volatile uint64_t *)(uintptr_t)bottom != R4_CANARY) {
            return false;
        }
    }
    return true;
}
