/* SPDX-License-Identifier: MIT */
/*
 * The loader's information, PVH or multiboot2, and the memory map that follows from it. The first
 * byte chooses; for PVH the magic number is made right. Accepted maps must satisfy F1.
 */
#include <kernel/boot/loader.h>
#include <kernel/boot/memmap.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY_PADDR = 0 };

struct memory {
    uint8_t *bytes;
    size_t length;
};

static const void *memory_map(void *ctx, uint64_t paddr, size_t bytes)
{
    const struct memory *memory = ctx;
    if (paddr > memory->length || bytes > memory->length - paddr) {
        return NULL;
    }
    return memory->bytes + paddr;
}

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_strings(const struct boot_facts *facts)
{
    require(memchr(facts->cmdline, 0, sizeof facts->cmdline) != NULL);
    require(facts->module_count <= BOOT_MAX_MODULES);
    for (uint32_t i = 0; i < facts->module_count; i++) {
        require(memchr(facts->modules[i].name, 0, BOOT_NAME_BYTES) != NULL);
    }
}

static void check_ranges(const struct boot_facts *facts)
{
    require(facts->range_count > 0 && facts->range_count <= BOOT_MAX_RANGES);
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *range = &facts->ranges[i];
        require(range->bytes > 0 && range->bytes <= UINT64_MAX - range->base);
        if (i == 0) {
            continue;
        }
        uint64_t before_end = range[-1].base + range[-1].bytes;
        require(before_end < range->base ||
                (before_end == range->base && range[-1].kind != range->kind));
    }
    for (uint32_t i = 0; i < facts->module_count; i++) {
        require(facts_usable_bytes(facts, facts->modules[i].paddr, facts->modules[i].bytes) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_facts facts;
    const struct boot_span kernel = {.base = 0x100000, .bytes = 0x100000};
    const uint32_t magic = 0x336ec578;
    struct boot_problem problem = {0};
    if (size < 9) {
        return 0;
    }
    struct memory memory = {.bytes = malloc(size - 1), .length = size - 1};
    const struct phys_view view = {.map = memory_map, .ctx = &memory};
    memcpy(memory.bytes, data + 1, size - 1);
    bool is_pvh = (data[0] & 1) != 0;
    if (is_pvh) {
        memcpy(memory.bytes, &magic, sizeof magic);
    }
    facts_init(&facts);
    enum boot_err err = is_pvh ? hvm_parse(&view, MEMORY_PADDR, &facts, &problem)
                               : mb2_parse(&view, MEMORY_PADDR, &facts, &problem);
    if (err == BOOT_OK) {
        check_strings(&facts);
        err = memmap_settle(&facts, kernel, &problem);
    }
    if (err == BOOT_OK) {
        check_ranges(&facts);
    } else {
        require(problem.err == err && boot_err_text(err) != NULL);
    }
    free(memory.bytes);
    return 0;
}
