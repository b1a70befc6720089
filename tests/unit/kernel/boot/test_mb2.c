/* SPDX-License-Identifier: MIT */
/* The multiboot2 information, tag by tag. */
#include "unit.h"

#include "fake_phys.h"

#include <kernel/boot/loader.h>

#include <stdlib.h>

enum { INFO = 0x10000 };
enum { TAG_END = 0, TAG_CMDLINE = 1, TAG_MODULE = 3, TAG_MEMMAP = 6, TAG_OLD = 14, TAG_NEW = 15 };

struct fixture {
    struct fake_phys phys;
    uint8_t info[8192];
    uint32_t bytes;
    struct boot_facts facts;
    struct boot_problem problem;
};

static void put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static uint8_t *put_tag(struct fixture *f, uint32_t type, const void *body, uint32_t body_bytes)
{
    uint8_t *tag = f->info + f->bytes;
    put_u32(tag, type);
    put_u32(tag + 4, body_bytes + 8);
    if (body_bytes > 0) {
        memcpy(tag + 8, body, body_bytes);
    }
    f->bytes += (body_bytes + 8 + 7) & ~7u;
    assert_true(f->bytes <= sizeof f->info);
    return tag;
}

static void put_memmap(struct fixture *f, uint32_t stride, uint32_t count)
{
    uint8_t body[8 + (BOOT_MAX_RANGES + 1) * 40] = {0};
    put_u32(body, stride);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t base = i * 0x1000000ull;
        uint64_t bytes = 0x800000;
        memcpy(body + 8 + i * stride, &base, 8);
        memcpy(body + 16 + i * stride, &bytes, 8);
        put_u32(body + 24 + i * stride, 1 + i % 4);
    }
    put_tag(f, TAG_MEMMAP, body, 8 + count * stride);
}

static uint8_t *put_module(struct fixture *f, uint32_t start, uint32_t end, const char *line)
{
    uint8_t body[128] = {0};
    put_u32(body, start);
    put_u32(body + 4, end);
    memcpy(body + 8, line, strlen(line));
    return put_tag(f, TAG_MODULE, body, (uint32_t)(8 + strlen(line) + 1));
}

static void begin(struct fixture *f)
{
    memset(f->info, 0, sizeof f->info);
    f->bytes = 8;
}

static enum boot_err parse(struct fixture *f)
{
    uint32_t body_end = f->bytes;
    put_tag(f, TAG_END, NULL, 0);
    put_u32(f->info, f->bytes);
    fake_phys_put(&f->phys, INFO, f->info, f->bytes);
    f->bytes = body_end;
    facts_init(&f->facts);
    return mb2_parse(&f->phys.view, INFO, &f->facts, &f->problem);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fake_phys_init(&f->phys);
    begin(f);
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

static void put_everything(struct fixture *f)
{
    put_tag(f, TAG_CMDLINE, "clusters=single", 16);
    put_tag(f, 2, "GRUB 2.06", 10);
    put_module(f, 0x200000, 0x234567, "root archive");
    put_memmap(f, 24, 4);
    put_tag(f, TAG_OLD, "RSD PTR 0123456789ab", 20);
    put_tag(f, TAG_NEW, "RSD PTR 0123456789abcdefghijklmnopqr", 36);
}

static void test_mb2_parse__as_grub_gives_it(void **state)
{
    struct fixture *f = *state;
    put_everything(f);
    assert_int_equal(parse(f), BOOT_OK);
    assert_string_equal(f->facts.cmdline, "clusters=single");
    assert_int_equal(f->facts.module_count, 1);
    assert_string_equal(f->facts.modules[0].name, "root");
    assert_true(f->facts.modules[0].paddr == 0x200000 && f->facts.modules[0].bytes == 0x34567);
    assert_int_equal(f->facts.firmware_map_count, 4);
    assert_int_equal(f->facts.firmware_map[2].kind, BOOT_MEM_ACPI);
    assert_int_equal(f->facts.firmware_map[3].kind, BOOT_MEM_RESERVED);
    assert_int_equal(f->facts.rsdp.byte_count, 36);
}

static void test_mb2_parse__new_rsdp_wins_in_either_order(void **state)
{
    struct fixture *f = *state;
    put_memmap(f, 24, 1);
    put_tag(f, TAG_NEW, "RSD PTR 0123456789abcdefghijklmnopqr", 36);
    put_tag(f, TAG_OLD, "RSD PTR 0123456789ab", 20);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.rsdp.byte_count, 36);
    begin(f);
    put_memmap(f, 24, 1);
    put_tag(f, TAG_OLD, "RSD PTR 0123456789ab", 20);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.rsdp.byte_count, 20);
}

static void test_mb2_parse__larger_range_entries(void **state)
{
    struct fixture *f = *state;
    put_memmap(f, 40, 3);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(f->facts.firmware_map_count, 3);
    assert_true(f->facts.firmware_map[2].base == 0x2000000);
}

static void test_mb2_parse__memmap_shape(void **state)
{
    struct fixture *f = *state;
    static const uint32_t strides[] = {0, 1, 23, 25, UINT32_MAX};
    for (size_t i = 0; i < 5; i++) {
        begin(f);
        put_memmap(f, 24, 2);
        put_u32(f->info + 16, strides[i]);
        assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
    }
    begin(f);
    put_tag(f, TAG_MEMMAP, "\30\0\0", 4);
    assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
}

static void test_mb2_parse__range_counts(void **state)
{
    struct fixture *f = *state;
    put_memmap(f, 24, BOOT_MAX_RANGES);
    assert_int_equal(parse(f), BOOT_OK);
    begin(f);
    put_memmap(f, 24, BOOT_MAX_RANGES + 1);
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_RANGES);
    begin(f);
    put_tag(f, TAG_CMDLINE, "", 1);
    assert_int_equal(parse(f), BOOT_E_NO_MEMMAP);
}

static void test_mb2_parse__modules(void **state)
{
    struct fixture *f = *state;
    put_memmap(f, 24, 1);
    for (uint32_t i = 0; i < BOOT_MAX_MODULES; i++) {
        put_module(f, 0x1000 * i, 0x1000 * i + 1, "m");
    }
    assert_int_equal(parse(f), BOOT_OK);
    put_module(f, 0x100000, 0x100001, "m");
    assert_int_equal(parse(f), BOOT_E_TOO_MANY_MODULES);
    begin(f);
    put_module(f, 0x2000, 0x1fff, "m");
    assert_int_equal(parse(f), BOOT_E_RANGE_OVERFLOW);
    begin(f);
    put_tag(f, TAG_MODULE, "1234567", 7);
    assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
    begin(f);
    put_tag(f, TAG_MODULE, "\0\0\0\0\0\0\0\0name without nul", 24);
    assert_int_equal(parse(f), BOOT_E_TRUNCATED);
}

static void test_mb2_parse__long_module_name_is_cut(void **state)
{
    struct fixture *f = *state;
    char name[100];
    memset(name, 'n', sizeof name);
    name[99] = '\0';
    put_memmap(f, 24, 1);
    put_module(f, 0, 1, name);
    assert_int_equal(parse(f), BOOT_OK);
    assert_int_equal(strlen(f->facts.modules[0].name), BOOT_NAME_BYTES - 1);
}

static void test_mb2_parse__tags_twice(void **state)
{
    struct fixture *f = *state;
    put_everything(f);
    uint32_t once = f->bytes;
    put_tag(f, TAG_CMDLINE, "", 1);
    assert_int_equal(parse(f), BOOT_E_TAG_TWICE);
    f->bytes = once;
    put_memmap(f, 24, 1);
    assert_int_equal(parse(f), BOOT_E_TAG_TWICE);
    f->bytes = once;
    put_tag(f, TAG_OLD, "RSD PTR 0123456789ab", 20);
    assert_int_equal(parse(f), BOOT_E_TAG_TWICE);
    f->bytes = once;
    put_tag(f, TAG_NEW, "RSD PTR 0123456789ab", 20);
    assert_int_equal(parse(f), BOOT_E_TAG_TWICE);
    assert_true(f->problem.detail == TAG_NEW);
}

static void test_mb2_parse__cmdline_and_rsdp_lengths(void **state)
{
    struct fixture *f = *state;
    char text[BOOT_CMDLINE_BYTES + 1];
    memset(text, 'x', sizeof text);
    put_tag(f, TAG_CMDLINE, text, BOOT_CMDLINE_BYTES);
    assert_int_equal(parse(f), BOOT_E_TRUNCATED);
    begin(f);
    put_tag(f, TAG_CMDLINE, text, BOOT_CMDLINE_BYTES + 1);
    assert_int_equal(parse(f), BOOT_E_STRING_LENGTH);
    begin(f);
    put_tag(f, TAG_CMDLINE, text, 0);
    assert_int_equal(parse(f), BOOT_E_TRUNCATED);
    begin(f);
    put_tag(f, TAG_NEW, text, 0);
    assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
    begin(f);
    put_tag(f, TAG_NEW, text, BOOT_RSDP_BYTES + 1);
    assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
}

static void test_mb2_parse__tag_sizes(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sizes[] = {0, 1, 7, 5000, UINT32_MAX, UINT32_MAX - 6};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        begin(f);
        put_u32(put_tag(f, 77, "body", 4) + 4, sizes[i]);
        put_memmap(f, 24, 1);
        assert_int_equal(parse(f), BOOT_E_TAG_LENGTH);
        assert_true(f->problem.detail == 8);
    }
}

static void test_mb2_parse__total_sizes(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sizes[] = {0, 7, 15, (1u << 20) + 1, UINT32_MAX};
    put_everything(f);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put_u32(f->info, sizes[i]);
        fake_phys_put(&f->phys, INFO, f->info, f->bytes);
        facts_init(&f->facts);
        assert_int_equal(mb2_parse(&f->phys.view, INFO, &f->facts, &f->problem),
                         BOOT_E_INFO_LENGTH);
    }
    put_u32(f->info, f->bytes + 8);
    fake_phys_put(&f->phys, INFO, f->info, f->bytes);
    assert_int_equal(mb2_parse(&f->phys.view, INFO, &f->facts, &f->problem), BOOT_E_UNREADABLE);
}

/* Whatever the cut, some error is found: the end tag is always missing. */
static void test_mb2_parse__cut_at_every_length(void **state)
{
    struct fixture *f = *state;
    put_everything(f);
    for (uint32_t bytes = 1; bytes <= f->bytes; bytes++) {
        put_u32(f->info, bytes);
        fake_phys_put(&f->phys, INFO, f->info, bytes);
        facts_init(&f->facts);
        enum boot_err err = mb2_parse(&f->phys.view, INFO, &f->facts, &f->problem);
        if (bytes < 8) {
            assert_int_equal(err, BOOT_E_UNREADABLE);
        } else if (bytes < 16) {
            assert_int_equal(err, BOOT_E_INFO_LENGTH);
        } else {
            assert_true(err == BOOT_E_TRUNCATED || err == BOOT_E_TAG_LENGTH);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_mb2_parse__as_grub_gives_it),
        TEST(test_mb2_parse__new_rsdp_wins_in_either_order),
        TEST(test_mb2_parse__larger_range_entries),
        TEST(test_mb2_parse__memmap_shape),
        TEST(test_mb2_parse__range_counts),
        TEST(test_mb2_parse__modules),
        TEST(test_mb2_parse__long_module_name_is_cut),
        TEST(test_mb2_parse__tags_twice),
        TEST(test_mb2_parse__cmdline_and_rsdp_lengths),
        TEST(test_mb2_parse__tag_sizes),
        TEST(test_mb2_parse__total_sizes),
        TEST(test_mb2_parse__cut_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
