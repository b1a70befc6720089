/* SPDX-License-Identifier: MIT */
/* Grouping of processors into clusters, by every policy, on machines described by hand. */
#include "unit.h"

#include <cluster/topology.h>

#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)

struct fixture {
    struct boot_facts facts;
    struct topology topology;
    struct boot_problem problem;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    facts_init(&f->facts);
    memset(f->facts.distance, 20, sizeof f->facts.distance);
    for (uint32_t node = 0; node < BOOT_MAX_NODES; node++) {
        f->facts.distance[node][node] = 10;
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* Nodes are given in order; each gets `mib` of memory behind that of the node before. */
static void add_node(struct fixture *f, uint64_t mib)
{
    uint8_t node = (uint8_t)f->facts.node_count++;
    uint64_t base = node * 1024 * MIB;
    if (mib == 0) {
        return;
    }
    f->facts.ranges[f->facts.range_count++] =
        (struct boot_range){.base = base, .bytes = mib * MIB, .kind = BOOT_MEM_USABLE};
    f->facts.node_ranges[f->facts.node_range_count++] =
        (struct boot_node_range){.base = base, .bytes = mib * MIB, .node = node};
}

static void add_cpu(struct fixture *f, uint32_t apic_id, uint8_t node)
{
    uint32_t index = f->facts.cpu_count++;
    f->facts.cpus[index] =
        (struct boot_cpu){.apic_id = apic_id, .node = node, .is_boot = index == 0};
}

static void set_distance(struct fixture *f, uint32_t one, uint32_t other, uint8_t distance)
{
    f->facts.distance[one][other] = distance;
    f->facts.distance[other][one] = distance;
}

/* `-smp 6,sockets=2,cores=3`, a node per socket. */
static void make_2x3(struct fixture *f)
{
    static const uint32_t ids[] = {0, 1, 2, 4, 5, 6};
    add_node(f, 64);
    add_node(f, 64);
    for (uint32_t i = 0; i < 6; i++) {
        add_cpu(f, ids[i], i < 3 ? 0 : 1);
    }
}

static enum boot_err build(struct fixture *f, enum boot_policy policy, uint32_t shift)
{
    return topology_build(&f->facts, policy, shift, &f->topology, &f->problem);
}

/* T1 and T2 hold for every topology. */
static void check_invariants(const struct fixture *f)
{
    const struct topology *t = &f->topology;
    uint64_t seen = 0;
    uint32_t count = 0;
    for (uint32_t c = 0; c < t->cluster_count; c++) {
        assert_true(t->clusters[c].cpu_count > 0);
        for (uint32_t i = 0; i < t->clusters[c].cpu_count; i++) {
            uint64_t bit = 1ull << t->clusters[c].cpus[i];
            assert_true((seen & bit) == 0);
            seen |= bit;
            count++;
        }
    }
    assert_int_equal(count, f->facts.cpu_count);
    assert_true(f->facts.cpus[t->clusters[0].cpus[0]].is_boot);
    for (uint32_t i = 0; i < f->facts.node_range_count; i++) {
        uint64_t sharers = t->node_sharers[f->facts.node_ranges[i].node];
        assert_true(sharers != 0);
        assert_true(t->cluster_count == 64 || sharers >> t->cluster_count == 0);
    }
}

static void assert_cluster(const struct fixture *f, uint32_t c, uint32_t cpu_count,
                           uint32_t first_apic_id, uint8_t home_node)
{
    const struct topology_cluster *cluster = &f->topology.clusters[c];
    assert_true(c < f->topology.cluster_count);
    assert_int_equal(cluster->cpu_count, cpu_count);
    assert_int_equal(f->facts.cpus[cluster->cpus[0]].apic_id, first_apic_id);
    assert_int_equal(cluster->home_node, home_node);
}

static void assert_warning(const struct fixture *f, uint32_t at, enum boot_warning_kind kind,
                           uint64_t a, uint64_t b)
{
    const struct boot_warnings *warnings = &f->topology.warnings;
    assert_true(at < warnings->count);
    assert_int_equal(warnings->items[at].kind, kind);
    assert_true(warnings->items[at].a == a && warnings->items[at].b == b);
}

static void test_topology_build__numa(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    set_distance(f, 0, 1, 31);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 2), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 2);
    assert_cluster(f, 0, 3, 0, 0);
    assert_cluster(f, 1, 3, 4, 1);
    assert_true(f->topology.node_sharers[0] == 1 && f->topology.node_sharers[1] == 2);
    assert_int_equal(f->topology.distance[0][0], 10);
    assert_int_equal(f->topology.distance[0][1], 31);
    assert_int_equal(f->topology.warnings.count, 0);
}

static void test_topology_build__single(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    assert_int_equal(build(f, BOOT_POLICY_SINGLE, TOPOLOGY_SHIFT_UNKNOWN), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 1);
    assert_cluster(f, 0, 6, 0, 0);
    assert_true(f->topology.node_sharers[0] == 1 && f->topology.node_sharers[1] == 1);
}

static void test_topology_build__core(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    assert_int_equal(build(f, BOOT_POLICY_CORE, TOPOLOGY_SHIFT_UNKNOWN), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 6);
    assert_cluster(f, 3, 1, 4, 1);
    assert_true(f->topology.node_sharers[0] == 7 && f->topology.node_sharers[1] == 070);
    assert_int_equal(f->topology.distance[0][2], 10);
    assert_int_equal(f->topology.distance[0][3], 20);
}

static void test_topology_build__package_on_one_node(void **state)
{
    struct fixture *f = *state;
    add_node(f, 64);
    for (uint32_t i = 0; i < 4; i++) {
        add_cpu(f, i, 0);
    }
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, 1), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 2);
    assert_cluster(f, 1, 2, 2, 0);
    assert_true(f->topology.node_sharers[0] == 3);
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, 0), BOOT_OK);
    assert_int_equal(f->topology.cluster_count, 4);
}

static void test_topology_build__package_over_two_nodes(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, 3), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 1);
    assert_true(f->topology.node_sharers[0] == 1 && f->topology.node_sharers[1] == 1);
    assert_int_equal(f->topology.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_PACKAGE_SPLIT, 0, 1);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 3), BOOT_OK);
    assert_int_equal(f->topology.cluster_count, 2);
    assert_warning(f, 0, BOOT_WARN_PACKAGE_SPLIT, 0, 1);
}

static void test_topology_build__package_needs_cpuid(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, TOPOLOGY_SHIFT_UNKNOWN), BOOT_E_PACKAGE_SHIFT);
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, UINT32_MAX), BOOT_E_PACKAGE_SHIFT);
    assert_int_equal(build(f, BOOT_POLICY_PACKAGE, 31), BOOT_OK);
}

static void test_topology_build__node_without_memory(void **state)
{
    struct fixture *f = *state;
    add_node(f, 64);
    add_node(f, 0);
    add_node(f, 64);
    for (uint8_t node = 0; node < 3; node++) {
        add_cpu(f, node, node);
    }
    set_distance(f, 1, 2, 15);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 2);
    assert_cluster(f, 0, 1, 0, 0);
    assert_cluster(f, 1, 2, 1, 2);
    assert_int_equal(f->topology.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_NODE_WITHOUT_MEMORY, 1, 2);
    set_distance(f, 1, 2, 20); /* equally near: the lower number */
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    assert_warning(f, 0, BOOT_WARN_NODE_WITHOUT_MEMORY, 1, 0);
    assert_int_equal(build(f, BOOT_POLICY_CORE, 0), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 3);
    assert_true(f->topology.node_sharers[0] == 3 && f->topology.node_sharers[2] == 4);
}

static void test_topology_build__boot_node_without_memory(void **state)
{
    struct fixture *f = *state;
    add_node(f, 0);
    add_node(f, 64);
    add_cpu(f, 0, 0);
    add_cpu(f, 1, 1);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 1);
    assert_cluster(f, 0, 2, 0, 1);
}

static void test_topology_build__node_without_cpus(void **state)
{
    struct fixture *f = *state;
    add_node(f, 64);
    add_node(f, 64);
    add_node(f, 64);
    add_cpu(f, 0, 0);
    add_cpu(f, 1, 2);
    set_distance(f, 1, 2, 12);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    check_invariants(f);
    assert_true(f->topology.node_sharers[0] == 1);
    assert_true(f->topology.node_sharers[1] == 2 && f->topology.node_sharers[2] == 2);
    assert_int_equal(f->topology.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_NODE_WITHOUT_CPUS, 1, 2);
}

/* Processors in one node, memory in the other: together they make a cluster. */
static void test_topology_build__memory_and_cpus_apart(void **state)
{
    struct fixture *f = *state;
    add_node(f, 0);
    add_node(f, 64);
    add_cpu(f, 0, 0);
    add_cpu(f, 1, 0);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 1);
    assert_cluster(f, 0, 2, 0, 0);
    assert_true(f->topology.node_sharers[1] == 1);
    assert_int_equal(f->topology.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_NODE_WITHOUT_CPUS, 1, 0);
}

static void test_topology_build__no_whole_granule(void **state)
{
    struct fixture *f = *state;
    add_node(f, 1);
    add_cpu(f, 0, 0);
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_E_NO_MEMORY);
    assert_int_equal(build(f, BOOT_POLICY_SINGLE, 0), BOOT_E_NO_MEMORY);
}

static void test_topology_build__boot_cpu_is_not_the_lowest(void **state)
{
    struct fixture *f = *state;
    make_2x3(f);
    f->facts.cpus[0].is_boot = false;
    f->facts.cpus[4].is_boot = true;
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 2), BOOT_OK);
    check_invariants(f);
    assert_cluster(f, 0, 3, 5, 1);
    assert_int_equal(f->facts.cpus[f->topology.clusters[0].cpus[1]].apic_id, 4);
    assert_cluster(f, 1, 3, 0, 0);
}

static void test_topology_build__most_clusters(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < BOOT_MAX_CPUS; i++) {
        add_node(f, 2);
        add_cpu(f, i * 3, (uint8_t)i);
    }
    assert_int_equal(build(f, BOOT_POLICY_NUMA, 0), BOOT_OK);
    check_invariants(f);
    assert_int_equal(f->topology.cluster_count, 64);
    assert_true(f->topology.node_sharers[63] == 1ull << 63);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_topology_build__numa),
        TEST(test_topology_build__single),
        TEST(test_topology_build__core),
        TEST(test_topology_build__package_on_one_node),
        TEST(test_topology_build__package_over_two_nodes),
        TEST(test_topology_build__package_needs_cpuid),
        TEST(test_topology_build__node_without_memory),
        TEST(test_topology_build__boot_node_without_memory),
        TEST(test_topology_build__node_without_cpus),
        TEST(test_topology_build__memory_and_cpus_apart),
        TEST(test_topology_build__no_whole_granule),
        TEST(test_topology_build__boot_cpu_is_not_the_lowest),
        TEST(test_topology_build__most_clusters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
