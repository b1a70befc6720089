/* SPDX-License-Identifier: MIT */
#include "acpi_build.h"

#include <stdlib.h>

void table_put(struct table_build *table, const void *from, size_t bytes)
{
    if (bytes > sizeof table->bytes - table->length) {
        abort();
    }
    memcpy(table->bytes + table->length, from, bytes);
    table->length += bytes;
}

void table_begin(struct table_build *table, const char *name, uint8_t revision, size_t fixed_bytes)
{
    memset(table, 0, sizeof *table);
    memcpy(table->bytes, name, 4);
    table->bytes[8] = revision;
    memcpy(table->bytes + 10, "BOCHS ", 6);
    table->length = ACPI_HEADER_BYTES + fixed_bytes;
}

void table_fix_sum(uint8_t *bytes, size_t length)
{
    uint8_t sum = 0;
    bytes[9] = 0;
    for (size_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[9] = (uint8_t)(0 - sum);
}

void table_finish(struct table_build *table)
{
    uint32_t length = (uint32_t)table->length;
    memcpy(table->bytes + 4, &length, sizeof length);
    table_fix_sum(table->bytes, table->length);
}

void madt_begin(struct table_build *table)
{
    const uint32_t lapic = 0xfee00000u;
    table_begin(table, "APIC", 1, 8);
    memcpy(table->bytes + 36, &lapic, sizeof lapic);
}

void madt_cpu(struct table_build *table, uint8_t apic_id, uint32_t flags)
{
    uint8_t entry[8] = {0, sizeof entry, apic_id, apic_id};
    memcpy(entry + 4, &flags, sizeof flags);
    table_put(table, entry, sizeof entry);
}

void madt_x2apic(struct table_build *table, uint32_t apic_id, uint32_t flags)
{
    uint8_t entry[16] = {9, sizeof entry};
    memcpy(entry + 4, &apic_id, sizeof apic_id);
    memcpy(entry + 8, &flags, sizeof flags);
    table_put(table, entry, sizeof entry);
}

void madt_ioapic(struct table_build *table, uint8_t id, uint32_t paddr, uint32_t gsi_base)
{
    uint8_t entry[12] = {1, sizeof entry, id};
    memcpy(entry + 4, &paddr, sizeof paddr);
    memcpy(entry + 8, &gsi_base, sizeof gsi_base);
    table_put(table, entry, sizeof entry);
}

void srat_begin(struct table_build *table)
{
    table_begin(table, "SRAT", 3, 12);
}

void srat_cpu(struct table_build *table, uint8_t apic_id, uint32_t domain, uint32_t flags)
{
    uint8_t entry[16] = {0, sizeof entry, (uint8_t)domain, apic_id};
    memcpy(entry + 4, &flags, sizeof flags);
    entry[9] = (uint8_t)(domain >> 8);
    entry[10] = (uint8_t)(domain >> 16);
    entry[11] = (uint8_t)(domain >> 24);
    table_put(table, entry, sizeof entry);
}

void srat_x2apic(struct table_build *table, uint32_t apic_id, uint32_t domain, uint32_t flags)
{
    uint8_t entry[24] = {2, sizeof entry};
    memcpy(entry + 4, &domain, sizeof domain);
    memcpy(entry + 8, &apic_id, sizeof apic_id);
    memcpy(entry + 12, &flags, sizeof flags);
    table_put(table, entry, sizeof entry);
}

void srat_memory(struct table_build *table, uint32_t domain, uint64_t base, uint64_t bytes,
                 uint32_t flags)
{
    uint8_t entry[40] = {1, sizeof entry};
    memcpy(entry + 2, &domain, sizeof domain);
    memcpy(entry + 8, &base, sizeof base);
    memcpy(entry + 16, &bytes, sizeof bytes);
    memcpy(entry + 28, &flags, sizeof flags);
    table_put(table, entry, sizeof entry);
}

void slit_make(struct table_build *table, uint32_t localities, const uint8_t *matrix)
{
    uint64_t count = localities;
    table_begin(table, "SLIT", 1, 8);
    memcpy(table->bytes + 36, &count, sizeof count);
    table_put(table, matrix, (size_t)localities * localities);
    table_finish(table);
}

struct acpi_table table_view(struct fake_phys *phys, const struct table_build *table)
{
    fake_phys_put(phys, MACHINE_TABLES, table->bytes, table->length);
    struct acpi_table view = {.data = phys_map(&phys->view, MACHINE_TABLES, table->length),
                              .bytes = (uint32_t)table->length,
                              .paddr = MACHINE_TABLES};
    memcpy(view.name, table->bytes, 4);
    return view;
}

static void sum_at(uint8_t *bytes, size_t length, size_t at)
{
    uint8_t sum = 0;
    bytes[at] = 0;
    for (size_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[at] = (uint8_t)(0 - sum);
}

static void install_rsdp(struct fake_phys *phys, uint8_t revision)
{
    const uint64_t root = MACHINE_ROOT;
    uint8_t rsdp[36] = {0};
    memcpy(rsdp, "RSD PTR ", 8);
    memcpy(rsdp + 9, "BOCHS ", 6);
    rsdp[15] = revision;
    memcpy(rsdp + (revision == 0 ? 16 : 24), &root, revision == 0 ? 4 : 8);
    rsdp[20] = revision == 0 ? 0 : sizeof rsdp;
    sum_at(rsdp, 20, 8);
    sum_at(rsdp, sizeof rsdp, 32);
    fake_phys_put(phys, MACHINE_RSDP, rsdp, revision == 0 ? 20 : sizeof rsdp);
}

void machine_install(struct fake_phys *phys, uint8_t rsdp_revision,
                     const struct table_build *const *tables, size_t count)
{
    struct table_build root;
    table_begin(&root, rsdp_revision == 0 ? "RSDT" : "XSDT", 1, 0);
    for (size_t i = 0; i < count; i++) {
        uint64_t paddr = MACHINE_TABLES + i * MACHINE_TABLE_STRIDE;
        table_put(&root, &paddr, rsdp_revision == 0 ? 4 : 8);
        fake_phys_put(phys, paddr, tables[i]->bytes, tables[i]->length);
    }
    table_finish(&root);
    fake_phys_put(phys, MACHINE_ROOT, root.bytes, root.length);
    install_rsdp(phys, rsdp_revision);
}

void q35_madt(struct table_build *table)
{
    static const uint8_t ids[] = {0, 1, 2, 4, 5, 6};
    madt_begin(table);
    for (size_t i = 0; i < sizeof ids; i++) {
        madt_cpu(table, ids[i], ENTRY_ENABLED);
    }
    madt_ioapic(table, 0, 0xfec00000u, 0);
    table_put(table, "\2\12\0\0\2\0\0\0\0\0", 10);
    table_put(table, "\4\6\377\0\0\1", 6);
    table_finish(table);
}

void q35_srat(struct table_build *table)
{
    static const uint8_t ids[] = {0, 1, 2, 4, 5, 6};
    srat_begin(table);
    for (size_t i = 0; i < sizeof ids; i++) {
        srat_cpu(table, ids[i], i < 3 ? 0 : 1, ENTRY_ENABLED);
    }
    srat_memory(table, 0, 0, 0xa0000, ENTRY_ENABLED);
    srat_memory(table, 0, 0x100000, 0x7ff00000, ENTRY_ENABLED);
    srat_memory(table, 1, 0x100000000, 0x80000000, ENTRY_ENABLED);
    srat_memory(table, 0, 0, 0, ENTRY_DISABLED);
    table_finish(table);
}

void q35_slit(struct table_build *table)
{
    static const uint8_t matrix[] = {10, 21, 21, 10};
    slit_make(table, 2, matrix);
}

void q35_memmap(struct boot_facts *facts)
{
    static const struct boot_range map[] = {
        {0x0, 0x9fc00, BOOT_MEM_USABLE},
        {0x9fc00, 0x400, BOOT_MEM_RESERVED},
        {0xf0000, 0x10000, BOOT_MEM_RESERVED},
        {0x100000, 0x7fedf000, BOOT_MEM_USABLE},
        {0x7ffdf000, 0x21000, BOOT_MEM_RESERVED},
        {0xb0000000, 0x10000000, BOOT_MEM_RESERVED},
        {0xfeffc000, 0x4000, BOOT_MEM_RESERVED},
        {0xfffc0000, 0x40000, BOOT_MEM_RESERVED},
        {0x100000000, 0x80000000, BOOT_MEM_USABLE},
    };
    facts->firmware_map_count = sizeof map / sizeof map[0];
    memcpy(facts->firmware_map, map, sizeof map);
}
