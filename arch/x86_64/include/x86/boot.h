/* SPDX-License-Identifier: MIT */
/*
 * Between the parts of the port's boot code. All of it runs with the boot page table and is gone
 * afterwards.
 */
#pragma once

#include <arch/boot.h>
#include <arch/impl/offsets.h>
#include <kernel/types.h>

/* Where the local APIC is. */
struct x86_boot_apic {
    volatile uint32_t *registers; /* through the boot page table; NULL: x2APIC */
    struct paddr base;
    bool is_x2apic;
};

/* First C code: from entry.S, on the boot stack. */
_Noreturn void x86_boot_start(enum boot_protocol protocol, struct paddr info);
/*
 * First C code of another core: from trampoline.S, on the boot stack that starting cores share one
 * after the other.
 */
_Noreturn void x86_boot_start_other(struct core *core);

/*
 * Takes the local APIC of the executing core into use: no interrupt comes from it but IPIs, and
 * NMI by its pin.
 */
struct x86_boot_apic x86_apic_enable(void);
/* What x86_boot_start found on the boot core. */
const struct x86_boot_apic *x86_boot_apic(void);

/* The result of arch_boot_calibrate. */
const struct x86_clock *x86_boot_clock(void);

/* Fills the interrupt descriptor table that the clusters copy. */
void x86_boot_fill_idt(void);

/*
 * Loads descriptor tables, control registers and MSRs of the executing core; the page table stays.
 */
void x86_boot_load_core(struct core *core);

/*
 * Maps a page at `va` in the page table `root`; missing tables come from `pages`. `flags`: all
 * bits of the leaf but the address.
 */
void x86_boot_map(struct paddr root, struct boot_pages *pages, uint64_t va, struct paddr pa,
                  uint64_t flags);
/* Zeroed pages; ends the boot if there are none. */
struct paddr x86_boot_take(struct boot_pages *pages, uint64_t bytes);

/* Linker symbols; the values are their addresses, at the link address. */
extern const uint8_t x86_image_start[];
extern const uint8_t x86_image_end[];
extern const uint8_t x86_text_start[];
extern const uint8_t x86_text_end[];
extern const uint8_t x86_rodata_start[];
extern const uint8_t x86_rodata_end[];

static inline struct paddr x86_image_paddr(const void *at)
{
    return (struct paddr){(uint64_t)(uintptr_t)at - X86_IMAGE_OFFSET};
}
