/* SPDX-License-Identifier: MIT */
/*
 * Owns: what can be wrong with what the firmware and the user gave us at boot. One code per cause;
 * each has a sentence for the console.
 *
 * Not here: errors of system calls (the ABI), reasons to refuse a program image (lib/elf.h).
 */
#pragma once

#include <stdint.h>

enum boot_err {
    BOOT_OK = 0,

    /* boot information */
    BOOT_E_UNREADABLE,
    BOOT_E_MAGIC,
    BOOT_E_VERSION,
    BOOT_E_TRUNCATED,
    BOOT_E_INFO_LENGTH,
    BOOT_E_TAG_LENGTH,
    BOOT_E_TAG_TWICE,
    BOOT_E_STRING_LENGTH,

    /* memory map and modules */
    BOOT_E_NO_MEMMAP,
    BOOT_E_NO_MEMORY,
    BOOT_E_RANGE_OVERFLOW,
    BOOT_E_TOO_MANY_RANGES,
    BOOT_E_TOO_MANY_MODULES,
    BOOT_E_MODULE_EMPTY,
    BOOT_E_MODULE_RANGE,
    BOOT_E_MODULE_OVERLAP,

    /* ACPI tables */
    BOOT_E_NO_RSDP,
    BOOT_E_SIGNATURE,
    BOOT_E_CHECKSUM,
    BOOT_E_TABLE_LENGTH,
    BOOT_E_ENTRY_LENGTH,
    BOOT_E_NO_TABLE,
    BOOT_E_NO_MADT,
    BOOT_E_APIC_ID,
    BOOT_E_CPU_TWICE,
    BOOT_E_NO_BOOT_CPU,
    BOOT_E_TOO_MANY_CPUS,
    BOOT_E_TOO_MANY_IOAPICS,
    BOOT_E_TOO_MANY_NODES,
    BOOT_E_TOO_MANY_NODE_RANGES,
    BOOT_E_CPU_NODE,
    BOOT_E_OVERLAP,
    BOOT_E_LOCALITIES,

    /* boot options */
    BOOT_E_OPTION,
    BOOT_E_OPTION_VALUE,
    BOOT_E_OPTION_TWICE,
    BOOT_E_CORRUPTION,

    /* clusters */
    BOOT_E_PACKAGE_SHIFT,
    BOOT_E_CLUSTER_MEMORY,
    BOOT_E_TOO_MANY_RUNS,

    BOOT_ERR_COUNT
};

#define BOOT_WHERE_BYTES 32

/* The particulars of a failure: `where` names the table, tag or option word (cut if too long);
 * what `detail` counts depends on the error and is said in its sentence. */
struct boot_problem {
    enum boot_err err;
    char where[BOOT_WHERE_BYTES];
    uint64_t detail;
};

/* A full sentence without a final line break; never NULL, also for numbers out of range. */
const char *boot_err_text(enum boot_err err);

/* Fills the problem and returns err, so that a parser can `return boot_fail(...)`. */
enum boot_err boot_fail(struct boot_problem *problem, enum boot_err err, const char *where,
                        uint64_t detail);
