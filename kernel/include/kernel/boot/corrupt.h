/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the boot option `corrupt=TABLE:KIND` does, so that each error path of the boot parsers
 * can be seen on the machine. Which error follows:
 *
 *            checksum  length        truncate      overlap                toomany
 *   rsdp     CHECKSUM  TABLE_LENGTH  TRUNCATED     -                      -
 *   xsdt     CHECKSUM  TABLE_LENGTH  TRUNCATED     -                      -
 *   madt     CHECKSUM  TABLE_LENGTH  TRUNCATED     CPU_TWICE (2 CPUs)     TOO_MANY_CPUS
 *   srat     CHECKSUM  TABLE_LENGTH  TRUNCATED     OVERLAP (2 nodes)      TOO_MANY_NODES
 *   slit     CHECKSUM  TABLE_LENGTH  TRUNCATED     -                      LOCALITIES
 *   memmap   -         RANGE_OVERFLOW NO_MEMMAP    NO_MEMORY              TOO_MANY_RANGES
 *   module   -         MODULE_RANGE  MODULE_EMPTY  MODULE_OVERLAP         TOO_MANY_MODULES
 *
 * A dash, or a table that lacks what is needed, is BOOT_E_CORRUPTION; nothing is changed then.
 * Except for `checksum` the checksum is made right again.
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/options.h>

/* Room that a copied table needs, so that `toomany` can grow it. */
#define BOOT_CORRUPT_BYTES 8192

/* Spoils a copied ACPI table (xsdt, madt, srat, slit) of `*bytes` bytes in a buffer of `capacity`
 * and updates `*bytes`. Show the copy to the parsers through a struct phys_overlay. */
enum boot_err boot_corrupt_apply(struct boot_corruption corruption, uint8_t *table, size_t *bytes,
                                 size_t capacity);

/* Spoils what the loader gave (rsdp, memmap, module). Called between the loader's parser and
 * memmap_settle. */
enum boot_err boot_corrupt_facts(struct boot_corruption corruption, struct boot_facts *facts);

/* The name to look for in the root table; NULL if the corruption is for boot_corrupt_facts or for
 * the root table itself. */
const char *boot_corrupt_signature(enum boot_corrupt_table table);
