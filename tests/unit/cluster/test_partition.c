/* SPDX-License-Identifier: MIT */
/* The division of memory: examples, and random machines against D1 to D4 granule by granule. */
#include "unit.h"

#include <cluster/granule.h>
#include <cluster/partition.h>

#include <stdlib.h>
#include <string.h>

#define MIB     (1ull << 20)
#define GRANULE GRANULE_BYTES

struct fixture {
    struct boot_facts facts;
    struct topology topology;
    struct partition partition;
    struct boot_problem problem;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void add_range(struct fixture *f, uint64_t base, uint64_t bytes, enum boot_mem_kind kind)
{
    f->facts.ranges[f->facts.range_count++] =
        (struct boot_range){.base = base, .bytes = bytes, .kind = kind};
}

static void add_node_range(struct fixture *f, uint64_t base, uint64_t bytes, uint8_t node)
{
    f->facts.node_ranges[f->facts.node_range_count++] =
        (struct boot_node_range){.base = base, .bytes = bytes, .node = node};
    if (node >= f->facts.node_count) {
        f->facts.node_count = node + 1u;
    }
}

static enum boot_err build(struct fixture *f, uint64_t min_bytes)
{
    return partition_build(&f->facts, &f->topology, min_bytes, &f->partition, &f->problem);
}

static void assert_run(const struct fixture *f, uint32_t c, uint32_t at, uint64_t base,
                       uint64_t bytes)
{
    const struct partition_cluster *cluster = &f->partition.clusters[c];
    assert_true(at < cluster->run_count);
    assert_true(cluster->runs[at].base == base);
    assert_true(cluster->runs[at].bytes == bytes);
}

/* Two nodes of 2 GiB on q35, the second wholly above 4 GiB; kernel and low memory are taken. */
static void test_partition_build__q35(void **state)
{
    struct fixture *f = *state;
    add_range(f, 0, 0x180000, BOOT_MEM_TAKEN);
    add_range(f, 0x180000, 0x7fdfff00, BOOT_MEM_USABLE);
    add_range(f, 0x7ffdf000, 0x21000, BOOT_MEM_RESERVED);
    add_range(f, 0x100000000, 0x80000000, BOOT_MEM_USABLE);
    add_node_range(f, 0, 0xa0000, 0);
    add_node_range(f, 0x100000, 0x7ff00000, 0);
    add_node_range(f, 0x100000000, 0x80000000, 1);
    f->topology.cluster_count = 2;
    f->topology.node_sharers[0] = 1;
    f->topology.node_sharers[1] = 2;
    assert_int_equal(build(f, 8 * MIB), BOOT_OK);
    assert_int_equal(f->partition.clusters[0].run_count, 1);
    assert_run(f, 0, 0, 2 * MIB, 0x7fc00000);
    assert_int_equal(f->partition.clusters[1].run_count, 1);
    assert_run(f, 1, 0, 0x100000000, 0x80000000);
    assert_true(f->partition.lost_bytes == 0x80000 + 0x17ff00);
}

static void test_partition_build__even_shares_in_order(void **state)
{
    struct fixture *f = *state;
    add_range(f, 0, 5 * GRANULE, BOOT_MEM_USABLE);
    add_range(f, 10 * GRANULE, 6 * GRANULE, BOOT_MEM_USABLE);
    f->topology.cluster_count = 3;
    f->topology.node_sharers[0] = 7;
    assert_int_equal(build(f, 0), BOOT_OK);
    assert_run(f, 0, 0, 0, 4 * GRANULE);
    assert_run(f, 1, 0, 4 * GRANULE, GRANULE);
    assert_run(f, 1, 1, 10 * GRANULE, 3 * GRANULE);
    assert_run(f, 2, 0, 13 * GRANULE, 3 * GRANULE);
    assert_true(f->partition.clusters[1].bytes == 4 * GRANULE);
    assert_true(f->partition.lost_bytes == 0);
}

static void test_partition_build__fewer_granules_than_sharers(void **state)
{
    struct fixture *f = *state;
    add_range(f, 0, 2 * GRANULE, BOOT_MEM_USABLE);
    f->topology.cluster_count = 3;
    f->topology.node_sharers[0] = 7;
    assert_int_equal(build(f, 0), BOOT_OK);
    assert_true(f->partition.clusters[2].bytes == 0);
    assert_int_equal(build(f, 1), BOOT_E_CLUSTER_MEMORY);
    assert_true(f->problem.detail == 2);
}

static void test_partition_build__least_memory(void **state)
{
    struct fixture *f = *state;
    add_range(f, 0, 4 * GRANULE, BOOT_MEM_USABLE);
    f->topology.cluster_count = 1;
    f->topology.node_sharers[0] = 1;
    assert_int_equal(build(f, 4 * GRANULE), BOOT_OK);
    assert_int_equal(build(f, 4 * GRANULE + 1), BOOT_E_CLUSTER_MEMORY);
    assert_true(f->problem.detail == 0);
}

static void test_partition_build__granule_across_nodes_goes_to_the_first(void **state)
{
    struct fixture *f = *state;
    add_range(f, 0, 4 * GRANULE, BOOT_MEM_USABLE);
    add_node_range(f, 0, GRANULE + 4096, 0);
    add_node_range(f, GRANULE + 4096, 3 * GRANULE - 4096, 1);
    f->topology.cluster_count = 2;
    f->topology.node_sharers[0] = 1;
    f->topology.node_sharers[1] = 2;
    assert_int_equal(build(f, 0), BOOT_OK);
    assert_run(f, 0, 0, 0, 2 * GRANULE);
    assert_run(f, 1, 0, 2 * GRANULE, 2 * GRANULE);
}

static void test_partition_build__too_many_runs(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < PARTITION_MAX_RUNS; i++) {
        add_range(f, 2 * i * GRANULE, GRANULE, BOOT_MEM_USABLE);
    }
    f->topology.cluster_count = 1;
    f->topology.node_sharers[0] = 1;
    assert_int_equal(build(f, 0), BOOT_OK);
    add_range(f, 1000 * GRANULE, GRANULE, BOOT_MEM_USABLE);
    assert_int_equal(build(f, 0), BOOT_E_TOO_MANY_RUNS);
}

static void test_granule_next__end_of_the_address_space(void **state)
{
    struct fixture *f = *state;
    struct granule_stretch stretch;
    add_range(f, UINT64_MAX - 3 * GRANULE, 3 * GRANULE, BOOT_MEM_USABLE);
    assert_true(granule_next(&f->facts, 0, &stretch));
    assert_true(stretch.count == 2);
    assert_false(granule_next(&f->facts, stretch.first + stretch.count, &stretch));
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

enum { MODEL_GRANULES = 128, MODEL_NODES = 4, MODEL_CLUSTERS = 6 };

/* Ranges and nodes begin and end at odd places between 0 and MODEL_GRANULES granules. */
static void make_random(struct fixture *f, uint32_t *seed)
{
    const uint64_t step = GRANULE / 4;
    uint64_t end = MODEL_GRANULES * GRANULE;
    memset(f, 0, sizeof *f);
    for (uint64_t at = 0; at < end && f->facts.range_count < 20;) {
        uint64_t bytes = (1 + next_random(seed) % 60) * step;
        bytes = bytes > end - at ? end - at : bytes;
        add_range(f, at, bytes, next_random(seed) % 3 == 0 ? BOOT_MEM_RESERVED : BOOT_MEM_USABLE);
        at += bytes + next_random(seed) % 3 * step;
    }
    for (uint64_t at = 0; at < end;) {
        uint64_t bytes = (1 + next_random(seed) % 200) * step;
        bytes = bytes > end - at ? end - at : bytes;
        add_node_range(f, at, bytes, (uint8_t)(next_random(seed) % MODEL_NODES));
        at += bytes + next_random(seed) % 2 * step;
    }
    f->topology.cluster_count = MODEL_CLUSTERS;
    for (uint32_t node = 0; node < MODEL_NODES; node++) {
        f->topology.node_sharers[node] = 1 + next_random(seed) % ((1u << MODEL_CLUSTERS) - 1);
    }
}

static bool is_free(const struct boot_facts *facts, uint64_t granule)
{
    /* Every quarter lies in one range or none, and all of them must be usable. */
    for (uint64_t quarter = 0; quarter < 4; quarter++) {
        if (facts_usable_bytes(facts, granule * GRANULE + quarter * GRANULE / 4, GRANULE / 4) !=
            GRANULE / 4) {
            return false;
        }
    }
    /* In one range: touching ranges of one kind do not occur in clean facts, but do here. */
    for (uint32_t i = 0; i < facts->range_count; i++) {
        if (facts->ranges[i].base > granule * GRANULE &&
            facts->ranges[i].base < (granule + 1) * GRANULE) {
            return false;
        }
    }
    return true;
}

static uint32_t owners_of(const struct partition *partition, uint64_t granule, uint32_t *owner)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < TOPOLOGY_MAX_CLUSTERS; c++) {
        for (uint32_t r = 0; r < partition->clusters[c].run_count; r++) {
            const struct partition_run *run = &partition->clusters[c].runs[r];
            if (granule * GRANULE >= run->base && granule * GRANULE < run->base + run->bytes) {
                *owner = c;
                count++;
            }
        }
    }
    return count;
}

static void check_owners(const struct fixture *f, uint64_t dealt[MODEL_NODES][MODEL_CLUSTERS])
{
    uint64_t owned = 0;
    for (uint64_t granule = 0; granule < MODEL_GRANULES; granule++) {
        uint32_t owner = 0;
        uint32_t owners = owners_of(&f->partition, granule, &owner);
        assert_int_equal(owners, is_free(&f->facts, granule) ? 1 : 0);
        if (owners == 0) {
            continue;
        }
        uint8_t node = facts_node_at(&f->facts, granule * GRANULE).node;
        assert_true((f->topology.node_sharers[node] >> owner & 1) == 1);
        dealt[node][owner]++;
        owned += GRANULE;
    }
    assert_true(owned + f->partition.lost_bytes ==
                facts_usable_bytes(&f->facts, 0, MODEL_GRANULES * GRANULE));
}

static void check_shares(const struct fixture *f, uint64_t dealt[MODEL_NODES][MODEL_CLUSTERS])
{
    for (uint32_t node = 0; node < MODEL_NODES; node++) {
        uint64_t least = UINT64_MAX;
        uint64_t most = 0;
        for (uint32_t c = 0; c < MODEL_CLUSTERS; c++) {
            if ((f->topology.node_sharers[node] >> c & 1) == 0) {
                continue;
            }
            least = dealt[node][c] < least ? dealt[node][c] : least;
            most = dealt[node][c] > most ? dealt[node][c] : most;
        }
        assert_true(most - least <= 1);
    }
}

static void check_runs(const struct partition *partition)
{
    for (uint32_t c = 0; c < TOPOLOGY_MAX_CLUSTERS; c++) {
        const struct partition_cluster *cluster = &partition->clusters[c];
        uint64_t bytes = 0;
        for (uint32_t r = 0; r < cluster->run_count; r++) {
            const struct partition_run *run = &cluster->runs[r];
            assert_true(run->bytes > 0);
            assert_true(run->base % GRANULE == 0 && run->bytes % GRANULE == 0);
            assert_true(r == 0 || run[-1].base + run[-1].bytes < run->base);
            bytes += run->bytes;
        }
        assert_true(bytes == cluster->bytes);
    }
}

static void test_partition_build__random_machines(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = 4711;
    for (uint32_t round = 0; round < 500; round++) {
        uint64_t dealt[MODEL_NODES][MODEL_CLUSTERS] = {{0}};
        make_random(f, &seed);
        assert_int_equal(build(f, 0), BOOT_OK);
        check_owners(f, dealt);
        check_shares(f, dealt);
        check_runs(&f->partition);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_partition_build__q35),
        TEST(test_partition_build__even_shares_in_order),
        TEST(test_partition_build__fewer_granules_than_sharers),
        TEST(test_partition_build__least_memory),
        TEST(test_partition_build__granule_across_nodes_goes_to_the_first),
        TEST(test_partition_build__too_many_runs),
        TEST(test_granule_next__end_of_the_address_space),
        TEST(test_partition_build__random_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
