/* SPDX-License-Identifier: MIT */
/*
 * Owns: the layout of the SRAT: which node each processor and each piece of memory belongs to.
 *
 * The table is walked twice, because nodes are numbered in the order of their proximity domains
 * (facts F3) and domains come in any order: first the domains are collected, then the entries are
 * taken.
 */
#include <kernel/boot/acpi.h>

enum { SRAT_ENTRIES_AT = 48, SRAT_REVISION_AT = 8, SRAT_WIDE_DOMAINS_FROM = 2 };
enum { SRAT_ENABLED = 1, SRAT_HOT_PLUGGABLE = 2 };
enum { NODE_NONE = 0xff };

enum srat_type { SRAT_XAPIC = 0, SRAT_MEMORY = 1, SRAT_X2APIC = 2 };

enum { XAPIC_BYTES = 16, MEMORY_BYTES = 40, X2APIC_BYTES = 24 };

/* An affinity, decoded: a CPU or a memory range, and its domain. */
struct affinity {
    bool is_memory;
    uint32_t domain;
    uint32_t apic_id;
    uint64_t base;
    uint64_t bytes;
};

static uint32_t xapic_domain(const uint8_t *data, bool is_wide)
{
    uint32_t low = data[2];
    return is_wide ? low | (load_u32(data + 8) & 0xffffff00u) : low;
}

static bool is_empty_slot(const struct boot_facts *facts, const uint8_t *data)
{
    uint64_t base = load_u64(data + 8);
    uint64_t bytes = load_u64(data + 16);
    if (bytes == 0) {
        return true;
    }
    if ((load_u32(data + 28) & SRAT_HOT_PLUGGABLE) == 0 || bytes > UINT64_MAX - base) {
        return false;
    }
    return facts_usable_bytes(facts, base, bytes) == 0;
}

/* Decodes an entry; `*counts` is false for those without meaning here: disabled, of another type,
 * or a slot for memory that is not there. */
static enum boot_err decode_entry(const struct acpi_entry *entry, bool is_wide,
                                  const struct boot_facts *facts, struct affinity *out,
                                  bool *counts, struct boot_problem *problem)
{
    static const uint8_t least_bytes[] = {XAPIC_BYTES, MEMORY_BYTES, X2APIC_BYTES};
    const uint8_t *data = entry->data;
    *counts = false;
    if (entry->type > SRAT_X2APIC) {
        return BOOT_OK;
    }
    if (entry->bytes < least_bytes[entry->type]) {
        return boot_fail(problem, BOOT_E_ENTRY_LENGTH, "SRAT", entry->offset);
    }
    *out = (struct affinity){.is_memory = entry->type == SRAT_MEMORY};
    if (entry->type == SRAT_XAPIC) {
        out->apic_id = data[3];
        out->domain = xapic_domain(data, is_wide);
        *counts = (load_u32(data + 4) & SRAT_ENABLED) != 0;
    } else if (entry->type == SRAT_X2APIC) {
        out->apic_id = load_u32(data + 8);
        out->domain = load_u32(data + 4);
        *counts = (load_u32(data + 12) & SRAT_ENABLED) != 0;
    } else {
        out->domain = is_wide ? load_u32(data + 2) : data[2];
        out->base = load_u64(data + 8);
        out->bytes = load_u64(data + 16);
        *counts = (load_u32(data + 28) & SRAT_ENABLED) != 0 && !is_empty_slot(facts, data);
    }
    return BOOT_OK;
}

static enum boot_err collect_domain(struct boot_facts *facts, const struct affinity *affinity,
                                    struct boot_problem *problem)
{
    if (!affinity->is_memory && facts_find_cpu(facts, affinity->apic_id) == facts->cpu_count) {
        boot_warn(&facts->warnings, BOOT_WARN_SRAT_UNKNOWN_CPU, affinity->apic_id,
                  affinity->domain);
        return BOOT_OK;
    }
    uint32_t at = 0;
    while (at < facts->node_count && facts->node_domain[at] < affinity->domain) {
        at++;
    }
    if (at < facts->node_count && facts->node_domain[at] == affinity->domain) {
        return BOOT_OK;
    }
    if (facts->node_count == BOOT_MAX_NODES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_NODES, "SRAT", BOOT_MAX_NODES);
    }
    for (uint32_t i = facts->node_count++; i > at; i--) {
        facts->node_domain[i] = facts->node_domain[i - 1];
    }
    facts->node_domain[at] = affinity->domain;
    return BOOT_OK;
}

static uint8_t node_of_domain(const struct boot_facts *facts, uint32_t domain)
{
    uint32_t node = 0;
    while (facts->node_domain[node] != domain) {
        node++;
    }
    return (uint8_t)node;
}

static enum boot_err place_memory(struct boot_facts *facts, const struct affinity *memory,
                                  uint8_t node, struct boot_problem *problem)
{
    if (memory->bytes > UINT64_MAX - memory->base) {
        return boot_fail(problem, BOOT_E_RANGE_OVERFLOW, "SRAT", memory->base);
    }
    uint64_t end = memory->base + memory->bytes;
    for (uint32_t i = 0; i < facts->node_range_count; i++) {
        const struct boot_node_range *other = &facts->node_ranges[i];
        uint64_t from = other->base > memory->base ? other->base : memory->base;
        if (other->node != node && from < end && from - other->base < other->bytes) {
            return boot_fail(problem, BOOT_E_OVERLAP, "SRAT", from);
        }
    }
    if (facts->node_range_count == BOOT_MAX_NODE_RANGES) {
        return boot_fail(problem, BOOT_E_TOO_MANY_NODE_RANGES, "SRAT", BOOT_MAX_NODE_RANGES);
    }
    facts->node_ranges[facts->node_range_count++] =
        (struct boot_node_range){.base = memory->base, .bytes = memory->bytes, .node = node};
    return BOOT_OK;
}

static enum boot_err place(struct boot_facts *facts, const struct affinity *affinity,
                           struct boot_problem *problem)
{
    if (affinity->is_memory) {
        return place_memory(facts, affinity, node_of_domain(facts, affinity->domain), problem);
    }
    uint32_t index = facts_find_cpu(facts, affinity->apic_id);
    if (index == facts->cpu_count) {
        return BOOT_OK; /* warned about in the first walk */
    }
    struct boot_cpu *cpu = &facts->cpus[index];
    uint8_t node = node_of_domain(facts, affinity->domain);
    if (cpu->node != NODE_NONE && cpu->node != node) {
        return boot_fail(problem, BOOT_E_CPU_NODE, "SRAT", cpu->apic_id);
    }
    cpu->node = node;
    return BOOT_OK;
}

static enum boot_err walk(const struct acpi_table *srat, struct boot_facts *facts,
                          enum boot_err (*step)(struct boot_facts *, const struct affinity *,
                                                struct boot_problem *),
                          struct boot_problem *problem)
{
    bool is_wide = srat->data[SRAT_REVISION_AT] >= SRAT_WIDE_DOMAINS_FROM;
    uint32_t offset = SRAT_ENTRIES_AT;
    for (;;) {
        struct acpi_entry entry;
        bool has_entry;
        enum boot_err err = acpi_next_entry(srat, &offset, &entry, &has_entry, problem);
        if (err != BOOT_OK || !has_entry) {
            return err;
        }
        struct affinity affinity;
        bool counts;
        err = decode_entry(&entry, is_wide, facts, &affinity, &counts, problem);
        if (err == BOOT_OK && counts) {
            err = step(facts, &affinity, problem);
        }
        if (err != BOOT_OK) {
            return err;
        }
    }
}

static void adopt_cpus_without_node(struct boot_facts *facts)
{
    for (uint32_t i = 0; i < facts->cpu_count; i++) {
        struct boot_cpu *cpu = &facts->cpus[i];
        if (cpu->node != NODE_NONE) {
            continue;
        }
        cpu->node = 0;
        boot_warn(&facts->warnings, BOOT_WARN_CPU_WITHOUT_NODE, cpu->apic_id, 0);
    }
}

static void warn_of_memory_without_node(struct boot_facts *facts)
{
    uint64_t first = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *range = &facts->ranges[i];
        uint64_t end = range->base + range->bytes;
        for (uint64_t at = range->base; range->kind == BOOT_MEM_USABLE && at < end;) {
            struct facts_node_span span = facts_node_at(facts, at);
            uint64_t to = span.end < end ? span.end : end;
            if (!span.is_listed) {
                first = bytes == 0 ? at : first;
                bytes += to - at;
            }
            at = to;
        }
    }
    if (bytes > 0) {
        boot_warn(&facts->warnings, BOOT_WARN_MEMORY_WITHOUT_NODE, first, bytes);
    }
}

enum boot_err srat_parse(const struct acpi_table *srat, struct boot_facts *facts,
                         struct boot_problem *problem)
{
    if (srat->bytes < SRAT_ENTRIES_AT) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, "SRAT", srat->bytes);
    }
    facts->node_count = 0;
    facts->node_range_count = 0;
    for (uint32_t i = 0; i < facts->cpu_count; i++) {
        facts->cpus[i].node = NODE_NONE;
    }
    enum boot_err err = walk(srat, facts, collect_domain, problem);
    if (err == BOOT_OK) {
        err = walk(srat, facts, place, problem);
    }
    if (err != BOOT_OK) {
        return err;
    }
    if (facts->node_count == 0) {
        facts->node_domain[facts->node_count++] = 0;
    }
    adopt_cpus_without_node(facts);
    warn_of_memory_without_node(facts);
    return BOOT_OK;
}

void srat_assume_one_node(struct boot_facts *facts)
{
    facts->node_count = 1;
    facts->node_domain[0] = 0;
    facts->node_range_count = 1;
    facts->node_ranges[0] = (struct boot_node_range){.base = 0, .bytes = UINT64_MAX, .node = 0};
    for (uint32_t i = 0; i < facts->cpu_count; i++) {
        facts->cpus[i].node = 0;
    }
}
