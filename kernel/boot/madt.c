/* SPDX-License-Identifier: MIT */
/*
 * Owns: the layout of the MADT: which processors and I/O APICs exist, where ISA interrupts arrive.
 */
#include <kernel/boot/acpi.h>

enum { MADT_LAPIC_AT = 36, MADT_ENTRIES_AT = 44, MADT_CPU_ENABLED = 1, APIC_ID_LIMIT = 255 };

enum madt_type {
    MADT_XAPIC = 0,
    MADT_IOAPIC = 1,
    MADT_IRQ_OVERRIDE = 2,
    MADT_LAPIC_OVERRIDE = 5,
    MADT_X2APIC = 9,
};

enum { IRQ_OVERRIDE_BYTES = 10, OVERRIDE_BUS_ISA = 0, OVERRIDE_SOURCES = 16 };
enum { OVERRIDE_POLARITY = 3, OVERRIDE_HIGH = 1, OVERRIDE_LOW = 3 };
enum { XAPIC_BYTES = 8, IOAPIC_BYTES = 12, LAPIC_OVERRIDE_BYTES = 12, X2APIC_BYTES = 16 };

static enum boot_err add_cpu(struct boot_facts *facts, uint32_t apic_id, bool is_x2apic,
                             struct boot_problem *problem)
{
    if (apic_id >= APIC_ID_LIMIT) {
        return boot_fail(problem, BOOT_E_APIC_ID, "APIC", apic_id);
    }
    uint32_t known = facts_find_cpu(facts, apic_id);
    if (known < facts->cpu_count) {
        if (facts->cpus[known].is_x2apic == is_x2apic) {
            return boot_fail(problem, BOOT_E_CPU_TWICE, "APIC", apic_id);
        }
        boot_warn(&facts->warnings, BOOT_WARN_CPU_BOTH, apic_id, 0);
        return BOOT_OK;
    }
    if (facts->cpu_count == BOOT_MAX_CPUS) {
        return boot_fail(problem, BOOT_E_TOO_MANY_CPUS, "APIC", BOOT_MAX_CPUS);
    }
    uint32_t at = facts->cpu_count++;
    for (; at > 0 && facts->cpus[at - 1].apic_id > apic_id; at--) {
        facts->cpus[at] = facts->cpus[at - 1];
    }
    facts->cpus[at] = (struct boot_cpu){.apic_id = apic_id, .is_x2apic = is_x2apic};
    return BOOT_OK;
}

static enum boot_err add_ioapic(struct boot_facts *facts, const uint8_t *entry,
                                struct boot_problem *problem)
{
    if (facts->ioapic_count == BOOT_MAX_IOAPICS) {
        return boot_fail(problem, BOOT_E_TOO_MANY_IOAPICS, "APIC", BOOT_MAX_IOAPICS);
    }
    facts->ioapics[facts->ioapic_count++] = (struct boot_ioapic){
        .id = entry[2], .paddr = load_u32(entry + 4), .gsi_base = load_u32(entry + 8)};
    return BOOT_OK;
}

static enum boot_polarity polarity_of(uint16_t flags)
{
    switch (flags & OVERRIDE_POLARITY) {
    case OVERRIDE_HIGH:
        return BOOT_POLARITY_HIGH;
    case OVERRIDE_LOW:
        return BOOT_POLARITY_LOW;
    default:
        return BOOT_POLARITY_BUS;
    }
}

/* What the flags say about edge or level is left to whoever takes the line. */
static void add_override(struct boot_facts *facts, const uint8_t *entry)
{
    const uint8_t source = entry[3];
    const uint32_t input = load_u32(entry + 4);
    bool is_good = entry[2] == OVERRIDE_BUS_ISA && source < OVERRIDE_SOURCES;

    for (uint32_t i = 0; i < facts->override_count; i++) {
        is_good = is_good && facts->overrides[i].source != source;
    }
    if (!is_good) {
        boot_warn(&facts->warnings, BOOT_WARN_IRQ_OVERRIDE, source, input);
        return;
    }
    facts->overrides[facts->override_count++] = (struct boot_irq_override){
        .source = source, .polarity = polarity_of(load_u16(entry + 8)), .input = input};
}

static uint8_t least_bytes(uint8_t type)
{
    switch (type) {
    case MADT_XAPIC:
        return XAPIC_BYTES;
    case MADT_IOAPIC:
        return IOAPIC_BYTES;
    case MADT_IRQ_OVERRIDE:
        return IRQ_OVERRIDE_BYTES;
    case MADT_LAPIC_OVERRIDE:
        return LAPIC_OVERRIDE_BYTES;
    case MADT_X2APIC:
        return X2APIC_BYTES;
    default:
        return 2;
    }
}

static enum boot_err take_entry(const struct acpi_entry *entry, struct boot_facts *facts,
                                struct boot_problem *problem)
{
    const uint8_t *data = entry->data;
    if (entry->bytes < least_bytes(entry->type)) {
        return boot_fail(problem, BOOT_E_ENTRY_LENGTH, "APIC", entry->offset);
    }
    switch (entry->type) {
    case MADT_XAPIC:
        if ((load_u32(data + 4) & MADT_CPU_ENABLED) == 0) {
            return BOOT_OK;
        }
        return add_cpu(facts, data[3], false, problem);
    case MADT_X2APIC:
        if ((load_u32(data + 8) & MADT_CPU_ENABLED) == 0) {
            return BOOT_OK;
        }
        return add_cpu(facts, load_u32(data + 4), true, problem);
    case MADT_IOAPIC:
        return add_ioapic(facts, data, problem);
    case MADT_IRQ_OVERRIDE:
        add_override(facts, data);
        return BOOT_OK;
    case MADT_LAPIC_OVERRIDE:
        facts->lapic_paddr = load_u64(data + 4);
        return BOOT_OK;
    default:
        return BOOT_OK;
    }
}

enum boot_err madt_parse(const struct acpi_table *madt, uint32_t boot_apic_id,
                         struct boot_facts *facts, struct boot_problem *problem)
{
    if (madt->bytes < MADT_ENTRIES_AT) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, "APIC", madt->bytes);
    }
    facts->lapic_paddr = load_u32(madt->data + MADT_LAPIC_AT);
    uint32_t offset = MADT_ENTRIES_AT;
    for (;;) {
        struct acpi_entry entry;
        bool has_entry;
        enum boot_err err = acpi_next_entry(madt, &offset, &entry, &has_entry, problem);
        if (err == BOOT_OK && has_entry) {
            err = take_entry(&entry, facts, problem);
        }
        if (err != BOOT_OK) {
            return err;
        }
        if (!has_entry) {
            break;
        }
    }
    uint32_t boot = facts_find_cpu(facts, boot_apic_id);
    if (boot == facts->cpu_count) {
        return boot_fail(problem, BOOT_E_NO_BOOT_CPU, "APIC", boot_apic_id);
    }
    facts->cpus[boot].is_boot = true;
    return BOOT_OK;
}
