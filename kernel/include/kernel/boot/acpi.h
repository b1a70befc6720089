/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the kernel takes from ACPI: processors and I/O APICs (MADT), nodes (SRAT), distances
 * (SLIT). The SRAT is the authority for nodes.
 *
 * Invariants: a table's bytes are looked at only after its length and checksum were checked.
 *
 * Not here: the AML tables; nothing in this kernel interprets them.
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/phys.h>

#define ACPI_HEADER_BYTES    36
#define ACPI_MAX_TABLE_BYTES (1u << 20)

/* A checked table: `data` has `bytes` bytes, header included. */
struct acpi_table {
    const uint8_t *data;
    uint32_t bytes;
    uint64_t paddr;
    char name[5];
};

/* The checked RSDT or XSDT. */
struct acpi_root {
    struct acpi_table table;
    uint32_t entry_bytes; /* 4 in an RSDT, 8 in an XSDT */
};

/* Copies the RSDP (its first 20 bytes, or as many as it says from revision 2 on). Checks only what
 * is needed to know how much to copy. */
enum boot_err acpi_read_rsdp(const struct phys_view *view, uint64_t paddr, struct boot_rsdp *rsdp,
                             struct boot_problem *problem);

/* Checks the RSDP and the table it leads to: the XSDT if there is one, else the RSDT. */
enum boot_err acpi_open_root(const struct phys_view *view, const struct boot_rsdp *rsdp,
                             struct acpi_root *root, struct boot_problem *problem);

/* The first table with this four-letter name, checked. BOOT_E_NO_TABLE if there is none. Null
 * entries of the root table are skipped, unreadable ones are an error. */
enum boot_err acpi_find_table(const struct phys_view *view, const struct acpi_root *root,
                              const char *name, struct acpi_table *table,
                              struct boot_problem *problem);

/* One type-length-value entry of a MADT or SRAT. */
struct acpi_entry {
    const uint8_t *data;
    uint32_t offset;
    uint8_t type;
    uint8_t bytes;
};

/* Steps through the entries from `*offset` on (the caller starts it behind the table's fixed part).
 * BOOT_OK with `*has_entry` false at the end. BOOT_E_TRUNCATED, BOOT_E_ENTRY_LENGTH. */
enum boot_err acpi_next_entry(const struct acpi_table *table, uint32_t *offset,
                              struct acpi_entry *entry, bool *has_entry,
                              struct boot_problem *problem);

/* Fills cpus, ioapics and lapic_paddr. Only enabled processors count; ids from 255 on, two entries
 * of one kind for one id, and a boot processor that is not listed are errors. */
enum boot_err madt_parse(const struct acpi_table *madt, uint32_t boot_apic_id,
                         struct boot_facts *facts, struct boot_problem *problem);

/* Fills nodes, node_ranges and each cpu's node. Requires `ranges` and `cpus`. A hot-pluggable range
 * without usable memory is skipped. Outcomes that are warnings: see enum boot_warning_kind. */
enum boot_err srat_parse(const struct acpi_table *srat, struct boot_facts *facts,
                         struct boot_problem *problem);

/* What holds without an SRAT: one node with every processor and all memory. */
void srat_assume_one_node(struct boot_facts *facts);

/* Fills the distances; requires the nodes. An off-diagonal value below or equal to the local one,
 * or a diagonal that is not local, leaves the defaults in place with a warning. */
enum boot_err slit_parse(const struct acpi_table *slit, struct boot_facts *facts,
                         struct boot_problem *problem);

/* What holds without a SLIT: local inside a node, remote between nodes. */
void slit_assume_defaults(struct boot_facts *facts);

/* All of the above, from facts->rsdp on. Requires a successful memmap_settle. */
enum boot_err acpi_gather(const struct phys_view *view, uint32_t boot_apic_id,
                          struct boot_facts *facts, struct boot_problem *problem);
