/* SPDX-License-Identifier: MIT */
/* The SRAT and SLIT parsers on single tables, with four processors and 1 GiB. */
#include "unit.h"

#include "acpi_build.h"

#include <kernel/boot/memmap.h>

#include <stdlib.h>

#define MIB (1ull << 20)

struct fixture {
    struct fake_phys phys;
    struct table_build table;
    struct boot_facts facts;
    struct boot_problem problem;
};

static void reset_facts(struct fixture *f)
{
    facts_init(&f->facts);
    f->facts.firmware_map[0] =
        (struct boot_range){.base = 0, .bytes = 1024 * MIB, .kind = BOOT_MEM_USABLE};
    f->facts.firmware_map_count = 1;
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_OK);
    f->facts.cpu_count = 4;
    for (uint32_t i = 0; i < 4; i++) {
        f->facts.cpus[i] = (struct boot_cpu){.apic_id = 2 * i, .is_boot = i == 0};
    }
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fake_phys_init(&f->phys);
    reset_facts(f);
    srat_begin(&f->table);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fake_phys_fini(&f->phys);
    free(f);
    return 0;
}

static enum boot_err parse(struct fixture *f)
{
    table_finish(&f->table);
    struct acpi_table view = table_view(&f->phys, &f->table);
    reset_facts(f);
    return srat_parse(&view, &f->facts, &f->problem);
}

static void put_cpus(struct fixture *f, uint32_t low_domain, uint32_t high_domain)
{
    for (uint8_t i = 0; i < 4; i++) {
        srat_cpu(&f->table, (uint8_t)(2 * i), i < 2 ? low_domain : high_domain, ENTRY_ENABLED);
    }
}

static void assert_warning(const struct fixture *f, uint32_t at, enum boot_warning_kind kind,
                           uint64_t a, uint64_t b)
{
    assert_true(at < f->facts.warnings.count);
    assert_int_equal(f->facts.warnings.items[at].kind, kind);
    assert_true(f->facts.warnings.items[at].a == a);
    assert_true(f->facts.warnings.items[at].b == b);
}

static void test_srat_parse__sparse_domains_become_dense(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0x80000001u, 7);
    srat_memory(&f->table, 0x80000001u, 0, 512 * MIB, ENTRY_ENABLED);
    srat_memory(&f->table, 7, 512 * MIB, 512 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, 2);
    assert_true(f->facts.node_domain[0] == 7 && f->facts.node_domain[1] == 0x80000001u);
    assert_int_equal(f->facts.cpus[0].node, 1);
    assert_int_equal(f->facts.cpus[3].node, 0);
    assert_int_equal(facts_node_at(&f->facts, 0).node, 1);
    assert_int_equal(facts_node_at(&f->facts, 512 * MIB).node, 0);
    assert_int_equal(f->facts.warnings.count, 0);
}

static void test_srat_parse__old_revision_has_byte_domains(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0xabcdef01u, 0x12345602u);
    srat_memory(&f->table, 0xffffff01u, 0, 1024 * MIB, ENTRY_ENABLED);
    f->table.bytes[8] = 1;
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, 2);
    assert_true(f->facts.node_domain[0] == 1 && f->facts.node_domain[1] == 2);
}

static void test_srat_parse__x2apic_entries(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < 4; i++) {
        srat_x2apic(&f->table, 2 * i, 5 + i % 2, ENTRY_ENABLED);
    }
    srat_memory(&f->table, 5, 0, 1024 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.cpus[2].node, 0);
    assert_int_equal(f->facts.cpus[3].node, 1);
}

static void test_srat_parse__cpu_without_entry_goes_to_node_0(void **state)
{
    struct fixture *f = *state;
    srat_cpu(&f->table, 0, 3, ENTRY_ENABLED);
    srat_cpu(&f->table, 2, 4, ENTRY_ENABLED);
    srat_cpu(&f->table, 4, 4, ENTRY_ENABLED);
    srat_cpu(&f->table, 6, 4, ENTRY_DISABLED);
    srat_memory(&f->table, 3, 0, 1024 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.cpus[3].node, 0);
    assert_int_equal(f->facts.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_CPU_WITHOUT_NODE, 6, 0);
}

static void test_srat_parse__unknown_cpu_makes_no_node(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 0);
    srat_cpu(&f->table, 99, 8, ENTRY_ENABLED);
    srat_memory(&f->table, 0, 0, 1024 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, 1);
    assert_int_equal(f->facts.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_SRAT_UNKNOWN_CPU, 99, 8);
}

static void test_srat_parse__empty_table(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, 1);
    assert_int_equal(f->facts.cpus[3].node, 0);
    assert_int_equal(f->facts.warnings.count, 5);
    assert_warning(f, 4, BOOT_WARN_MEMORY_WITHOUT_NODE, 0, 1024 * MIB);
}

static void test_srat_parse__memory_in_no_node(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 1);
    srat_memory(&f->table, 0, 0, 100 * MIB, ENTRY_ENABLED);
    srat_memory(&f->table, 1, 200 * MIB, 800 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.warnings.count, 1);
    assert_warning(f, 0, BOOT_WARN_MEMORY_WITHOUT_NODE, 100 * MIB, 124 * MIB);
    struct facts_node_span span = facts_node_at(&f->facts, 150 * MIB);
    assert_int_equal(span.node, 0);
    assert_false(span.is_listed);
    assert_true(span.end == 200 * MIB);
}

static void test_srat_parse__hot_pluggable(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 0);
    srat_memory(&f->table, 0, 0, 512 * MIB, ENTRY_ENABLED);
    srat_memory(&f->table, 1, 512 * MIB, 512 * MIB, ENTRY_ENABLED | ENTRY_HOT_PLUGGABLE);
    srat_memory(&f->table, 2, 4096 * MIB, 512 * MIB, ENTRY_ENABLED | ENTRY_HOT_PLUGGABLE);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, 2);
    assert_int_equal(f->facts.node_range_count, 2);
}

static void test_srat_parse__cpu_in_two_nodes(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 1);
    srat_cpu(&f->table, 2, 0, ENTRY_ENABLED);
    srat_memory(&f->table, 0, 0, 1024 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK); /* the same node again is harmless */
    srat_cpu(&f->table, 4, 0, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_E_CPU_NODE);
    assert_true(f->problem.detail == 4);
}

static void test_srat_parse__overlap_of_two_nodes(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 1);
    srat_memory(&f->table, 0, 0, 512 * MIB, ENTRY_ENABLED);
    srat_memory(&f->table, 0, 256 * MIB, 512 * MIB, ENTRY_ENABLED);
    srat_memory(&f->table, 1, 768 * MIB, 256 * MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_OK); /* touching, and overlap inside a node */
    srat_memory(&f->table, 1, 768 * MIB - 1, 1, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_E_OVERLAP);
    assert_true(f->problem.detail == 768 * MIB - 1);
}

static void test_srat_parse__range_overflow(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 0);
    srat_memory(&f->table, 0, UINT64_MAX - 10, 11, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_E_RANGE_OVERFLOW);
    srat_begin(&f->table);
    srat_memory(&f->table, 0, UINT64_MAX - 10, 20, ENTRY_ENABLED | ENTRY_HOT_PLUGGABLE);
    assert_int_equal(parse(f), BOOT_E_RANGE_OVERFLOW);
}

static void test_srat_parse__too_many_nodes(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < BOOT_MAX_NODES; i++) {
        srat_memory(&f->table, 1000 - i, i * MIB, MIB, ENTRY_ENABLED);
    }
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.node_count, BOOT_MAX_NODES);
    srat_memory(&f->table, 5, 512 * MIB, MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_NODES);
}

static void test_srat_parse__too_many_ranges(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < BOOT_MAX_NODE_RANGES; i++) {
        srat_memory(&f->table, 0, i * MIB, MIB, ENTRY_ENABLED);
    }
    assert_int_equal(parse(f), BOOT_OK);
    srat_memory(&f->table, 0, 512 * MIB, MIB, ENTRY_ENABLED);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_NODE_RANGES);
}

static void test_srat_parse__entry_lengths(void **state)
{
    struct fixture *f = *state;
    static const uint8_t entries[][2] = {{0, 15}, {1, 39}, {2, 23}, {9, 0}, {9, 1}};
    const uint8_t padding[64] = {0};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        srat_begin(&f->table);
        table_put(&f->table, entries[i], 2);
        table_put(&f->table, padding, sizeof padding);
        assert_int_equal(parse(f), BOOT_E_ENTRY_LENGTH);
        assert_true(f->problem.detail == 48);
    }
}

static void test_srat_parse__cut_at_every_length(void **state)
{
    struct fixture *f = *state;
    put_cpus(f, 0, 1);
    struct table_build whole = f->table;
    for (size_t length = ACPI_HEADER_BYTES; length < whole.length; length++) {
        f->table = whole;
        f->table.length = length;
        enum boot_err err = parse(f);
        if (length < 48) {
            assert_int_equal(err, BOOT_E_TABLE_LENGTH);
        } else {
            assert_int_equal(err, (length - 48) % 16 == 0 ? BOOT_OK : BOOT_E_TRUNCATED);
        }
    }
}

static void set_nodes(struct fixture *f, uint32_t first, uint32_t second, uint32_t third)
{
    f->facts.node_count = 3;
    f->facts.node_domain[0] = first;
    f->facts.node_domain[1] = second;
    f->facts.node_domain[2] = third;
}

static enum boot_err parse_slit(struct fixture *f)
{
    struct acpi_table view = table_view(&f->phys, &f->table);
    return slit_parse(&view, &f->facts, &f->problem);
}

static void test_slit_parse__rows_by_domain(void **state)
{
    static const uint8_t matrix[16] = {10, 99, 12, 13, 99, 10, 99, 99,
                                       21, 99, 10, 23, 31, 99, 32, 10};
    struct fixture *f = *state;
    set_nodes(f, 0, 2, 3);
    slit_make(&f->table, 4, matrix);
    assert_int_equal(parse_slit(f), BOOT_OK);
    assert_int_equal(f->facts.distance[0][1], 12);
    assert_int_equal(f->facts.distance[1][0], 21);
    assert_int_equal(f->facts.distance[2][1], 32);
    assert_int_equal(f->facts.distance[2][2], 10);
    assert_int_equal(f->facts.warnings.count, 0);
}

static void test_slit_parse__domain_beyond_the_matrix(void **state)
{
    static const uint8_t matrix[4] = {10, 15, 15, 10};
    struct fixture *f = *state;
    set_nodes(f, 0, 1, 0xfffffff0u);
    slit_make(&f->table, 2, matrix);
    assert_int_equal(parse_slit(f), BOOT_OK);
    assert_int_equal(f->facts.distance[0][1], 15);
    assert_int_equal(f->facts.distance[0][2], 20);
    assert_int_equal(f->facts.distance[2][2], 10);
    assert_warning(f, 0, BOOT_WARN_SLIT_DOMAIN, 0xfffffff0u, 0);
}

static void test_slit_parse__impossible_values(void **state)
{
    static const uint8_t matrices[][9] = {
        {10, 20, 20, 20, 10, 10, 20, 20, 10},
        {10, 20, 20, 20, 11, 20, 20, 20, 10},
        {10, 20, 20, 20, 10, 0, 20, 20, 10},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < 3; i++) {
        reset_facts(f);
        set_nodes(f, 0, 1, 2);
        slit_make(&f->table, 3, matrices[i]);
        assert_int_equal(parse_slit(f), BOOT_OK);
        assert_int_equal(f->facts.warnings.count, 1);
        assert_int_equal(f->facts.warnings.items[0].kind, BOOT_WARN_SLIT_VALUE);
        assert_int_equal(f->facts.distance[0][1], BOOT_DISTANCE_REMOTE);
        assert_int_equal(f->facts.distance[1][1], BOOT_DISTANCE_LOCAL);
    }
}

static void test_slit_parse__count_and_length(void **state)
{
    static const uint64_t counts[] = {0, 1025, 1ull << 32, (1ull << 32) + 2, UINT64_MAX};
    static const uint8_t matrix[9] = {10, 20, 20, 20, 10, 20, 20, 20, 10};
    struct fixture *f = *state;
    set_nodes(f, 0, 1, 2);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        slit_make(&f->table, 3, matrix);
        memcpy(f->table.bytes + 36, &counts[i], 8);
        assert_int_equal(parse_slit(f), BOOT_E_LOCALITIES);
        assert_true(f->problem.detail == counts[i]);
    }
    slit_make(&f->table, 3, matrix);
    for (size_t length = f->table.length - 1; length >= ACPI_HEADER_BYTES; length--) {
        f->table.length = length;
        assert_int_equal(parse_slit(f), length < 44 ? BOOT_E_TABLE_LENGTH : BOOT_E_TRUNCATED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_srat_parse__sparse_domains_become_dense, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__old_revision_has_byte_domains, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__x2apic_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__cpu_without_entry_goes_to_node_0, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__unknown_cpu_makes_no_node, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__empty_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__memory_in_no_node, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__hot_pluggable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__cpu_in_two_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__overlap_of_two_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__range_overflow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__too_many_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__too_many_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__entry_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_srat_parse__cut_at_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slit_parse__rows_by_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slit_parse__domain_beyond_the_matrix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slit_parse__impossible_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slit_parse__count_and_length, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
