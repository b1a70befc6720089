/* SPDX-License-Identifier: MIT */
/*
 * Owns: the end of the machine: the emulator's exit device, and a core that never comes back where
 * there is none.
 */
#include <arch/machine.h>
#include <x86/instructions.h>

#define EXIT_PORT 0xf4u

void arch_exit(uint8_t status)
{
    x86_outb(EXIT_PORT, status);
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
