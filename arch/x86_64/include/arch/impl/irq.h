/* SPDX-License-Identifier: MIT */
/*
 * Owns: where the machine's interrupt lines arrive: at one I/O APIC, the one whose inputs are
 * numbered from 0. Constant after boot.
 */
#pragma once

#include <r4/abi/limits.h>
#include <stdbool.h>
#include <stdint.h>

enum x86_polarity {
    X86_POLARITY_BUS, /* as usual: ISA high, PCI low when by level */
    X86_POLARITY_HIGH,
    X86_POLARITY_LOW,
};

struct x86_line {
    bool exists;
    uint8_t pin;      /* input of the I/O APIC */
    uint8_t polarity; /* enum x86_polarity */
};

struct arch_irq {
    struct x86_line line[R4_IRQ_LINES];
};
