/* SPDX-License-Identifier: MIT */
/* Owns: the sweep over the addresses at which the memory map changes. */
#include <kernel/boot/memmap.h>

#define LOW_MEMORY_BYTES (1ull << 20)

static uint64_t range_end(const struct boot_range *range)
{
    return range->base + range->bytes;
}

static enum boot_err check_map(const struct boot_facts *facts, struct boot_problem *problem)
{
    if (facts->firmware_map_count == 0) {
        return boot_fail(problem, BOOT_E_NO_MEMMAP, "memory map", 0);
    }
    if (facts->firmware_map_count > BOOT_MAX_RANGES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_RANGES, "memory map", BOOT_MAX_RANGES);
    }
    for (uint32_t i = 0; i < facts->firmware_map_count; i++) {
        const struct boot_range *range = &facts->firmware_map[i];
        if (range->bytes > UINT64_MAX - range->base) {
            return boot_fail(problem, BOOT_E_RANGE_OVERFLOW, "memory map", range->base);
        }
    }
    return BOOT_OK;
}

/* What the firmware's map says about `at`, in `kind` (0: not listed), up to the returned address,
 * the next one at which a range begins or ends; UINT64_MAX when there is none. */
static uint64_t look_at(const struct boot_facts *facts, uint64_t at, uint32_t *kind)
{
    uint64_t next = UINT64_MAX;
    *kind = 0;
    for (uint32_t i = 0; i < facts->firmware_map_count; i++) {
        const struct boot_range *range = &facts->firmware_map[i];
        uint64_t edge = at < range->base ? range->base : range_end(range);
        if (range->bytes == 0 || range_end(range) <= at) {
            continue;
        }
        if (edge < next) {
            next = edge;
        }
        if (range->base <= at && (uint32_t)range->kind > *kind) {
            *kind = (uint32_t)range->kind;
        }
    }
    return next;
}

static bool append_range(struct boot_facts *facts, uint64_t base, uint64_t end, uint32_t kind)
{
    if (facts->range_count > 0) {
        struct boot_range *last = &facts->ranges[facts->range_count - 1];
        if (range_end(last) == base && (uint32_t)last->kind == kind) {
            last->bytes += end - base;
            return true;
        }
    }
    if (facts->range_count == BOOT_MAX_RANGES) {
        return false;
    }
    facts->ranges[facts->range_count++] =
        (struct boot_range){.base = base, .bytes = end - base, .kind = (enum boot_mem_kind)kind};
    return true;
}

enum boot_err memmap_resolve(struct boot_facts *facts, struct boot_problem *problem)
{
    enum boot_err err = check_map(facts, problem);
    if (err != BOOT_OK) {
        return err;
    }
    facts->range_count = 0;
    for (uint64_t at = 0; at != UINT64_MAX;) {
        uint32_t kind;
        uint64_t next = look_at(facts, at, &kind);
        if (kind != 0 && !append_range(facts, at, next, kind)) {
            return boot_fail(problem, BOOT_E_TOO_MANY_RANGES, "memory map", BOOT_MAX_RANGES);
        }
        at = next;
    }
    if (facts_usable_bytes(facts, 0, UINT64_MAX) == 0) {
        return boot_fail(problem, BOOT_E_NO_MEMORY, "memory map", 0);
    }
    return BOOT_OK;
}

static bool overlaps(uint64_t base, uint64_t bytes, uint64_t other_base, uint64_t other_bytes)
{
    return base < other_base ? other_base - base < bytes : base - other_base < other_bytes;
}

static enum boot_err check_module(const struct boot_facts *facts, uint32_t index,
                                  struct boot_span kernel, struct boot_problem *problem)
{
    const struct boot_module *module = &facts->modules[index];
    if (module->bytes == 0) {
        return boot_fail(problem, BOOT_E_MODULE_EMPTY, module->name, index);
    }
    if (module->bytes > UINT64_MAX - module->paddr) {
        return boot_fail(problem, BOOT_E_RANGE_OVERFLOW, module->name, module->paddr);
    }
    if (facts_usable_bytes(facts, module->paddr, module->bytes) != module->bytes) {
        return boot_fail(problem, BOOT_E_MODULE_RANGE, module->name, index);
    }
    if (overlaps(module->paddr, module->bytes, kernel.base, kernel.bytes)) {
        return boot_fail(problem, BOOT_E_MODULE_OVERLAP, module->name, index);
    }
    for (uint32_t i = 0; i < index; i++) {
        const struct boot_module *other = &facts->modules[i];
        if (overlaps(module->paddr, module->bytes, other->paddr, other->bytes)) {
            return boot_fail(problem, BOOT_E_MODULE_OVERLAP, module->name, index);
        }
    }
    return BOOT_OK;
}

static bool take_span(struct boot_facts *facts, uint64_t base, uint64_t bytes)
{
    if (facts->firmware_map_count == BOOT_MAX_RANGES) {
        return false;
    }
    facts->firmware_map[facts->firmware_map_count++] =
        (struct boot_range){.base = base, .bytes = bytes, .kind = BOOT_MEM_TAKEN};
    return true;
}

enum boot_err memmap_settle(struct boot_facts *facts, struct boot_span kernel,
                            struct boot_problem *problem)
{
    enum boot_err err = memmap_resolve(facts, problem);
    if (err != BOOT_OK) {
        return err;
    }
    if (facts->module_count > BOOT_MAX_MODULES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_MODULES, "modules", BOOT_MAX_MODULES);
    }
    for (uint32_t i = 0; i < facts->module_count; i++) {
        err = check_module(facts, i, kernel, problem);
        if (err != BOOT_OK) {
            return err;
        }
    }
    bool has_room =
        take_span(facts, 0, LOW_MEMORY_BYTES) && take_span(facts, kernel.base, kernel.bytes);
    for (uint32_t i = 0; has_room && i < facts->module_count; i++) {
        has_room = take_span(facts, facts->modules[i].paddr, facts->modules[i].bytes);
    }
    if (!has_room) {
        return boot_fail(problem, BOOT_E_TOO_MANY_RANGES, "memory map", BOOT_MAX_RANGES);
    }
    return memmap_resolve(facts, problem);
}
