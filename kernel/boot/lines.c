/* SPDX-License-Identifier: MIT */
#include <kernel/boot/lines.h>

struct boot_line lines_find(const struct boot_facts *facts, uint32_t line)
{
    struct boot_line found = {.exists = true, .input = line, .polarity = BOOT_POLARITY_BUS};

    for (uint32_t i = 0; i < facts->override_count; i++) {
        const struct boot_irq_override *o = &facts->overrides[i];

        if (o->source == line) {
            return (struct boot_line){.exists = true, .input = o->input, .polarity = o->polarity};
        }
        if (o->input == line) {
            found.exists = false;
        }
    }
    return found;
}
