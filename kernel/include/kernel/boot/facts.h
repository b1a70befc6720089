/* SPDX-License-Identifier: MIT */
/*
 * Owns: everything the kernel learns about the machine before it builds its clusters. The parsers
 * fill it in this order: hvm or mb2 (map, modules, command line, RSDP), memmap (clean ranges),
 * acpi (cpus, I/O APICs, nodes, distances). After a parser failed the facts are undefined.
 *
 * Invariants, once every parser has succeeded:
 *   (F1) `ranges` is sorted by address, disjoint, without empty ranges, and neighbours of one kind
 *        are merged.
 *   (F2) `cpus` is sorted by APIC id, without duplicates; exactly one is the boot CPU.
 *   (F3) Nodes are dense, 0..node_count-1, in the order of their proximity domain numbers.
 *   (F4) Memory ranges of two nodes never overlap.
 *
 * Locking: none; only the boot core touches the facts.
 * Not here: clusters (cluster/topology.h) and who owns which granule (cluster/partition.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOT_MAX_RANGES      128
#define BOOT_MAX_MODULES     8
#define BOOT_MAX_CPUS        64
#define BOOT_MAX_IOAPICS     8
#define BOOT_MAX_OVERRIDES   16 /* as many as there are ISA interrupts */
#define BOOT_MAX_NODES       64
#define BOOT_MAX_NODE_RANGES 128
#define BOOT_MAX_WARNINGS    32
#define BOOT_CMDLINE_BYTES   1024
#define BOOT_NAME_BYTES      64
#define BOOT_RSDP_BYTES      64

/* Distances as in the ACPI SLIT: 10 is local. */
#define BOOT_DISTANCE_LOCAL  10
#define BOOT_DISTANCE_REMOTE 20

/* Where two kinds claim one address the larger enumerator wins. */
enum boot_mem_kind {
    BOOT_MEM_USABLE = 1,
    BOOT_MEM_ACPI,    /* tables: reclaimable in principle, never reclaimed */
    BOOT_MEM_TAKEN,   /* usable RAM that holds the kernel image, a module or the low 1 MiB */
    BOOT_MEM_RESERVED /* anything else the firmware lists */
};

struct boot_range {
    uint64_t base;
    uint64_t bytes;
    enum boot_mem_kind kind;
};

struct boot_module {
    uint64_t paddr;
    uint64_t bytes;
    char name[BOOT_NAME_BYTES]; /* first word of its command line; may be empty */
};

/* A copy of the RSDP; byte_count 0 means that the loader gave none. */
struct boot_rsdp {
    uint8_t bytes[BOOT_RSDP_BYTES];
    uint32_t byte_count;
};

struct boot_cpu {
    uint32_t apic_id;
    uint8_t node;
    bool is_boot;
    bool is_x2apic; /* listed by an x2APIC entry */
};

struct boot_ioapic {
    uint8_t id;
    uint32_t gsi_base;
    uint64_t paddr;
};

/* Whether a line is active when it is high or low. */
enum boot_polarity {
    BOOT_POLARITY_BUS = 0, /* as on the line's bus */
    BOOT_POLARITY_HIGH,
    BOOT_POLARITY_LOW
};

/* ISA interrupt `source` arrives at another input, or not as ISA interrupts do. */
struct boot_irq_override {
    uint8_t source; /* 0 to 15; each at most once */
    enum boot_polarity polarity;
    uint32_t input; /* global number */
};

struct boot_node_range {
    uint64_t base;
    uint64_t bytes;
    uint8_t node;
};

enum boot_warning_kind {
    BOOT_WARN_CPU_BOTH = 1,        /* APIC id `a` has an xAPIC and an x2APIC entry; used once */
    BOOT_WARN_SRAT_UNKNOWN_CPU,    /* SRAT puts APIC id `a` in domain `b`, MADT lacks it; ignored */
    BOOT_WARN_CPU_WITHOUT_NODE,    /* SRAT lacks APIC id `a`; put into node `b` */
    BOOT_WARN_MEMORY_WITHOUT_NODE, /* `b` usable bytes from `a` on are in no node; given to node 0 */
    BOOT_WARN_NO_SRAT,             /* no SRAT: the whole machine is node 0 */
    BOOT_WARN_SLIT_DOMAIN,         /* SLIT has no row for domain `a`; default distances for it */
    BOOT_WARN_SLIT_VALUE,          /* SLIT says distance `b` for node pair `a` (64 * from + to);
                                     default distances everywhere */
    BOOT_WARN_NODE_WITHOUT_MEMORY, /* CPUs of node `a` merged into node `b` */
    BOOT_WARN_NODE_WITHOUT_CPUS,   /* memory of node `a` given to node `b` */
    BOOT_WARN_PACKAGE_SPLIT,       /* CPUID package `a` has CPUs in node `b` and in another one */
    BOOT_WARN_IRQ_OVERRIDE, /* the rewiring of ISA interrupt `a` to input `b` makes no sense or
                                     comes twice; ignored */
    BOOT_WARN_COUNT
};

struct boot_warning {
    enum boot_warning_kind kind;
    uint64_t a;
    uint64_t b;
};

/* What was odd but survivable. `dropped` counts those that found no room. */
struct boot_warnings {
    struct boot_warning items[BOOT_MAX_WARNINGS];
    uint32_t count;
    uint32_t dropped;
};

struct boot_facts {
    /* from the loader */
    struct boot_range firmware_map[BOOT_MAX_RANGES]; /* as given, plus what memmap took */
    uint32_t firmware_map_count;
    struct boot_module modules[BOOT_MAX_MODULES];
    uint32_t module_count;
    char cmdline[BOOT_CMDLINE_BYTES];
    struct boot_rsdp rsdp;

    /* from memmap */
    struct boot_range ranges[BOOT_MAX_RANGES];
    uint32_t range_count;

    /* from ACPI */
    uint64_t lapic_paddr;
    struct boot_cpu cpus[BOOT_MAX_CPUS];
    uint32_t cpu_count;
    struct boot_ioapic ioapics[BOOT_MAX_IOAPICS];
    uint32_t ioapic_count;
    struct boot_irq_override overrides[BOOT_MAX_OVERRIDES];
    uint32_t override_count;
    uint32_t node_domain[BOOT_MAX_NODES];
    uint32_t node_count;
    struct boot_node_range node_ranges[BOOT_MAX_NODE_RANGES];
    uint32_t node_range_count;
    uint8_t distance[BOOT_MAX_NODES][BOOT_MAX_NODES];

    struct boot_warnings warnings;
};

void facts_init(struct boot_facts *facts);

void boot_warn(struct boot_warnings *warnings, enum boot_warning_kind kind, uint64_t a, uint64_t b);

/* A full sentence for the console; never NULL. */
const char *boot_warning_text(enum boot_warning_kind kind);

/* The node that the memory at paddr belongs to, and in `end` the address (exclusive) up to which
 * the answer holds. Memory in no node's range belongs to node 0; `is_listed` tells. */
struct facts_node_span {
    uint8_t node;
    bool is_listed;
    uint64_t end;
};
struct facts_node_span facts_node_at(const struct boot_facts *facts, uint64_t paddr);

/* Usable bytes of `ranges` inside [base, base + bytes), which must not wrap around. */
uint64_t facts_usable_bytes(const struct boot_facts *facts, uint64_t base, uint64_t bytes);

/* The index into `cpus` of an APIC id, or cpu_count. */
uint32_t facts_find_cpu(const struct boot_facts *facts, uint32_t apic_id);
