/* SPDX-License-Identifier: MIT */
/*
 * Owns: the order of boot. Everything here runs once, on the boot core, with the boot page table, and is gone afterwards.
 * Not here: the parsers (kernel/boot), how the processor is set up (arch).
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/build.h>
#include <cluster/gather.h>
#include <cluster/partition.h>
#include <cluster/topology.h>
#include <kernel/panic.h>

static struct boot_facts facts;
static struct boot_options options;
static struct topology topology;
static struct partition partition;
static struct machine_build machine;

static void print_warnings(const struct boot_warnings *warnings)
{
    for (uint32_t i = 0; i < warnings->count; i++) {
        const struct boot_warning *w = &warnings->items[i];
        arch_boot_print("boot: warning: ");
        arch_boot_print(boot_warning_text(w->kind));
        arch_boot_print(" (");
        arch_boot_print_number(w->a);
        arch_boot_print(", ");
        arch_boot_print_number(w->b);
        arch_boot_print(")\n");
    }
    if (warnings->dropped > 0) {
        arch_boot_print("boot: warning: more warnings than can be listed\n");
    }
}

/* Facts to clusters: which cores and which memory belong together. */
static void plan_clusters(void)
{
    struct boot_problem problem;
    gather_or_fail(
        topology_build(&facts, options.policy, arch_boot_package_shift(), &topology, &problem),
        &problem);
    gather_or_fail(
        partition_build(&facts, &topology, BUILD_CLUSTER_BYTES_MIN, &partition, &problem),
        &problem);
    print_warnings(&facts.warnings);
    print_warnings(&topology.warnings);
}

static void fill_build(struct cluster_build *b, const struct partition_cluster *part)
{
    b->pages.pointer = gather_pointer;
    for (uint32_t i = 0; i < part->run_count; i++) {
        b->pages.run[i].base = part->runs[i].base;
        b->pages.run[i].bytes = part->runs[i].bytes;
    }
    b->pages.count = part->run_count;
}

static void start_cores(void)
{
    uint32_t boot_id = arch_boot_hardware_id();
    for (uint32_t c = 0; c < machine.cluster_count; c++) {
        struct cluster *cl = machine.cluster[c].cluster;
        for (uint32_t i = 0; i < cl->core_count; i++) {
            if (cl->cores[i]->hardware_id != boot_id && !arch_boot_start_core(cl->cores[i])) {
                arch_boot_fail("a processor does not start", "INIT-SIPI-SIPI");
            }
        }
    }
}

static struct core *find_boot_core(void)
{
    uint32_t boot_id = arch_boot_hardware_id();
    for (uint32_t c = 0; c < machine.cluster_count; c++) {
        struct cluster *cl = machine.cluster[c].cluster;
        for (uint32_t i = 0; i < cl->core_count; i++) {
            if (cl->cores[i]->hardware_id == boot_id) {
                return cl->cores[i];
            }
        }
    }
    arch_boot_fail("the boot processor is in no cluster", "topology");
}

static void arm_options(void)
{
    if (options.watchdog_s != 0) {
        arch_boot_watchdog(find_boot_core(), options.watchdog_s);
    }
    if (options.plant[0] != '\0' && !build_knows_plant(options.plant) &&
        !arch_boot_plant(find_boot_core(), options.plant)) {
        arch_boot_fail("there is no planted violation of this name", options.plant);
    }
}

static void print_summary(void)
{
    arch_boot_print("R4: ");
    arch_boot_print_number(machine.cluster_count);
    arch_boot_print(machine.cluster_count == 1 ? " cluster, " : " clusters, ");
    arch_boot_print_number(machine.total_cores);
    arch_boot_print(machine.total_cores == 1 ? " core\n" : " cores\n");
    for (uint32_t c = 0; c < machine.cluster_count; c++) {
        const struct cluster *cl = machine.cluster[c].cluster;
        arch_boot_print("cluster ");
        arch_boot_print_number(c);
        arch_boot_print(": cores with APIC id");
        for (uint32_t i = 0; i < cl->core_count; i++) {
            arch_boot_print(" ");
            arch_boot_print_number(cl->cores[i]->hardware_id);
        }
        arch_boot_print(", ");
        arch_boot_print_number(cl->memory.owned >> 20);
        arch_boot_print(" MiB\n");
    }
}

void boot_main(enum boot_protocol protocol, struct paddr info)
{
    const char *missing = arch_boot_missing_feature();
    if (missing != NULL) {
        arch_boot_fail("the processor lacks a feature that R4 needs", missing);
    }
    gather_facts(protocol, info, &facts, &options);
    plan_clusters();
    machine.facts = &facts;
    machine.options = &options;
    machine.cluster_count = topology.cluster_count;
    machine.total_cores = facts.cpu_count;
    machine.cycles_per_us = arch_boot_calibrate();
    gather_archive(&facts, &machine.archive, &machine.archive_bytes);
    for (uint32_t c = 0; c < machine.cluster_count; c++) {
        fill_build(&machine.cluster[c], &partition.clusters[c]);
        build_cluster(&machine, c, &topology.clusters[c], &partition.clusters[c]);
    }
    machine.cluster[0].cluster->memory.lost = partition.lost_bytes;
    build_pairs(&machine, &topology);
    for (uint32_t c = 0; c < machine.cluster_count; c++) {
        build_root_task(&machine, c);
    }
    build_check_ownership(&machine);
    print_summary();
    arm_options();
    start_cores();
    arch_boot_release();
    arch_boot_enter(find_boot_core());
}
