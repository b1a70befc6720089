/* SPDX-License-Identifier: MIT */
/*
 * Owns: making ACPI tables for tests, and a machine (physical memory with an RSDP and tables) that
 * looks like QEMU's q35.
 */
#pragma once

#include "fake_phys.h"

#include <kernel/boot/acpi.h>

struct table_build {
    uint8_t bytes[8192];
    size_t length;
};

enum { ENTRY_DISABLED = 0, ENTRY_ENABLED = 1, ENTRY_HOT_PLUGGABLE = 2 };

/* Header and `fixed_bytes` of zeroes; then entries; then table_finish sets length and checksum. */
void table_begin(struct table_build *table, const char *name, uint8_t revision, size_t fixed_bytes);
void table_put(struct table_build *table, const void *from, size_t bytes);
void table_finish(struct table_build *table);
void table_fix_sum(uint8_t *bytes, size_t length);

void madt_begin(struct table_build *table);
void madt_cpu(struct table_build *table, uint8_t apic_id, uint32_t flags);
void madt_x2apic(struct table_build *table, uint32_t apic_id, uint32_t flags);
void madt_ioapic(struct table_build *table, uint8_t id, uint32_t paddr, uint32_t gsi_base);

void srat_begin(struct table_build *table);
void srat_cpu(struct table_build *table, uint8_t apic_id, uint32_t domain, uint32_t flags);
void srat_x2apic(struct table_build *table, uint32_t apic_id, uint32_t domain, uint32_t flags);
void srat_memory(struct table_build *table, uint32_t domain, uint64_t base, uint64_t bytes,
                 uint32_t flags);

void slit_make(struct table_build *table, uint32_t localities, const uint8_t *matrix);

/* The bytes of a finished table as a checked table whose data is exactly as long as the table. */
struct acpi_table table_view(struct fake_phys *phys, const struct table_build *table);

/* Puts the tables into memory behind an RSDP: revision 0 with an RSDT, or revision 2 with an XSDT.
 * The first table goes to MACHINE_TABLES, each next one MACHINE_TABLE_STRIDE further. */
#define MACHINE_RSDP         0xf59a0u
#define MACHINE_ROOT         0x7fe2000u
#define MACHINE_TABLES       0x7fe3003u
#define MACHINE_TABLE_STRIDE 0x4000u

void machine_install(struct fake_phys *phys, uint8_t rsdp_revision,
                     const struct table_build *const *tables, size_t count);

/* The tables of `-smp 6,sockets=2,cores=3` with two nodes of 2 GiB: APIC ids 0-2 and 4-6, node 0
 * below 2 GiB in two ranges, node 1 wholly above 4 GiB. */
void q35_madt(struct table_build *table);
void q35_srat(struct table_build *table);
void q35_slit(struct table_build *table);

/* The memory map of that machine. */
void q35_memmap(struct boot_facts *facts);
