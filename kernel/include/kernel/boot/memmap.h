/* SPDX-License-Identifier: MIT */
/*
 * Owns: turning the firmware's memory map into one that can be relied upon.
 *
 * Invariants: facts F1. An address that is listed with several kinds gets the strongest
 * (enum boot_mem_kind); an address that is not listed is in no range.
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>

struct boot_span {
    uint64_t base;
    uint64_t bytes;
};

/* firmware_map -> ranges. Empty ranges are dropped. BOOT_E_NO_MEMMAP, BOOT_E_TOO_MANY_RANGES,
 * BOOT_E_RANGE_OVERFLOW (base + bytes passes 2^64 - 1), BOOT_E_NO_MEMORY. */
enum boot_err memmap_resolve(struct boot_facts *facts, struct boot_problem *problem);

/* Resolves, checks that every module lies in usable memory and overlaps neither the kernel image
 * nor another module, then takes the low 1 MiB, the kernel image and the modules out of the usable
 * memory (they become BOOT_MEM_TAKEN). Called once, before the ACPI parsers. */
enum boot_err memmap_settle(struct boot_facts *facts, struct boot_span kernel,
                            struct boot_problem *problem);
