/* SPDX-License-Identifier: MIT */
/*
 * Owns: the grouping of processors into clusters.
 *
 * Two maps are made first, node -> node: where the memory of a node goes (itself, if it has
 * processors), and where its processors find memory. The policy then only decides which key
 * processors of one cluster have in common.
 */
#include <cluster/topology.h>

#include <cluster/granule.h>

#include <stdbool.h>
#include <string.h>

enum { NODE_NONE = 0xff };

struct node_maps {
    bool has_cpus[BOOT_MAX_NODES];
    bool has_memory[BOOT_MAX_NODES];   /* own or given */
    uint8_t memory_to[BOOT_MAX_NODES]; /* a node with processors */
    uint8_t cpus_to[BOOT_MAX_NODES];   /* a node with processors and memory */
};

/* The wanted node that is nearest to `from`: itself, if it is wanted. */
static uint8_t nearest(const struct boot_facts *facts, uint32_t from,
                       const bool wanted[BOOT_MAX_NODES])
{
    uint8_t best = NODE_NONE;
    if (wanted[from]) {
        return (uint8_t)from;
    }
    for (uint32_t to = 0; to < facts->node_count; to++) {
        if (!wanted[to]) {
            continue;
        }
        if (best == NODE_NONE || facts->distance[from][to] < facts->distance[from][best]) {
            best = (uint8_t)to;
        }
    }
    return best;
}

static void map_memory(const struct boot_facts *facts, struct node_maps *maps,
                       struct boot_warnings *warnings)
{
    uint64_t node_granules[BOOT_MAX_NODES];
    granule_count(facts, node_granules);
    for (uint32_t i = 0; i < facts->cpu_count; i++) {
        maps->has_cpus[facts->cpus[i].node] = true;
    }
    for (uint32_t node = 0; node < facts->node_count; node++) {
        uint8_t to = nearest(facts, node, maps->has_cpus);
        maps->memory_to[node] = to;
        if (node_granules[node] == 0) {
            continue;
        }
        maps->has_memory[to] = true;
        if (to != node) {
            boot_warn(warnings, BOOT_WARN_NODE_WITHOUT_CPUS, node, to);
        }
    }
}

/* False if no node has memory. */
static bool map_cpus(const struct boot_facts *facts, struct node_maps *maps,
                     struct boot_warnings *warnings)
{
    for (uint32_t node = 0; node < facts->node_count; node++) {
        uint8_t to = nearest(facts, node, maps->has_memory);
        if (to == NODE_NONE) {
            return false;
        }
        maps->cpus_to[node] = to;
        if (maps->has_cpus[node] && to != node) {
            boot_warn(warnings, BOOT_WARN_NODE_WITHOUT_MEMORY, node, to);
        }
    }
    return true;
}

static uint32_t key_of(const struct boot_cpu *cpu, const struct node_maps *maps,
                       enum boot_policy policy, uint32_t package_shift)
{
    switch (policy) {
    case BOOT_POLICY_NUMA:
        return maps->cpus_to[cpu->node];
    case BOOT_POLICY_PACKAGE:
        return cpu->apic_id >> package_shift;
    case BOOT_POLICY_CORE:
        return cpu->apic_id;
    case BOOT_POLICY_SINGLE:
        break;
    }
    return 0;
}

static uint32_t boot_cpu_index(const struct boot_facts *facts)
{
    uint32_t index = 0;
    while (index + 1 < facts->cpu_count && !facts->cpus[index].is_boot) {
        index++;
    }
    return index;
}

/* Puts one processor into the cluster of its key, which is a new one if the key is new. */
static void add_cpu(const struct boot_facts *facts, uint32_t index, uint32_t key,
                    const struct node_maps *maps, uint32_t keys[TOPOLOGY_MAX_CLUSTERS],
                    struct topology *out)
{
    uint8_t node = maps->cpus_to[facts->cpus[index].node];
    uint32_t c = 0;
    while (c < out->cluster_count && keys[c] != key) {
        c++;
    }
    struct topology_cluster *cluster = &out->clusters[c];
    if (c == out->cluster_count) {
        keys[c] = key;
        cluster->home_node = node;
        out->cluster_count++;
    }
    cluster->cpus[cluster->cpu_count++] = (uint8_t)index;
    out->node_sharers[node] |= 1ull << c;
}

/* The boot processor first, then by APIC id, which is the order in the facts. */
static void group_cpus(const struct boot_facts *facts, const struct node_maps *maps,
                       enum boot_policy policy, uint32_t package_shift, struct topology *out)
{
    uint32_t keys[TOPOLOGY_MAX_CLUSTERS] = {0};
    uint32_t boot = boot_cpu_index(facts);
    for (uint32_t turn = 0; turn < facts->cpu_count; turn++) {
        uint32_t index = turn == 0 ? boot : turn - (turn <= boot ? 1 : 0);
        uint32_t key = key_of(&facts->cpus[index], maps, policy, package_shift);
        add_cpu(facts, index, key, maps, keys, out);
    }
}

/* Memory that was given to another node is shared by that node's sharers. A receiver without own
 * memory counts as having memory, so it has sharers. */
static void share_given_memory(const struct boot_facts *facts, const struct node_maps *maps,
                               struct topology *out)
{
    for (uint32_t node = 0; node < facts->node_count; node++) {
        if (maps->memory_to[node] != node) {
            out->node_sharers[node] = out->node_sharers[maps->memory_to[node]];
        }
    }
}

static void set_distances(const struct boot_facts *facts, struct topology *out)
{
    for (uint32_t from = 0; from < out->cluster_count; from++) {
        for (uint32_t to = 0; to < out->cluster_count; to++) {
            out->distance[from][to] =
                facts->distance[out->clusters[from].home_node][out->clusters[to].home_node];
        }
    }
}

/* CPUID against SRAT: one warning for each package that is found in a second node. */
static void check_packages(const struct boot_facts *facts, uint32_t package_shift,
                           struct boot_warnings *warnings)
{
    for (uint32_t i = 1; i < facts->cpu_count; i++) {
        const struct boot_cpu *cpu = &facts->cpus[i];
        const struct boot_cpu *previous = &facts->cpus[i - 1];
        uint32_t package = cpu->apic_id >> package_shift;
        if (previous->apic_id >> package_shift == package && previous->node != cpu->node) {
            boot_warn(warnings, BOOT_WARN_PACKAGE_SPLIT, package, cpu->node);
        }
    }
}

enum boot_err topology_build(const struct boot_facts *facts, enum boot_policy policy,
                             uint32_t package_shift, struct topology *out,
                             struct boot_problem *problem)
{
    struct node_maps maps = {0};
    bool has_shift = package_shift < TOPOLOGY_SHIFT_UNKNOWN;
    memset(out, 0, sizeof *out);
    if (policy == BOOT_POLICY_PACKAGE && !has_shift) {
        return boot_fail(problem, BOOT_E_PACKAGE_SHIFT, "clusters=package", package_shift);
    }
    map_memory(facts, &maps, &out->warnings);
    if (!map_cpus(facts, &maps, &out->warnings)) {
        return boot_fail(problem, BOOT_E_NO_MEMORY, "topology", 0);
    }
    if (has_shift) {
        check_packages(facts, package_shift, &out->warnings);
    }
    group_cpus(facts, &maps, policy, package_shift, out);
    share_given_memory(facts, &maps, out);
    set_distances(facts, out);
    return BOOT_OK;
}
