/* SPDX-License-Identifier: MIT */
/* The PVH start info, laid out in low memory as QEMU does it. */
#include "unit.h"

#include "fake_phys.h"

#include <kernel/boot/loader.h>

#include <stdlib.h>

enum {
    INFO = 0x5a8,
    MEMMAP = 0x11c0,
    CMDLINE = 0x21c0,
    MODULES = 0x5000,
    MODULE_NAME = 0x5800,
    RSDP = 0xf59a0
};

struct fixture {
    struct fake_phys phys;
    uint8_t info[56];
    uint8_t memmap[BOOT_MAX_RANGES + 1][24];
    uint8_t modules[BOOT_MAX_MODULES + 1][32];
    struct boot_facts facts;
    struct boot_problem problem;
};

static void put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static void put_u64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

static void fill_tables(struct fixture *f)
{
    for (uint32_t i = 0; i <= BOOT_MAX_RANGES; i++) {
        put_u64(f->memmap[i], i * 0x10000000ull);
        put_u64(f->memmap[i] + 8, 0x8000000);
        put_u32(f->memmap[i] + 16, 1 + i % 6);
    }
    for (uint32_t i = 0; i <= BOOT_MAX_MODULES; i++) {
        put_u64(f->modules[i], 0x100000 + i * 0x10000);
        put_u64(f->modules[i] + 8, 0x5000);
    }
}

static void set_counts(struct fixture *f, uint32_t ranges, uint32_t modules)
{
    put_u32(f->info + 12, modules);
    put_u32(f->info + 48, ranges);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fake_phys_init(&f->phys);
    fill_tables(f);
    put_u32(f->info, 0x336ec578);
    put_u32(f->info + 4, 1);
    put_u64(f->info + 16, MODULES);
    put_u64(f->info + 24, CMDLINE);
    put_u64(f->info + 32, RSDP);
    put_u64(f->info + 40, MEMMAP);
    set_counts(f, 3, 1);
    fake_phys_put(&f->phys, CMDLINE, "clusters=core -- hello", 23);
    fake_phys_put(&f->phys, RSDP, "RSD PTR 12345678\0\0\0\0", 20);
    f->phys.regions[1].data[15] = 0; /* revision */
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
    fake_phys_put(&f->phys, INFO, f->info, sizeof f->info);
    fake_phys_put(&f->phys, MEMMAP, f->memmap, sizeof f->memmap);
    fake_phys_put(&f->phys, MODULES, f->modules, sizeof f->modules);
    facts_init(&f->facts);
    return hvm_parse(&f->phys.view, INFO, &f->facts, &f->problem);
}

/* The command line is read by whole pages; this gives it two of them. */
static void pad_cmdline(struct fixture *f, const char *text)
{
    static char page[0x2000];
    memset(page, 0, sizeof page);
    memcpy(page, text, strlen(text));
    fake_phys_put(&f->phys, CMDLINE, page, sizeof page);
}

static void test_hvm_parse__as_qemu_gives_it(void **state)
{
    struct fixture *f = *state;
    pad_cmdline(f, "clusters=core -- hello");
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.firmware_map_count, 3);
    assert_int_equal(f->facts.firmware_map[0].kind, BOOT_MEM_USABLE);
    assert_int_equal(f->facts.firmware_map[1].kind, BOOT_MEM_RESERVED);
    assert_int_equal(f->facts.firmware_map[2].kind, BOOT_MEM_ACPI);
    assert_true(f->facts.firmware_map[2].base == 0x20000000);
    assert_int_equal(f->facts.module_count, 1);
    assert_true(f->facts.modules[0].paddr == 0x100000 && f->facts.modules[0].bytes == 0x5000);
    assert_string_equal(f->facts.modules[0].name, "");
    assert_string_equal(f->facts.cmdline, "clusters=core -- hello");
    assert_int_equal(f->facts.rsdp.byte_count, 20);
}

static void test_hvm_parse__nothing_optional(void **state)
{
    struct fixture *f = *state;
    set_counts(f, 1, 0);
    put_u64(f->info + 16, 0xdead000);
    put_u64(f->info + 24, 0);
    put_u64(f->info + 32, 0);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.module_count, 0);
    assert_string_equal(f->facts.cmdline, "");
    assert_int_equal(f->facts.rsdp.byte_count, 0);
}

static void test_hvm_parse__magic_and_version(void **state)
{
    struct fixture *f = *state;
    put_u32(f->info + 4, 0);
    assert_int_equal(parse(f), BOOT_E_VERSION);
    put_u32(f->info, 0x2badb002);
    assert_int_equal(parse(f), BOOT_E_MAGIC);
    assert_true(f->problem.detail == 0x2badb002);
}

static void test_hvm_parse__info_cut_at_every_length(void **state)
{
    struct fixture *f = *state;
    for (size_t bytes = 0; bytes < sizeof f->info; bytes++) {
        fake_phys_put(&f->phys, INFO, f->info, bytes);
        facts_init(&f->facts);
        assert_int_equal(hvm_parse(&f->phys.view, INFO, &f->facts, &f->problem), BOOT_E_UNREADABLE);
    }
}

static void test_hvm_parse__range_counts(void **state)
{
    struct fixture *f = *state;
    pad_cmdline(f, "");
    set_counts(f, BOOT_MAX_RANGES, 0);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.firmware_map_count, BOOT_MAX_RANGES);
    set_counts(f, 0, 0);
    assert_int_equal(parse(f), BOOT_E_NO_MEMMAP);
    set_counts(f, BOOT_MAX_RANGES + 1, 0);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_RANGES);
    set_counts(f, UINT32_MAX, 0);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_RANGES);
}

static void test_hvm_parse__module_counts(void **state)
{
    struct fixture *f = *state;
    pad_cmdline(f, "");
    set_counts(f, 1, BOOT_MAX_MODULES);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.module_count, BOOT_MAX_MODULES);
    set_counts(f, 1, BOOT_MAX_MODULES + 1);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_MODULES);
    set_counts(f, 1, UINT32_MAX);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_MODULES);
}

static void test_hvm_parse__addresses_that_wrap_or_are_absent(void **state)
{
    static const size_t fields[] = {16, 24, 32, 40};
    static const uint64_t addresses[] = {UINT64_MAX, UINT64_MAX - 7, 0x123456789000};
    struct fixture *f = *state;
    pad_cmdline(f, "");
    for (size_t i = 0; i < 4; i++) {
        for (size_t a = 0; a < 3; a++) {
            uint64_t before = load_u64(f->info + fields[i]);
            put_u64(f->info + fields[i], addresses[a]);
            assert_int_equal(parse(f), BOOT_E_UNREADABLE);
            assert_true(f->problem.detail == addresses[a]);
            put_u64(f->info + fields[i], before);
        }
    }
}

static void test_hvm_parse__cmdline_length(void **state)
{
    struct fixture *f = *state;
    char text[BOOT_CMDLINE_BYTES + 1];
    memset(text, 'x', sizeof text);
    text[BOOT_CMDLINE_BYTES - 1] = '\0';
    pad_cmdline(f, text);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(strlen(f->facts.cmdline), BOOT_CMDLINE_BYTES - 1);
    text[BOOT_CMDLINE_BYTES - 1] = 'x';
    text[BOOT_CMDLINE_BYTES] = '\0';
    pad_cmdline(f, text);
    assert_int_equal(parse(f), BOOT_E_STRING_LENGTH);
}

static void test_hvm_parse__cmdline_at_the_end_of_memory(void **state)
{
    struct fixture *f = *state;
    put_u64(f->info + 24, 0x9ffb);
    fake_phys_put(&f->phys, 0x9ffb, "root", 5);
    assert_int_equal(parse(f), BOOT_OK);
    assert_string_equal(f->facts.cmdline, "root");
    fake_phys_put(&f->phys, 0x9ffb, "rooty", 5);
    assert_int_equal(parse(f), BOOT_E_UNREADABLE);
}

static void test_hvm_parse__module_name(void **state)
{
    struct fixture *f = *state;
    char name[BOOT_NAME_BYTES + 1] = "root.cpio with arguments";
    pad_cmdline(f, "");
    put_u64(f->modules[0] + 16, MODULE_NAME);
    fake_phys_put(&f->phys, MODULE_NAME, name, sizeof name);
    assert_int_equal(parse(f), BOOT_OK);
    assert_string_equal(f->facts.modules[0].name, "root.cpio");
    memset(name, 'n', sizeof name);
    fake_phys_put(&f->phys, MODULE_NAME, name, sizeof name);
    assert_int_equal(parse(f), BOOT_E_STRING_LENGTH);
    put_u64(f->modules[0] + 16, 0xdead000);
    assert_int_equal(parse(f), BOOT_E_UNREADABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hvm_parse__as_qemu_gives_it),
        TEST(test_hvm_parse__nothing_optional),
        TEST(test_hvm_parse__magic_and_version),
        TEST(test_hvm_parse__info_cut_at_every_length),
        TEST(test_hvm_parse__range_counts),
        TEST(test_hvm_parse__module_counts),
        TEST(test_hvm_parse__addresses_that_wrap_or_are_absent),
        TEST(test_hvm_parse__cmdline_length),
        TEST(test_hvm_parse__cmdline_at_the_end_of_memory),
        TEST(test_hvm_parse__module_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
