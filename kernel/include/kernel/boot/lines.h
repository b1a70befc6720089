/* SPDX-License-Identifier: MIT */
/*
 * Owns: the numbering of interrupt lines: 0 to 15 are the ISA interrupts, wherever the firmware has
 * wired them, above that a line's number is that of the global interrupt input.
 * Pure.
 */
#pragma once

#include <kernel/boot/facts.h>

#define LINES_ISA 16u

struct boot_line {
    bool exists;
    uint32_t input; /* global number */
    enum boot_polarity polarity;
};

/* An ISA interrupt whose own input was given to another one does not exist. */
struct boot_line lines_find(const struct boot_facts *facts, uint32_t line);
