/* SPDX-License-Identifier: MIT */
/*
 * Owns: giving each cluster its own structures, page table, copy of the kernel, and cores, all out of its own memory.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/build.h>
#include <kernel/trace.h>
#include <lib/text.h>

#define PAGE_UP(bytes) (((bytes) + R4_PAGE_BYTES - 1) & ~(R4_PAGE_BYTES - 1))

void *build_take(struct cluster_build *b, uint64_t bytes, uint64_t align)
{
    void *memory = boot_pages_take_pointer(&b->pages, PAGE_UP(bytes), align);
    if (memory == NULL) {
        arch_boot_fail("a cluster has too little memory", "bring-up");
    }
    return memory;
}

/* The highest address of RAM, so that direct-map tables exist for all of it. */
static uint64_t ram_top(const struct boot_facts *facts)
{
    uint64_t top = 0;
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *r = &facts->ranges[i];
        if (r->kind != BOOT_MEM_RESERVED && r->base + r->bytes > top) {
            top = r->base + r->bytes;
        }
    }
    return top;
}

static void take_regions(struct cluster *cl, const struct partition_cluster *part)
{
    if (part->run_count > CLUSTER_REGIONS_MAX) {
        arch_boot_fail("the memory of a cluster is in too many pieces", "partition");
    }
    for (uint32_t i = 0; i < part->run_count; i++) {
        cl->regions[i].base = (struct paddr){part->runs[i].base};
        cl->regions[i].bytes = part->runs[i].bytes;
        cl->memory.owned += part->runs[i].bytes;
    }
    cl->region_count = part->run_count;
}

static const struct {
    const char *name;
    enum fault_action action;
} fault_actions[] = {
    {"drop", FAULT_ACTION_DROP},
    {"preempt", FAULT_ACTION_PREEMPT},
    {"panic", FAULT_ACTION_PANIC},
};

static enum fault_action fault_action_of(const char *name)
{
    for (size_t i = 0; i < sizeof fault_actions / sizeof fault_actions[0]; i++) {
        if (text_equal(fault_actions[i].name, name)) {
            return fault_actions[i].action;
        }
    }
    arch_boot_fail("the fault action is unknown; drop, preempt and panic exist", name);
}

static uint16_t fault_point_of(const char *name)
{
    for (uint16_t point = 1; point < R4_FAULT_POINT_TABLE_SIZE; point++) {
        if (text_equal(r4_fault_point_name(point), name)) {
            return point;
        }
    }
    arch_boot_fail("there is no fault point of this name", name);
}

static void take_fault_plan(struct cluster *cl, const struct boot_options *options)
{
    for (uint32_t i = 0; i < options->fault_count; i++) {
        cl->faults.entry[i].point = fault_point_of(options->faults[i].point);
        cl->faults.entry[i].action = (uint16_t)fault_action_of(options->faults[i].action);
        cl->faults.entry[i].remaining = options->faults[i].nth;
    }
    cl->faults.count = options->fault_count;
}

bool build_knows_plant(const char *name)
{
    return text_equal(name, "foreign-core") || text_equal(name, "foreign-granule") ||
           text_equal(name, "wrong-account");
}

void build_plant_account(const struct machine_build *m, struct cluster *cl)
{
    if (cl->id == 0 && text_equal(m->options->plant, "wrong-account")) {
        cl->memory.root += R4_PAGE_BYTES;
    }
}

/* `plant=foreign-core`: a core block of cluster 1 out of cluster 0's memory, which build_check_ownership must find. */
static struct cluster_build *home_of_core(struct machine_build *m, uint32_t id, uint32_t index)
{
    bool is_planted = text_equal(m->options->plant, "foreign-core") && id == 1 && index == 0;
    return &m->cluster[is_planted ? 0 : id];
}

static void build_trace(struct machine_build *m, struct cluster_build *b, struct core *core)
{
    core->trace.record =
        build_take(b, TRACE_RING_RECORDS * sizeof(struct trace_record), R4_PAGE_BYTES);
    core->trace.capacity = TRACE_RING_RECORDS;
    trace_set(core, m->options->trace);
}

static void build_cores(struct machine_build *m, uint32_t id, const struct topology_cluster *plan)
{
    struct cluster_build *b = &m->cluster[id];
    struct cluster *cl = b->cluster;
    for (uint32_t i = 0; i < plan->cpu_count; i++) {
        struct core *core = build_take(home_of_core(m, id, i), sizeof *core, R4_PAGE_BYTES);
        core_init(cl, core, i, m->facts->cpus[plan->cpus[i]].apic_id);
        build_trace(m, b, core);
        arch_boot_prepare_core(core, b->root, &b->pages, plan->cpus[i]);
    }
}

/* `plant=foreign-granule`: cluster 1 sees memory of cluster 0. */
static void show_memory(const struct machine_build *m, const struct cluster_build *b)
{
    const struct cluster *cl = b->cluster;
    for (uint32_t i = 0; i < cl->region_count; i++) {
        arch_dmap_gain(b->root, cl->regions[i].base, cl->regions[i].bytes);
    }
    if (text_equal(m->options->plant, "foreign-granule") && cl->id == 1) {
        arch_dmap_gain(b->root, m->cluster[0].cluster->regions[0].base, R4_GRANULE_BYTES);
    }
}

void build_cluster(struct machine_build *m, uint32_t id, const struct topology_cluster *plan,
                   const struct partition_cluster *part)
{
    struct cluster_build *b = &m->cluster[id];
    struct cluster *cl = build_take(b, sizeof *cl, R4_PAGE_BYTES);
    b->cluster = cl;
    cluster_init(cl, id);
    cl->cluster_count = m->cluster_count;
    cl->total_cores = m->total_cores;
    cl->cycles_per_us = m->cycles_per_us;
    cl->slice_ns = (uint64_t)m->options->slice_us * 1000;
    cl->owns_devices = id == 0;
    take_regions(cl, part);
    take_fault_plan(cl, m->options);

    b->root = arch_boot_build_root(&b->pages, ram_top(m->facts));
    cl->kernel_root = b->root;
    if (cl->owns_devices) {
        arch_boot_take_lines(&cl->irqs.arch, b->root, &b->pages, m->facts);
    }
    show_memory(m, b);
    b->channel_page = arch_dmap_paddr(build_take(b, R4_PAGE_BYTES, R4_PAGE_BYTES));
    build_cores(m, id, plan);
}
