/* SPDX-License-Identifier: MIT */
/* The MADT parser on single tables. */
#include "unit.h"

#include "acpi_build.h"

#include <kernel/boot/lines.h>

#include <stdlib.h>

struct fixture {
    struct fake_phys phys;
    struct table_build table;
    struct boot_facts facts;
    struct boot_problem problem;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fake_phys_init(&f->phys);
    facts_init(&f->facts);
    madt_begin(&f->table);
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

static enum boot_err parse(struct fixture *f, uint32_t boot_apic_id)
{
    table_finish(&f->table);
    struct acpi_table view = table_view(&f->phys, &f->table);
    facts_init(&f->facts);
    return madt_parse(&view, boot_apic_id, &f->facts, &f->problem);
}

static void test_madt_parse__sorts_and_marks_boot_cpu(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 6, ENTRY_ENABLED);
    madt_x2apic(&f->table, 5, ENTRY_ENABLED);
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    madt_cpu(&f->table, 3, ENTRY_DISABLED);
    madt_cpu(&f->table, 255, ENTRY_DISABLED);
    madt_x2apic(&f->table, 1000, ENTRY_DISABLED);
    assert_int_equal(parse(f, 5), BOOT_OK);
    assert_int_equal(f->facts.cpu_count, 3);
    assert_int_equal(f->facts.cpus[0].apic_id, 0);
    assert_int_equal(f->facts.cpus[1].apic_id, 5);
    assert_int_equal(f->facts.cpus[2].apic_id, 6);
    assert_false(f->facts.cpus[0].is_boot);
    assert_true(f->facts.cpus[1].is_boot);
}

static void test_madt_parse__lapic_override(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    table_put(&f->table, "\5\14\0\0\0\0\0\376\1\0\0\0", 12);
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_true(f->facts.lapic_paddr == 0x1fe000000);
}

static void put_override(struct fixture *f, uint8_t bus, uint8_t source, uint8_t input,
                         uint8_t flags)
{
    const uint8_t entry[] = {2, 10, bus, source, input, 0, 0, 0, flags, 0};
    table_put(&f->table, entry, sizeof entry);
}

static void test_madt_parse__irq_overrides(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    put_override(f, 0, 0, 2, 0);
    put_override(f, 0, 5, 5, 0xd);
    put_override(f, 0, 9, 20, 0xf);
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_int_equal(f->facts.override_count, 3);
    assert_int_equal(f->facts.warnings.count, 0);

    struct boot_line line = lines_find(&f->facts, 0);
    assert_true(line.exists && line.input == 2 && line.polarity == BOOT_POLARITY_BUS);
    assert_false(lines_find(&f->facts, 2).exists); /* its input is the timer's */
    line = lines_find(&f->facts, 5);
    assert_true(line.exists && line.input == 5 && line.polarity == BOOT_POLARITY_HIGH);
    line = lines_find(&f->facts, 9);
    assert_true(line.exists && line.input == 20 && line.polarity == BOOT_POLARITY_LOW);
    assert_false(lines_find(&f->facts, 20).exists);
    line = lines_find(&f->facts, 4);
    assert_true(line.exists && line.input == 4 && line.polarity == BOOT_POLARITY_BUS);
    assert_int_equal(lines_find(&f->facts, 23).input, 23);
}

static void test_madt_parse__senseless_irq_overrides_are_ignored(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    put_override(f, 1, 3, 7, 0);
    put_override(f, 0, 16, 7, 0);
    put_override(f, 0, 3, 7, 0);
    put_override(f, 0, 3, 8, 0);
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_int_equal(f->facts.override_count, 1);
    assert_int_equal(f->facts.overrides[0].input, 7);
    assert_int_equal(f->facts.warnings.count, 3);
    assert_int_equal(f->facts.warnings.items[2].kind, BOOT_WARN_IRQ_OVERRIDE);
    assert_int_equal(f->facts.warnings.items[2].a, 3);
    assert_int_equal(f->facts.warnings.items[2].b, 8);
}

static void test_madt_parse__all_irq_overrides_fit(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    for (unsigned round = 0; round < 2; round++) {
        for (uint8_t source = 0; source < LINES_ISA; source++) {
            put_override(f, 0, source, source, 0);
        }
    }
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_int_equal(f->facts.override_count, BOOT_MAX_OVERRIDES);
}

static void test_madt_parse__short_irq_override(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    table_put(&f->table, "\2\11\0\0\2\0\0\0\0", 9);
    assert_int_equal(parse(f, 0), BOOT_E_ENTRY_LENGTH);
}

static void test_madt_parse__boot_cpu_missing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(parse(f, 0), BOOT_E_NO_BOOT_CPU);
    madt_cpu(&f->table, 1, ENTRY_ENABLED);
    madt_cpu(&f->table, 2, ENTRY_DISABLED);
    assert_int_equal(parse(f, 2), BOOT_E_NO_BOOT_CPU);
    assert_true(f->problem.detail == 2);
}

static void test_madt_parse__most_cpus_and_one_more(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < BOOT_MAX_CPUS; i++) {
        madt_cpu(&f->table, (uint8_t)(i * 2), ENTRY_ENABLED);
    }
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_int_equal(f->facts.cpu_count, BOOT_MAX_CPUS);
    madt_cpu(&f->table, 1, ENTRY_ENABLED);
    assert_int_equal(parse(f, 0), BOOT_E_TOO_MANY_CPUS);
    assert_true(f->problem.detail == BOOT_MAX_CPUS);
}

static void test_madt_parse__apic_id_limit(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    madt_x2apic(&f->table, 254, ENTRY_ENABLED);
    assert_int_equal(parse(f, 0), BOOT_OK);
    madt_x2apic(&f->table, 255, ENTRY_ENABLED);
    assert_int_equal(parse(f, 0), BOOT_E_APIC_ID);
    assert_true(f->problem.detail == 255);
}

static void test_madt_parse__broadcast_id(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 255, ENTRY_ENABLED);
    assert_int_equal(parse(f, 255), BOOT_E_APIC_ID);
}

static void test_madt_parse__same_id_twice(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 7, ENTRY_ENABLED);
    madt_cpu(&f->table, 7, ENTRY_ENABLED);
    assert_int_equal(parse(f, 7), BOOT_E_CPU_TWICE);
    assert_true(f->problem.detail == 7);
}

static void test_madt_parse__same_id_in_both_kinds(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 7, ENTRY_ENABLED);
    madt_x2apic(&f->table, 7, ENTRY_ENABLED);
    assert_int_equal(parse(f, 7), BOOT_OK);
    assert_int_equal(f->facts.cpu_count, 1);
    assert_int_equal(f->facts.warnings.count, 1);
    assert_int_equal(f->facts.warnings.items[0].kind, BOOT_WARN_CPU_BOTH);
    assert_true(f->facts.warnings.items[0].a == 7);
}

static void test_madt_parse__too_many_ioapics(void **state)
{
    struct fixture *f = *state;
    madt_cpu(&f->table, 0, ENTRY_ENABLED);
    for (uint32_t i = 0; i < BOOT_MAX_IOAPICS; i++) {
        madt_ioapic(&f->table, (uint8_t)i, 0xfec00000u + i * 0x1000, i * 24);
    }
    assert_int_equal(parse(f, 0), BOOT_OK);
    assert_int_equal(f->facts.ioapics[7].gsi_base, 168);
    madt_ioapic(&f->table, 9, 0xfed00000u, 300);
    assert_int_equal(parse(f, 0), BOOT_E_TOO_MANY_IOAPICS);
}

static void test_madt_parse__entry_lengths(void **state)
{
    struct fixture *f = *state;
    static const uint8_t entries[][2] = {{0, 0},  {0, 1},  {0, 7}, {1, 11},
                                         {5, 11}, {9, 15}, {77, 1}};
    const uint8_t padding[32] = {0};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        madt_begin(&f->table);
        table_put(&f->table, entries[i], 2);
        table_put(&f->table, padding, sizeof padding);
        assert_int_equal(parse(f, 0), BOOT_E_ENTRY_LENGTH);
        assert_true(f->problem.detail == 44);
    }
}

/* Cut where an entry ends the table is good; elsewhere it ends inside an entry. */
static void test_madt_parse__cut_at_every_length(void **state)
{
    struct fixture *f = *state;
    for (uint8_t i = 0; i < 4; i++) {
        madt_cpu(&f->table, i, ENTRY_ENABLED);
    }
    struct table_build whole = f->table;
    for (size_t length = ACPI_HEADER_BYTES; length < whole.length; length++) {
        f->table = whole;
        f->table.length = length;
        enum boot_err err = parse(f, 0);
        if (length < 44) {
            assert_int_equal(err, BOOT_E_TABLE_LENGTH);
        } else if (length == 44) {
            assert_int_equal(err, BOOT_E_NO_BOOT_CPU);
        } else {
            assert_int_equal(err, (length - 44) % 8 == 0 ? BOOT_OK : BOOT_E_TRUNCATED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_madt_parse__sorts_and_marks_boot_cpu, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__lapic_override, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__irq_overrides, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__senseless_irq_overrides_are_ignored, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__all_irq_overrides_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__short_irq_override, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__boot_cpu_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__most_cpus_and_one_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__apic_id_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__broadcast_id, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__same_id_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__same_id_in_both_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__too_many_ioapics, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__entry_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_madt_parse__cut_at_every_length, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
