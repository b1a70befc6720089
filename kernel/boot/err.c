/* SPDX-License-Identifier: MIT */
/* Owns: the sentences of the boot errors. */
#include <kernel/boot/err.h>

#include <stddef.h>

static const char *const err_text[BOOT_ERR_COUNT] = {
    [BOOT_OK] = "No error.",
    [BOOT_E_UNREADABLE] = "The physical address (detail) cannot be read.",
    [BOOT_E_MAGIC] = "The boot information does not begin with its magic number.",
    [BOOT_E_VERSION] = "The boot information's version (detail) has no memory map.",
    [BOOT_E_TRUNCATED] = "The data ends in the middle of an entry (at offset detail).",
    [BOOT_E_INFO_LENGTH] = "The boot information's total length (detail) is impossible.",
    [BOOT_E_TAG_LENGTH] = "A boot information tag (at offset detail) has an impossible length.",
    [BOOT_E_TAG_TWICE] = "A boot information tag (of type detail) appears twice.",
    [BOOT_E_STRING_LENGTH] = "A text is longer than the kernel's limit (detail bytes).",
    [BOOT_E_NO_MEMMAP] = "The boot information has no memory map.",
    [BOOT_E_NO_MEMORY] = "The memory map has no usable memory.",
    [BOOT_E_RANGE_OVERFLOW] = "A memory range (at address detail) passes the end of addresses.",
    [BOOT_E_TOO_MANY_RANGES] = "The memory map has more ranges than the kernel's limit (detail).",
    [BOOT_E_TOO_MANY_MODULES] = "There are more boot modules than the kernel's limit (detail).",
    [BOOT_E_MODULE_EMPTY] = "A boot module (number detail) is empty.",
    [BOOT_E_MODULE_RANGE] = "A boot module (number detail) lies outside usable memory.",
    [BOOT_E_MODULE_OVERLAP] = "A boot module (number detail) overlaps the kernel or a module.",
    [BOOT_E_NO_RSDP] = "The boot information has no ACPI root pointer (RSDP).",
    [BOOT_E_SIGNATURE] = "An ACPI table (at address detail) has the wrong signature.",
    [BOOT_E_CHECKSUM] = "An ACPI table's bytes do not add up to zero (but to detail).",
    [BOOT_E_TABLE_LENGTH] = "An ACPI table has an impossible length (detail).",
    [BOOT_E_ENTRY_LENGTH] = "An ACPI table's entry (at offset detail) has an impossible length.",
    [BOOT_E_NO_TABLE] = "The ACPI table is absent.",
    [BOOT_E_NO_MADT] = "There is no MADT, so the processors are unknown.",
    [BOOT_E_APIC_ID] = "A processor's APIC id (detail) is beyond what xAPIC can address.",
    [BOOT_E_CPU_TWICE] = "A processor (APIC id detail) is listed twice.",
    [BOOT_E_NO_BOOT_CPU] = "The boot processor (APIC id detail) is not listed as enabled.",
    [BOOT_E_TOO_MANY_CPUS] = "There are more enabled processors than the kernel's limit (detail).",
    [BOOT_E_TOO_MANY_IOAPICS] = "There are more I/O APICs than the kernel's limit (detail).",
    [BOOT_E_TOO_MANY_NODES] = "There are more NUMA nodes than the kernel's limit (detail).",
    [BOOT_E_TOO_MANY_NODE_RANGES] =
        "The NUMA nodes have more memory ranges than the kernel's limit (detail).",
    [BOOT_E_CPU_NODE] = "A processor (APIC id detail) is listed in two NUMA nodes.",
    [BOOT_E_OVERLAP] = "Memory (at address detail) is listed in two NUMA nodes.",
    [BOOT_E_LOCALITIES] = "The SLIT's number of localities (detail) is impossible.",
    [BOOT_E_OPTION] = "Unknown word on the command line (at offset detail).",
    [BOOT_E_OPTION_VALUE] = "A boot option (at offset detail) has a value that is not allowed.",
    [BOOT_E_OPTION_TWICE] = "A boot option (at offset detail) was given too often.",
    [BOOT_E_CORRUPTION] = "The corruption that was asked for does not apply to this table.",
    [BOOT_E_PACKAGE_SHIFT] = "clusters=package needs the CPUID topology leaf, which is absent.",
    [BOOT_E_CLUSTER_MEMORY] = "A cluster (number detail) has less memory than the minimum.",
    [BOOT_E_TOO_MANY_RUNS] = "Memory is cut into more pieces than the kernel's limit (detail).",
};

const char *boot_err_text(enum boot_err err)
{
    size_t index = (size_t)err;
    return index < BOOT_ERR_COUNT ? err_text[index] : "Unknown boot error.";
}

enum boot_err boot_fail(struct boot_problem *problem, enum boot_err err, const char *where,
                        uint64_t detail)
{
    size_t at = 0;
    for (; at < BOOT_WHERE_BYTES - 1 && where[at] != '\0'; at++) {
        problem->where[at] = where[at];
    }
    problem->where[at] = '\0';
    problem->err = err;
    problem->detail = detail;
    return err;
}
