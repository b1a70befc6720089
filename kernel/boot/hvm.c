/* SPDX-License-Identifier: MIT */
/* Owns: the layout of the PVH start info, version 1. */
#include <kernel/boot/loader.h>

#include <kernel/boot/acpi.h>

#define HVM_MAGIC                     0x336ec578u
#define HVM_FIRST_VERSION_WITH_MEMMAP 1u

enum { HVM_INFO_BYTES = 56, HVM_MODULE_BYTES = 32, HVM_RANGE_BYTES = 24 };

struct hvm_info {
    uint32_t module_count;
    uint64_t modules_paddr;
    uint64_t cmdline_paddr;
    uint64_t rsdp_paddr;
    uint64_t memmap_paddr;
    uint32_t memmap_count;
};

static enum boot_err read_info(const struct phys_view *view, uint64_t paddr, struct hvm_info *info,
                               struct boot_problem *problem)
{
    uint8_t raw[HVM_INFO_BYTES];
    if (!phys_read(view, paddr, raw, sizeof raw)) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "PVH start info", paddr);
    }
    if (load_u32(raw) != HVM_MAGIC) {
        return boot_fail(problem, BOOT_E_MAGIC, "PVH start info", load_u32(raw));
    }
    if (load_u32(raw + 4) < HVM_FIRST_VERSION_WITH_MEMMAP) {
        return boot_fail(problem, BOOT_E_VERSION, "PVH start info", load_u32(raw + 4));
    }
    *info = (struct hvm_info){
        .module_count = load_u32(raw + 12),
        .modules_paddr = load_u64(raw + 16),
        .cmdline_paddr = load_u64(raw + 24),
        .rsdp_paddr = load_u64(raw + 32),
        .memmap_paddr = load_u64(raw + 40),
        .memmap_count = load_u32(raw + 48),
    };
    return BOOT_OK;
}

static enum boot_err read_memmap(const struct phys_view *view, const struct hvm_info *info,
                                 struct boot_facts *facts, struct boot_problem *problem)
{
    if (info->memmap_count == 0) {
        return boot_fail(problem, BOOT_E_NO_MEMMAP, "PVH start info", 0);
    }
    if (info->memmap_count > BOOT_MAX_RANGES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_RANGES, "PVH memory map", BOOT_MAX_RANGES);
    }
    size_t bytes = (size_t)info->memmap_count * HVM_RANGE_BYTES;
    const uint8_t *entry = phys_map(view, info->memmap_paddr, bytes);
    if (entry == NULL) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "PVH memory map", info->memmap_paddr);
    }
    for (uint32_t i = 0; i < info->memmap_count; i++, entry += HVM_RANGE_BYTES) {
        enum boot_err err = loader_add_range(facts, load_u64(entry), load_u64(entry + 8),
                                             load_u32(entry + 16), problem);
        if (err != BOOT_OK) {
            return err;
        }
    }
    return BOOT_OK;
}

static enum boot_err read_module(const struct phys_view *view, const uint8_t *entry,
                                 struct boot_facts *facts, struct boot_problem *problem)
{
    char line[BOOT_NAME_BYTES] = "";
    uint64_t line_paddr = load_u64(entry + 16);
    if (line_paddr != 0) {
        enum boot_err err = phys_read_string(view, line_paddr, line, sizeof line);
        if (err == BOOT_E_UNREADABLE) {
            return boot_fail(problem, err, "PVH module name", line_paddr);
        }
        if (err == BOOT_E_STRING_LENGTH) {
            return boot_fail(problem, err, "PVH module name", sizeof line);
        }
    }
    return loader_add_module(facts, load_u64(entry), load_u64(entry + 8), line, problem);
}

static enum boot_err read_modules(const struct phys_view *view, const struct hvm_info *info,
                                  struct boot_facts *facts, struct boot_problem *problem)
{
    if (info->module_count == 0) {
        return BOOT_OK;
    }
    if (info->module_count > BOOT_MAX_MODULES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_MODULES, "PVH modules", BOOT_MAX_MODULES);
    }
    size_t bytes = (size_t)info->module_count * HVM_MODULE_BYTES;
    const uint8_t *entry = phys_map(view, info->modules_paddr, bytes);
    if (entry == NULL) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "PVH modules", info->modules_paddr);
    }
    for (uint32_t i = 0; i < info->module_count; i++, entry += HVM_MODULE_BYTES) {
        enum boot_err err = read_module(view, entry, facts, problem);
        if (err != BOOT_OK) {
            return err;
        }
    }
    return BOOT_OK;
}

static enum boot_err read_cmdline(const struct phys_view *view, const struct hvm_info *info,
                                  struct boot_facts *facts, struct boot_problem *problem)
{
    if (info->cmdline_paddr == 0) {
        return BOOT_OK;
    }
    enum boot_err err =
        phys_read_string(view, info->cmdline_paddr, facts->cmdline, sizeof facts->cmdline);
    if (err == BOOT_E_UNREADABLE) {
        return boot_fail(problem, err, "PVH command line", info->cmdline_paddr);
    }
    if (err == BOOT_E_STRING_LENGTH) {
        return boot_fail(problem, err, "PVH command line", sizeof facts->cmdline);
    }
    return BOOT_OK;
}

enum boot_err hvm_parse(const struct phys_view *view, uint64_t info_paddr, struct boot_facts *facts,
                        struct boot_problem *problem)
{
    struct hvm_info info = {0};
    enum boot_err err = read_info(view, info_paddr, &info, problem);
    if (err == BOOT_OK) {
        err = read_memmap(view, &info, facts, problem);
    }
    if (err == BOOT_OK) {
        err = read_modules(view, &info, facts, problem);
    }
    if (err == BOOT_OK) {
        err = read_cmdline(view, &info, facts, problem);
    }
    if (err == BOOT_OK && info.rsdp_paddr != 0) {
        err = acpi_read_rsdp(view, info.rsdp_paddr, &facts->rsdp, problem);
    }
    return err;
}
