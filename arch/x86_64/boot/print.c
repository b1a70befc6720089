/* SPDX-License-Identifier: MIT */
/* Owns: messages of boot, and its end when it cannot go on. */
#include <arch/machine.h>
#include <r4/abi/exits.h>
#include <string.h>
#include <x86/boot.h>
#include <x86/text.h>

void arch_boot_print(const char *text)
{
    size_t count = 0;
    while (text[count] != '\0') {
        count++;
    }
    arch_console_write(text, count);
}

void arch_boot_print_number(uint64_t value)
{
    char buffer[24];
    struct x86_text text = x86_text_in(buffer, sizeof buffer);
    x86_text_number(&text, value);
    arch_boot_print(buffer);
}

void arch_boot_fail(const char *what, const char *where)
{
    arch_boot_print("boot: ");
    arch_boot_print(what);
    arch_boot_print(" (");
    arch_boot_print(where);
    arch_boot_print(")\n");
    arch_exit(R4_EXIT_BOOT);
}
