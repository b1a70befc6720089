/* SPDX-License-Identifier: MIT */
/*
 * Contract of boot: what the arch does between power-on and the first kernel_start(), asked for by cluster/bringup.c.
 * All of it runs on the boot core, with the boot page table, under which arch_dmap_ptr() reaches all of physical memory.
 * The arch calls boot_main() once, on a boot stack, interrupts off, console ready.
 */
#pragma once

#include <kernel/types.h>
#include <lib/boot_pages.h>

struct arch_irq;
struct core;
struct boot_facts;

/* How the loader handed over. */
enum boot_protocol {
    BOOT_PROTOCOL_PVH,
    BOOT_PROTOCOL_MULTIBOOT2,
    BOOT_PROTOCOL_UNKNOWN,
};

/* Upcall, in cluster/bringup.c: never returns. `info` is the loader's information structure. */
_Noreturn void boot_main(enum boot_protocol protocol, struct paddr info);

/* NULL if the processor has what R4 needs, else the name of what is missing. */
const char *arch_boot_missing_feature(void);

/* Physical span of the loaded image with boot code and boot data. */
void arch_boot_image(struct paddr *base, uint64_t *bytes);

/* Bits to shift an APIC id right by to get the package number (CPUID 0xB / 0x1F), for the cross-check. */
uint32_t arch_boot_package_shift(void);

/* APIC id of the core that executes. */
uint32_t arch_boot_hardware_id(void);

/* Measures timer and time-stamp counter once; every core_prepare after it uses the result. Returns cycles per microsecond. */
uint64_t arch_boot_calibrate(void);

/* Masks all lines of an IOAPIC. The port has done so already for the one at the usual address. */
void arch_boot_quiet_ioapic(struct paddr base);

/*
 * Builds the kernel half of a cluster's page table out of pages of the cluster's own memory:
 * its own copy of runtime text (read, execute) and read-only data at the link address; registers of the local
 * APIC; table pages of the direct map preallocated for [0, ram_top), no leaf yet.
 * Returns the root. Kernel entries are global except the direct map's.
 */
struct paddr arch_boot_build_root(struct boot_pages *pages, uint64_t ram_top);

/* The interrupt lines go to the cluster with this root, which owns the devices; all are closed. */
void arch_boot_take_lines(struct arch_irq *irq, struct paddr root, struct boot_pages *pages,
                          const struct boot_facts *facts);

/* Maps one page read-write, no execute, in the kernel half at a window that all clusters use the same way (channel pages). */
void *arch_boot_map_channel_page(struct paddr root, struct boot_pages *pages, uint32_t number,
                                 struct paddr page);

/*
 * Whether every table and every page of the root's kernel half lies in memory of which `is_owned` says so; device registers and channel
 * pages apart. If not, `offender` is the address where the first other page is seen.
 */
bool arch_boot_root_is_within(struct paddr root,
                              bool (*is_owned)(const void *context, struct paddr page),
                              const void *context, uint64_t *offender);

/*
 * Adds or removes a run of granules in the direct map of `root`: the one function through which a region is gained or lost.
 * Whole granules; tables exist already. Losing does not flush; the caller does.
 */
void arch_dmap_gain(struct paddr root, struct paddr base, uint64_t bytes);
void arch_dmap_lose(struct paddr root, struct paddr base, uint64_t bytes);
/* Whether the root's direct map reaches the page. For the boot check and the auditor. */
bool arch_dmap_reaches(struct paddr root, struct paddr page);

/*
 * Prepares a core: its kernel and exception stacks from `pages`, mapped with a guard page under each in `root`; its descriptor
 * tables; everything entry code needs in core->arch. `window` is a machine-wide core number below R4_CORES_MAX.
 */
void arch_boot_prepare_core(struct core *core, struct paddr root, struct boot_pages *pages,
                            uint32_t window);

/*
 * Starts another core with INIT-SIPI-SIPI and waits until it is up (it then idles with its own root loaded until
 * arch_boot_release). False: it did not come up in time.
 */
bool arch_boot_start_core(struct core *core);

/* Lets all started cores go: each calls kernel_start() on its own stack. */
void arch_boot_release(void);

/* Leaves the boot page table and boot stack for good: this core goes on in kernel_start(core). Everything in boot sections is gone after it. */
_Noreturn void arch_boot_enter(struct core *core);

/*
 * Arms a planted violation of the kernel's own protections on `core`, which does it right after its first kernel_start().
 * False: there is none of this name.
 */
bool arch_boot_plant(struct core *core, const char *name);

/* Ends the machine with exit status WATCHDOG when `core` takes a timer interrupt `seconds` from now or later. */
void arch_boot_watchdog(struct core *core, uint32_t seconds);

/* Ends a boot that cannot go on: says why on console and channel and exits with status BOOT. */
_Noreturn void arch_boot_fail(const char *what, const char *where);

/* Boot messages on the console: a text, and a number in decimal. */
void arch_boot_print(const char *text);
void arch_boot_print_number(uint64_t value);
