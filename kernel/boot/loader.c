/* SPDX-License-Identifier: MIT */
/* Owns: the appending of ranges and modules, common to both loaders. */
#include <kernel/boot/loader.h>

enum e820_type { E820_USABLE = 1, E820_RESERVED = 2, E820_ACPI = 3 };

static enum boot_mem_kind kind_of(uint32_t e820_type)
{
    if (e820_type == E820_USABLE) {
        return BOOT_MEM_USABLE;
    }
    return e820_type == E820_ACPI ? BOOT_MEM_ACPI : BOOT_MEM_RESERVED;
}

enum boot_err loader_add_range(struct boot_facts *facts, uint64_t base, uint64_t bytes,
                               uint32_t e820_type, struct boot_problem *problem)
{
    if (facts->firmware_map_count == BOOT_MAX_RANGES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_RANGES, "memory map", BOOT_MAX_RANGES);
    }
    facts->firmware_map[facts->firmware_map_count++] =
        (struct boot_range){.base = base, .bytes = bytes, .kind = kind_of(e820_type)};
    return BOOT_OK;
}

static void copy_first_word(char name[BOOT_NAME_BYTES], const char *line)
{
    size_t at = 0;
    for (; at < BOOT_NAME_BYTES - 1 && line[at] != '\0' && line[at] != ' '; at++) {
        name[at] = line[at];
    }
    name[at] = '\0';
}

enum boot_err loader_add_module(struct boot_facts *facts, uint64_t paddr, uint64_t bytes,
                                const char *line, struct boot_problem *problem)
{
    if (facts->module_count == BOOT_MAX_MODULES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_MODULES, "modules", BOOT_MAX_MODULES);
    }
    struct boot_module *module = &facts->modules[facts->module_count++];
    module->paddr = paddr;
    module->bytes = bytes;
    copy_first_word(module->name, line);
    return BOOT_OK;
}
