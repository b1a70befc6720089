/* SPDX-License-Identifier: MIT */
/* Finding and checking of ACPI tables, and the whole gathering on a machine like QEMU's q35. */
#include "unit.h"

#include "acpi_build.h"

#include <kernel/boot/corrupt.h>
#include <kernel/boot/memmap.h>

#include <stdlib.h>

struct machine {
    struct fake_phys phys;
    struct table_build madt;
    struct table_build srat;
    struct table_build slit;
    struct boot_facts facts;
    struct boot_problem problem;
};

static void install(struct machine *m, uint8_t revision)
{
    const struct table_build *tables[] = {&m->madt, &m->srat, &m->slit};
    machine_install(&m->phys, revision, tables, 3);
}

static int setup(void **state)
{
    struct machine *m = calloc(1, sizeof *m);
    const struct boot_span kernel = {.base = 0x100000, .bytes = 0x80000};
    fake_phys_init(&m->phys);
    q35_madt(&m->madt);
    q35_srat(&m->srat);
    q35_slit(&m->slit);
    facts_init(&m->facts);
    q35_memmap(&m->facts);
    assert_int_equal(memmap_settle(&m->facts, kernel, &m->problem), BOOT_OK);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct machine *m = *state;
    fake_phys_fini(&m->phys);
    free(m);
    return 0;
}

static enum boot_err gather(struct machine *m, uint32_t boot_apic_id)
{
    enum boot_err err = acpi_read_rsdp(&m->phys.view, MACHINE_RSDP, &m->facts.rsdp, &m->problem);
    if (err == BOOT_OK) {
        err = acpi_gather(&m->phys.view, boot_apic_id, &m->facts, &m->problem);
    }
    return err;
}

static void check_q35(const struct boot_facts *facts)
{
    static const uint32_t ids[] = {0, 1, 2, 4, 5, 6};
    assert_int_equal(facts->cpu_count, 6);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(facts->cpus[i].apic_id, ids[i]);
        assert_int_equal(facts->cpus[i].node, i / 3);
        assert_int_equal(facts->cpus[i].is_boot, i == 0);
    }
    assert_int_equal(facts->node_count, 2);
    assert_int_equal(facts->node_range_count, 3);
    assert_int_equal(facts->node_ranges[2].node, 1);
    assert_true(facts->node_ranges[2].base == 0x100000000);
    assert_int_equal(facts->distance[0][1], 21);
    assert_int_equal(facts->distance[1][1], 10);
    assert_int_equal(facts->ioapic_count, 1);
    assert_true(facts->ioapics[0].paddr == 0xfec00000u);
    assert_true(facts->lapic_paddr == 0xfee00000u);
    assert_int_equal(facts->warnings.count, 0);
}

static void test_acpi_gather__q35_by_rsdt(void **state)
{
    struct machine *m = *state;
    install(m, 0);
    assert_int_equal(gather(m, 0), BOOT_OK);
    check_q35(&m->facts);
}

static void test_acpi_gather__q35_by_xsdt(void **state)
{
    struct machine *m = *state;
    install(m, 2);
    assert_int_equal(gather(m, 0), BOOT_OK);
    check_q35(&m->facts);
}

static void test_acpi_gather__null_root_entry_is_skipped(void **state)
{
    struct machine *m = *state;
    const uint32_t entries[] = {0, MACHINE_TABLES};
    struct table_build root;
    install(m, 0);
    table_begin(&root, "RSDT", 1, 0);
    table_put(&root, entries, sizeof entries);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_OK);
    assert_int_equal(m->facts.cpu_count, 6);
    assert_int_equal(m->facts.node_count, 1);
    assert_int_equal(m->facts.warnings.items[0].kind, BOOT_WARN_NO_SRAT);
    assert_int_equal(m->facts.distance[0][0], 10);
}

static void test_acpi_gather__root_that_lists_itself(void **state)
{
    struct machine *m = *state;
    const uint32_t entries[] = {MACHINE_ROOT, MACHINE_ROOT};
    struct table_build root;
    install(m, 0);
    table_begin(&root, "RSDT", 1, 0);
    table_put(&root, entries, sizeof entries);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_NO_MADT);
}

static void test_acpi_gather__unreadable_root_entry(void **state)
{
    struct machine *m = *state;
    const uint32_t entries[] = {0xdead0000u, MACHINE_TABLES};
    struct table_build root;
    install(m, 0);
    table_begin(&root, "RSDT", 1, 0);
    table_put(&root, entries, sizeof entries);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_UNREADABLE);
    assert_string_equal(m->problem.where, "RSDT");
    assert_true(m->problem.detail == 0xdead0000u);
}

static void test_acpi_open_root__no_rsdp(void **state)
{
    struct machine *m = *state;
    assert_int_equal(acpi_gather(&m->phys.view, 0, &m->facts, &m->problem), BOOT_E_NO_RSDP);
}

static void test_acpi_read_rsdp__unreadable(void **state)
{
    struct machine *m = *state;
    assert_int_equal(gather(m, 0), BOOT_E_UNREADABLE);
    fake_phys_put(&m->phys, MACHINE_RSDP, "RSD PTR ......\0\2....", 20);
    assert_int_equal(gather(m, 0), BOOT_E_UNREADABLE);
}

static void test_acpi_open_root__rsdp_cut_at_every_length(void **state)
{
    struct machine *m = *state;
    for (uint8_t revision = 0; revision <= 2; revision = (uint8_t)(revision + 2)) {
        install(m, revision);
        assert_int_equal(gather(m, 0), BOOT_OK);
        uint32_t whole = m->facts.rsdp.byte_count;
        for (uint32_t bytes = 1; bytes < whole; bytes++) {
            m->facts.rsdp.byte_count = bytes;
            assert_int_equal(acpi_gather(&m->phys.view, 0, &m->facts, &m->problem),
                             BOOT_E_TRUNCATED);
        }
        facts_init(&m->facts);
    }
}

static void test_acpi_open_root__rsdp_any_changed_byte(void **state)
{
    struct machine *m = *state;
    struct acpi_root root;
    install(m, 2);
    assert_int_equal(gather(m, 0), BOOT_OK);
    for (uint32_t at = 0; at < 36; at++) {
        struct boot_rsdp rsdp = m->facts.rsdp;
        rsdp.bytes[at] ^= 0x10;
        enum boot_err err = acpi_open_root(&m->phys.view, &rsdp, &root, &m->problem);
        if (at < 8) {
            assert_int_equal(err, BOOT_E_SIGNATURE);
        } else if (at >= 20 && at < 24) {
            assert_int_equal(err, BOOT_E_TABLE_LENGTH);
        } else {
            assert_int_equal(err, BOOT_E_CHECKSUM);
        }
    }
}

static void test_acpi_find_table__any_changed_byte(void **state)
{
    struct machine *m = *state;
    for (size_t at = 9; at < m->madt.length; at++) {
        m->madt.bytes[at] ^= 0x40;
        install(m, 0);
        facts_init(&m->facts);
        assert_int_equal(gather(m, 0), BOOT_E_CHECKSUM);
        assert_string_equal(m->problem.where, "APIC");
        m->madt.bytes[at] ^= 0x40;
    }
}

static void test_acpi_find_table__length_field(void **state)
{
    struct machine *m = *state;
    static const uint32_t lengths[] = {0, 1, 35, ACPI_MAX_TABLE_BYTES + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memcpy(m->srat.bytes + 4, &lengths[i], 4);
        install(m, 0);
        facts_init(&m->facts);
        assert_int_equal(gather(m, 0), BOOT_E_TABLE_LENGTH);
        assert_string_equal(m->problem.where, "SRAT");
        assert_true(m->problem.detail == lengths[i]);
    }
}

static void test_acpi_find_table__cut_at_every_length(void **state)
{
    struct machine *m = *state;
    size_t whole = m->madt.length;
    for (m->madt.length = 0; m->madt.length < whole; m->madt.length++) {
        install(m, 0);
        facts_init(&m->facts);
        assert_int_equal(gather(m, 0), BOOT_E_UNREADABLE);
    }
}

static void test_acpi_open_root__root_table_faults(void **state)
{
    struct machine *m = *state;
    struct table_build root;
    install(m, 2);
    table_begin(&root, "XSDT", 1, 12);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_TRUNCATED);
    root.bytes[40] ^= 1;
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_CHECKSUM);
    table_begin(&root, "RSDT", 1, 8);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_SIGNATURE);
    assert_string_equal(m->problem.where, "XSDT");
    table_begin(&root, "XSDT", 1, 0);
    table_finish(&root);
    fake_phys_put(&m->phys, MACHINE_ROOT, root.bytes, root.length);
    assert_int_equal(gather(m, 0), BOOT_E_NO_MADT);
}

/* What the boot code does for `corrupt=TABLE:KIND`: copy, spoil, show through an overlay. */
static enum boot_err gather_corrupted(struct machine *m, enum boot_corrupt_table which,
                                      enum boot_corrupt_kind kind)
{
    struct boot_corruption corruption = {.table = which, .kind = kind};
    uint8_t *copy = malloc(BOOT_CORRUPT_BYTES);
    struct acpi_root root;
    struct acpi_table table;
    facts_init(&m->facts);
    q35_memmap(&m->facts);
    assert_int_equal(memmap_resolve(&m->facts, &m->problem), BOOT_OK);
    install(m, 0);
    assert_int_equal(acpi_read_rsdp(&m->phys.view, MACHINE_RSDP, &m->facts.rsdp, &m->problem),
                     BOOT_OK);
    assert_int_equal(acpi_open_root(&m->phys.view, &m->facts.rsdp, &root, &m->problem), BOOT_OK);
    table = root.table;
    const char *name = boot_corrupt_signature(which);
    if (name != NULL) {
        assert_int_equal(acpi_find_table(&m->phys.view, &root, name, &table, &m->problem), BOOT_OK);
    }
    size_t bytes = table.bytes;
    memcpy(copy, table.data, bytes);
    enum boot_err err = boot_corrupt_apply(corruption, copy, &bytes, BOOT_CORRUPT_BYTES);
    if (err == BOOT_OK) {
        struct phys_overlay overlay = {
            .under = &m->phys.view, .paddr = table.paddr, .copy = copy, .bytes = bytes};
        struct phys_view view = {.map = phys_overlay_map, .ctx = &overlay};
        err = acpi_gather(&view, 0, &m->facts, &m->problem);
    }
    free(copy);
    return err;
}

static void test_boot_corrupt_apply__each_kind_of_each_table(void **state)
{
    static const struct {
        enum boot_corrupt_table table;
        enum boot_err by_kind[5]; /* checksum, length, truncate, overlap, toomany */
    } expected[] = {
        {BOOT_CORRUPT_XSDT,
         {BOOT_E_CHECKSUM, BOOT_E_TABLE_LENGTH, BOOT_E_TRUNCATED, BOOT_E_CORRUPTION,
          BOOT_E_CORRUPTION}},
        {BOOT_CORRUPT_MADT,
         {BOOT_E_CHECKSUM, BOOT_E_TABLE_LENGTH, BOOT_E_TRUNCATED, BOOT_E_CPU_TWICE,
          BOOT_E_TOO_MANY_CPUS}},
        {BOOT_CORRUPT_SRAT,
         {BOOT_E_CHECKSUM, BOOT_E_TABLE_LENGTH, BOOT_E_TRUNCATED, BOOT_E_OVERLAP,
          BOOT_E_TOO_MANY_NODES}},
        {BOOT_CORRUPT_SLIT,
         {BOOT_E_CHECKSUM, BOOT_E_TABLE_LENGTH, BOOT_E_TRUNCATED, BOOT_E_CORRUPTION,
          BOOT_E_LOCALITIES}},
    };
    struct machine *m = *state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        for (uint32_t kind = 0; kind < 5; kind++) {
            assert_int_equal(gather_corrupted(m, expected[i].table, (enum boot_corrupt_kind)kind),
                             expected[i].by_kind[kind]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_acpi_gather__q35_by_rsdt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_gather__q35_by_xsdt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_gather__null_root_entry_is_skipped, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_acpi_gather__root_that_lists_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_gather__unreadable_root_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_open_root__no_rsdp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_read_rsdp__unreadable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_open_root__rsdp_cut_at_every_length, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_acpi_open_root__rsdp_any_changed_byte, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_acpi_find_table__any_changed_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_find_table__length_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_find_table__cut_at_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acpi_open_root__root_table_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_boot_corrupt_apply__each_kind_of_each_table, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
