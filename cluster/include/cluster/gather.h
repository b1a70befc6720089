/* SPDX-License-Identifier: MIT */
/*
 * Owns: bringing the boot parsers together: loader's information, command line, memory map, ACPI, boot archive.
 * Every function ends the boot with a message that names cause, place and number when something is wrong.
 * Locking: none; the boot core.
 */
#pragma once

#include <arch/boot.h>
#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>
#include <kernel/boot/options.h>

/* Does nothing for BOOT_OK; else says what is wrong and ends the machine with exit status BOOT. */
void gather_or_fail(enum boot_err err, const struct boot_problem *problem);

void gather_facts(enum boot_protocol protocol, struct paddr info, struct boot_facts *facts,
                  struct boot_options *options);

/* The boot archive: the first module. */
void gather_archive(const struct boot_facts *facts, const uint8_t **archive, uint64_t *bytes);

/* Physical address to boot pointer, for boot_pages. */
void *gather_pointer(uint64_t paddr);
