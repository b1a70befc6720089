/* SPDX-License-Identifier: MIT */
/* The cleaning of the memory map, by example and against an array of pages as the model. */
#include "unit.h"

#include <kernel/boot/corrupt.h>
#include <kernel/boot/memmap.h>

#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)

static const struct boot_span kernel_span = {.base = 1 * MIB, .bytes = MIB / 2};

struct fixture {
    struct boot_facts facts;
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

static void add(struct fixture *f, uint64_t base, uint64_t bytes, enum boot_mem_kind kind)
{
    f->facts.firmware_map[f->facts.firmware_map_count++] =
        (struct boot_range){.base = base, .bytes = bytes, .kind = kind};
}

static void add_module(struct fixture *f, uint64_t paddr, uint64_t bytes)
{
    f->facts.modules[f->facts.module_count++] =
        (struct boot_module){.paddr = paddr, .bytes = bytes, .name = "m"};
}

static void assert_range(const struct fixture *f, uint32_t at, uint64_t base, uint64_t bytes,
                         enum boot_mem_kind kind)
{
    const struct boot_range *range = &f->facts.ranges[at];
    assert_true(at < f->facts.range_count);
    assert_true(range->base == base);
    assert_true(range->bytes == bytes);
    assert_int_equal(range->kind, kind);
}

static void test_memmap_resolve__sorts_and_merges(void **state)
{
    struct fixture *f = *state;
    add(f, 40, 10, BOOT_MEM_USABLE);
    add(f, 0, 10, BOOT_MEM_USABLE);
    add(f, 10, 5, BOOT_MEM_USABLE);
    add(f, 70, 0, BOOT_MEM_RESERVED);
    add(f, 15, 5, BOOT_MEM_RESERVED);
    add(f, 45, 10, BOOT_MEM_USABLE);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_OK);
    assert_int_equal(f->facts.range_count, 3);
    assert_range(f, 0, 0, 15, BOOT_MEM_USABLE);
    assert_range(f, 1, 15, 5, BOOT_MEM_RESERVED);
    assert_range(f, 2, 40, 15, BOOT_MEM_USABLE);
}

static void test_memmap_resolve__stronger_kind_wins(void **state)
{
    struct fixture *f = *state;
    add(f, 0, 100, BOOT_MEM_USABLE);
    add(f, 10, 40, BOOT_MEM_ACPI);
    add(f, 30, 30, BOOT_MEM_RESERVED);
    add(f, 35, 5, BOOT_MEM_USABLE);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_OK);
    assert_int_equal(f->facts.range_count, 4);
    assert_range(f, 0, 0, 10, BOOT_MEM_USABLE);
    assert_range(f, 1, 10, 20, BOOT_MEM_ACPI);
    assert_range(f, 2, 30, 30, BOOT_MEM_RESERVED);
    assert_range(f, 3, 60, 40, BOOT_MEM_USABLE);
}

static void test_memmap_resolve__refusals(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_E_NO_MEMMAP);
    add(f, 0, 100, BOOT_MEM_RESERVED);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_E_NO_MEMORY);
    add(f, 50, 50, BOOT_MEM_USABLE);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_E_NO_MEMORY);
    add(f, UINT64_MAX - 9, 10, BOOT_MEM_USABLE);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_E_RANGE_OVERFLOW);
    assert_true(f->problem.detail == UINT64_MAX - 9);
    f->facts.firmware_map[2].bytes = 9;
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_OK);
}

static void test_memmap_resolve__more_pieces_than_room(void **state)
{
    struct fixture *f = *state;
    add(f, 0, 10000, BOOT_MEM_USABLE);
    for (uint32_t i = 0; i < 63; i++) {
        add(f, 10 + 20 * i, 10, BOOT_MEM_RESERVED);
    }
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_OK);
    assert_int_equal(f->facts.range_count, 127);
    add(f, 9000, 10, BOOT_MEM_RESERVED);
    assert_int_equal(memmap_resolve(&f->facts, &f->problem), BOOT_E_TOO_MANY_RANGES);
}

enum { MODEL_PAGES = 256 };

/* The strongest kind that any of the given ranges has at an address; 0 if none lists it. */
static uint32_t model_kind(const struct boot_facts *facts, uint64_t at)
{
    uint32_t kind = 0;
    for (uint32_t i = 0; i < facts->firmware_map_count; i++) {
        const struct boot_range *range = &facts->firmware_map[i];
        if (at >= range->base && at - range->base < range->bytes && (uint32_t)range->kind > kind) {
            kind = (uint32_t)range->kind;
        }
    }
    return kind;
}

static void check_against_model(const struct boot_facts *facts)
{
    uint64_t listed = 0;
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *range = &facts->ranges[i];
        assert_true(range->bytes > 0);
        if (i > 0) {
            const struct boot_range *before = &facts->ranges[i - 1];
            assert_true(before->base + before->bytes <= range->base);
            assert_true(before->base + before->bytes < range->base || before->kind != range->kind);
        }
        for (uint64_t at = range->base; at < range->base + range->bytes; at++) {
            assert_int_equal(model_kind(facts, at), range->kind);
        }
        listed += range->bytes;
    }
    for (uint64_t at = 0; at < MODEL_PAGES; at++) {
        listed -= model_kind(facts, at) != 0 ? 1 : 0;
    }
    assert_true(listed == 0);
}

static void test_memmap_resolve__random_maps(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = 12345;
    for (uint32_t round = 0; round < 2000; round++) {
        memset(&f->facts, 0, sizeof f->facts);
        uint32_t count = 1 + round % 24;
        for (uint32_t i = 0; i < count; i++) {
            seed = seed * 1664525u + 1013904223u;
            uint64_t base = (seed >> 8) % 200;
            add(f, base, (seed >> 16) % (MODEL_PAGES - base),
                (enum boot_mem_kind)(1 + (seed >> 28) % 4));
        }
        enum boot_err err = memmap_resolve(&f->facts, &f->problem);
        assert_true(err == BOOT_OK || err == BOOT_E_NO_MEMORY);
        check_against_model(&f->facts);
    }
}

static void test_memmap_settle__takes_low_memory_kernel_and_modules(void **state)
{
    struct fixture *f = *state;
    add(f, 0, 16 * MIB, BOOT_MEM_USABLE);
    add_module(f, 8 * MIB, 100);
    assert_int_equal(memmap_settle(&f->facts, kernel_span, &f->problem), BOOT_OK);
    assert_int_equal(f->facts.range_count, 4);
    assert_range(f, 0, 0, MIB + MIB / 2, BOOT_MEM_TAKEN);
    assert_range(f, 1, MIB + MIB / 2, 6 * MIB + MIB / 2, BOOT_MEM_USABLE);
    assert_range(f, 2, 8 * MIB, 100, BOOT_MEM_TAKEN);
    assert_range(f, 3, 8 * MIB + 100, 8 * MIB - 100, BOOT_MEM_USABLE);
}

static enum boot_err settle_two(struct fixture *f, uint64_t paddr, uint64_t bytes)
{
    memset(&f->facts, 0, sizeof f->facts);
    add(f, 0, 16 * MIB, BOOT_MEM_USABLE);
    add(f, 12 * MIB, MIB, BOOT_MEM_RESERVED);
    add_module(f, 4 * MIB, MIB);
    add_module(f, paddr, bytes);
    return memmap_settle(&f->facts, kernel_span, &f->problem);
}

static void test_memmap_settle__modules(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(settle_two(f, 5 * MIB, MIB), BOOT_OK);
    assert_int_equal(settle_two(f, 5 * MIB, 0), BOOT_E_MODULE_EMPTY);
    assert_int_equal(settle_two(f, 5 * MIB - 1, 2), BOOT_E_MODULE_OVERLAP);
    assert_int_equal(settle_two(f, 3 * MIB, 9 * MIB), BOOT_E_MODULE_OVERLAP);
    assert_int_equal(settle_two(f, MIB + MIB / 2 - 1, 10), BOOT_E_MODULE_OVERLAP);
    assert_int_equal(settle_two(f, MIB + MIB / 2, 10), BOOT_OK);
    assert_int_equal(settle_two(f, 12 * MIB - 1, 2), BOOT_E_MODULE_RANGE);
    assert_int_equal(settle_two(f, 16 * MIB - 1, 2), BOOT_E_MODULE_RANGE);
    assert_int_equal(settle_two(f, 100 * MIB, 2), BOOT_E_MODULE_RANGE);
    assert_int_equal(settle_two(f, UINT64_MAX, 2), BOOT_E_RANGE_OVERFLOW);
    assert_int_equal(f->problem.err, BOOT_E_RANGE_OVERFLOW);
    assert_string_equal(f->problem.where, "m");
}

static void test_memmap_settle__no_room_to_take(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < BOOT_MAX_RANGES; i++) {
        add(f, i, 1, BOOT_MEM_USABLE);
    }
    assert_int_equal(memmap_settle(&f->facts, kernel_span, &f->problem), BOOT_E_TOO_MANY_RANGES);
}

static enum boot_err settle_corrupted(struct fixture *f, enum boot_corrupt_table table,
                                      uint32_t kind)
{
    struct boot_corruption corruption = {.table = table, .kind = (enum boot_corrupt_kind)kind};
    memset(&f->facts, 0, sizeof f->facts);
    add(f, 0, 16 * MIB, BOOT_MEM_USABLE);
    add_module(f, 4 * MIB, MIB);
    enum boot_err err = boot_corrupt_facts(corruption, &f->facts);
    return err == BOOT_OK ? memmap_settle(&f->facts, kernel_span, &f->problem) : err;
}

static void test_boot_corrupt_facts__memmap_and_module(void **state)
{
    static const enum boot_err memmap[] = {BOOT_E_CORRUPTION, BOOT_E_RANGE_OVERFLOW,
                                           BOOT_E_NO_MEMMAP, BOOT_E_NO_MEMORY,
                                           BOOT_E_TOO_MANY_RANGES};
    static const enum boot_err module[] = {BOOT_E_CORRUPTION, BOOT_E_MODULE_RANGE,
                                           BOOT_E_MODULE_EMPTY, BOOT_E_MODULE_OVERLAP,
                                           BOOT_E_TOO_MANY_MODULES};
    struct fixture *f = *state;
    for (uint32_t kind = 0; kind < 5; kind++) {
        assert_int_equal(settle_corrupted(f, BOOT_CORRUPT_MEMMAP, kind), memmap[kind]);
        assert_int_equal(settle_corrupted(f, BOOT_CORRUPT_MODULE, kind), module[kind]);
        assert_int_equal(settle_corrupted(f, BOOT_CORRUPT_SLIT, kind), BOOT_E_CORRUPTION);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_memmap_resolve__sorts_and_merges),
        TEST(test_memmap_resolve__stronger_kind_wins),
        TEST(test_memmap_resolve__refusals),
        TEST(test_memmap_resolve__more_pieces_than_room),
        TEST(test_memmap_resolve__random_maps),
        TEST(test_memmap_settle__takes_low_memory_kernel_and_modules),
        TEST(test_memmap_settle__modules),
        TEST(test_memmap_settle__no_room_to_take),
        TEST(test_boot_corrupt_facts__memmap_and_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
