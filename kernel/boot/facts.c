/* SPDX-License-Identifier: MIT */
/* Owns: the look-ups over the boot facts that more than one parser needs. */
#include <kernel/boot/facts.h>

#include <string.h>

static const char *const warning_text[BOOT_WARN_COUNT] = {
    [BOOT_WARN_CPU_BOTH] = "A processor has both an xAPIC and an x2APIC entry; it is used once.",
    [BOOT_WARN_SRAT_UNKNOWN_CPU] = "The SRAT lists a processor that the MADT lacks; ignored.",
    [BOOT_WARN_CPU_WITHOUT_NODE] = "The SRAT does not list a processor; it is put into a node.",
    [BOOT_WARN_MEMORY_WITHOUT_NODE] = "Usable memory is in no NUMA node; node 0 gets it.",
    [BOOT_WARN_NO_SRAT] = "There is no SRAT; the whole machine is one NUMA node.",
    [BOOT_WARN_SLIT_DOMAIN] = "The SLIT has no row for a NUMA node; default distances are used.",
    [BOOT_WARN_SLIT_VALUE] = "The SLIT has an impossible distance; default distances are used.",
    [BOOT_WARN_NODE_WITHOUT_MEMORY] =
        "A NUMA node has no memory; its processors join the nearest node that has some.",
    [BOOT_WARN_NODE_WITHOUT_CPUS] =
        "A NUMA node has no processors; its memory goes to the nearest node that has some.",
    [BOOT_WARN_IRQ_OVERRIDE] =
        "The rewiring of an ISA interrupt makes no sense or comes twice; ignored.",
    [BOOT_WARN_PACKAGE_SPLIT] =
        "A processor package lies in more than one NUMA node; the SRAT is followed.",
};

void facts_init(struct boot_facts *facts)
{
    memset(facts, 0, sizeof *facts);
}

void boot_warn(struct boot_warnings *warnings, enum boot_warning_kind kind, uint64_t a, uint64_t b)
{
    if (warnings->count == BOOT_MAX_WARNINGS) {
        warnings->dropped++;
        return;
    }
    warnings->items[warnings->count++] = (struct boot_warning){.kind = kind, .a = a, .b = b};
}

const char *boot_warning_text(enum boot_warning_kind kind)
{
    size_t index = (size_t)kind;
    if (index == 0 || index >= BOOT_WARN_COUNT) {
        return "Unknown boot warning.";
    }
    return warning_text[index];
}

struct facts_node_span facts_node_at(const struct boot_facts *facts, uint64_t paddr)
{
    struct facts_node_span span = {.node = 0, .is_listed = false, .end = UINT64_MAX};
    for (uint32_t i = 0; i < facts->node_range_count; i++) {
        const struct boot_node_range *range = &facts->node_ranges[i];
        if (paddr < range->base) {
            if (range->base < span.end) {
                span.end = range->base;
            }
        } else if (paddr - range->base < range->bytes) {
            return (struct facts_node_span){
                .node = range->node, .is_listed = true, .end = range->base + range->bytes};
        }
    }
    return span;
}

uint64_t facts_usable_bytes(const struct boot_facts *facts, uint64_t base, uint64_t bytes)
{
    uint64_t end = base + bytes;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *range = &facts->ranges[i];
        uint64_t range_end = range->base + range->bytes;
        uint64_t from = range->base > base ? range->base : base;
        uint64_t to = range_end < end ? range_end : end;
        if (range->kind == BOOT_MEM_USABLE && from < to) {
            sum += to - from;
        }
    }
    return sum;
}

uint32_t facts_find_cpu(const struct boot_facts *facts, uint32_t apic_id)
{
    uint32_t index = 0;
    while (index < facts->cpu_count && facts->cpus[index].apic_id != apic_id) {
        index++;
    }
    return index;
}
