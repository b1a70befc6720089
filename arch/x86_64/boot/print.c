/* SPDX-License-Identifier: MIT */
/* Owns: messages of boot, and its end when it cannot go on. */
#include <arch/machine.h>
#include <lib/channel_frame.h>
#include <lib/fmt.h>
#include <lib/json.h>
#include <r4/abi/exits.h>
#include <x86/boot.h>

#define JSON_MAX 512u

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
    char digits[FMT_DECIMAL_MAX];
    arch_console_write(digits, fmt_decimal(digits, value));
}

static void report(const char *what, const char *where)
{
    char text[JSON_MAX];
    char frame[JSON_MAX + CHANNEL_FRAME_EXTRA_BYTES];
    struct json json;
    json_begin(&json, text, sizeof text);
    json_string(&json, "type", "boot_failed");
    json_string(&json, "what", what);
    json_string(&json, "where", where);
    size_t bytes = json_end(&json);
    arch_channel_write(frame, channel_frame_encode(frame, sizeof frame, text, bytes));
}

void arch_boot_fail(const char *what, const char *where)
{
    arch_boot_print("boot: ");
    arch_boot_print(what);
    arch_boot_print(" (");
    arch_boot_print(where);
    arch_boot_print(")\n");
    report(what, where);
    arch_exit(R4_EXIT_BOOT);
}
