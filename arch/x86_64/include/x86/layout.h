/* SPDX-License-Identifier: MIT */
/* The kernel half of the address space above the image; README.md has the whole map. */
#pragma once

#include <arch/impl/offsets.h>
#include <kernel/types.h>
#include <r4/abi/limits.h>

/*
 * Per core: guard, kernel stack, guard, NMI stack, guard, double-fault stack, guard, machine-check
 * stack.
 */
#define X86_WINDOW_BASE  UINT64_C(0xffffffffc0000000)
#define X86_WINDOW_BYTES UINT64_C(0x10000)
#define X86_STACK_PAGES  2u

enum x86_window_page {
    X86_WINDOW_STACK = 1,
    X86_WINDOW_NMI = 4,
    X86_WINDOW_DOUBLE_FAULT = 6,
    X86_WINDOW_MACHINE_CHECK = 8,
};

/* Device registers. */
#define X86_APIC_VA   UINT64_C(0xffffffffc8000000)
#define X86_IOAPIC_VA UINT64_C(0xffffffffc8001000)

#define X86_IOAPIC_PADDR UINT64_C(0xfec00000) /* the usual address */

/* Channel pages, one after the other. */
#define X86_CHANNEL_BASE UINT64_C(0xffffffffd0000000)
#define X86_CHANNELS_MAX (R4_CLUSTERS_MAX * R4_CLUSTERS_MAX)

static inline uint64_t x86_window_va(uint32_t window, enum x86_window_page page)
{
    return X86_WINDOW_BASE + window * X86_WINDOW_BYTES + (uint64_t)page * R4_PAGE_BYTES;
}
