/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading what a boot loader hands over: the PVH start info (QEMU's -kernel) and the
 * multiboot2 information (GRUB). Both fill firmware_map, modules, cmdline and rsdp of the facts
 * and nothing else.
 *
 * Not here: whether the memory map makes sense (memmap.h), what the RSDP leads to (acpi.h).
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/phys.h>

/* `facts` must be fresh from facts_init. On failure `problem` is filled and the facts are
 * undefined. A missing RSDP or command line is not a failure here; a missing memory map is. */
enum boot_err hvm_parse(const struct phys_view *view, uint64_t info_paddr, struct boot_facts *facts,
                        struct boot_problem *problem);
enum boot_err mb2_parse(const struct phys_view *view, uint64_t info_paddr, struct boot_facts *facts,
                        struct boot_problem *problem);

/* Shared by the two: appends to the facts one range of the firmware's map (types as in E820), or
 * one module whose name is the first word of `line`. */
enum boot_err loader_add_range(struct boot_facts *facts, uint64_t base, uint64_t bytes,
                               uint32_t e820_type, struct boot_problem *problem);
enum boot_err loader_add_module(struct boot_facts *facts, uint64_t paddr, uint64_t bytes,
                                const char *line, struct boot_problem *problem);
