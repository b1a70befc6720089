/* SPDX-License-Identifier: MIT */
/* The ELF checker: one image with a text and a data segment, spoiled in one place at a time. */
#include "unit.h"

#include <lib/elf.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* The first table that a case adds to; two segments are used. */
enum { HEADERS = ELF_MAX_SEGMENTS + 1, IMAGE_BYTES = 0x3000 };

static const struct elf_limits limits = {.first = 0x1000, .end = 0x800000000000};

struct image {
    Elf64_Ehdr file;
    Elf64_Phdr headers[HEADERS];
};

static void make(struct image *image)
{
    memset(image, 0, sizeof *image);
    memcpy(image->file.e_ident, ELFMAG, SELFMAG);
    image->file.e_ident[EI_CLASS] = ELFCLASS64;
    image->file.e_ident[EI_DATA] = ELFDATA2LSB;
    image->file.e_ident[EI_VERSION] = EV_CURRENT;
    image->file.e_type = ET_EXEC;
    image->file.e_machine = EM_X86_64;
    image->file.e_version = EV_CURRENT;
    image->file.e_entry = 0x401000;
    image->file.e_phoff = sizeof image->file;
    image->file.e_phentsize = sizeof(Elf64_Phdr);
    image->file.e_phnum = 2;
    image->headers[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                     .p_flags = PF_R | PF_X,
                                     .p_offset = 0x1000,
                                     .p_vaddr = 0x401000,
                                     .p_filesz = 0x800,
                                     .p_memsz = 0x800};
    image->headers[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                                     .p_flags = PF_R | PF_W,
                                     .p_offset = 0x1800,
                                     .p_vaddr = 0x402800,
                                     .p_filesz = 0x100,
                                     .p_memsz = 0x5000};
}

static enum elf_reason check_bytes(const struct image *image, size_t bytes, struct elf_plan *plan)
{
    uint8_t whole[IMAGE_BYTES] = {0};
    uint8_t *copy = malloc(bytes + 1);
    memcpy(whole, image, sizeof *image);
    memcpy(copy + 1, whole, bytes); /* misaligned on purpose */
    enum elf_reason reason = elf_check(copy + 1, bytes, limits, plan);
    free(copy);
    return reason;
}

static enum elf_reason check(const struct image *image)
{
    struct elf_plan plan;
    return check_bytes(image, IMAGE_BYTES, &plan);
}

static void test_elf_check__plan(void **state)
{
    struct image image;
    struct elf_plan plan;
    (void)state;
    make(&image);
    assert_int_equal(check_bytes(&image, IMAGE_BYTES, &plan), ELF_OK);
    assert_true(plan.entry == 0x401000);
    assert_int_equal(plan.segment_count, 2);
    assert_true(plan.segments[0].vaddr == 0x401000);
    assert_true(plan.segments[1].file_offset == 0x1800);
    assert_true(plan.segments[1].file_bytes == 0x100);
    assert_true(plan.segments[1].mem_bytes == 0x5000);
    assert_int_equal(plan.segments[0].flags, ELF_READ | ELF_EXECUTE);
    assert_int_equal(plan.segments[1].flags, ELF_READ | ELF_WRITE);
}

static void test_elf_check__plan_only_on_success(void **state)
{
    struct image image;
    struct elf_plan plan = {.entry = 77, .segment_count = 88};
    (void)state;
    make(&image);
    image.file.e_entry = 0;
    assert_int_equal(check_bytes(&image, IMAGE_BYTES, &plan), ELF_E_ENTRY);
    assert_true(plan.entry == 77 && plan.segment_count == 88);
}

static void test_elf_check__header(void **state)
{
    struct image image;
    (void)state;
    for (size_t i = 0; i < SELFMAG; i++) {
        make(&image);
        image.file.e_ident[i] ^= 1;
        assert_int_equal(check(&image), ELF_E_MAGIC);
    }
    make(&image);
    image.file.e_ident[EI_CLASS] = ELFCLASS32;
    assert_int_equal(check(&image), ELF_E_CLASS);
    make(&image);
    image.file.e_ident[EI_DATA] = ELFDATA2MSB;
    assert_int_equal(check(&image), ELF_E_ENDIAN);
    make(&image);
    image.file.e_version = 2;
    assert_int_equal(check(&image), ELF_E_VERSION);
    make(&image);
    image.file.e_machine = EM_AARCH64;
    assert_int_equal(check(&image), ELF_E_MACHINE);
    make(&image);
    image.file.e_type = ET_DYN;
    assert_int_equal(check(&image), ELF_E_TYPE);
    make(&image);
    image.file.e_phentsize = 32;
    assert_int_equal(check(&image), ELF_E_ENTRY_SIZE);
}

static void test_elf_check__table(void **state)
{
    static const uint64_t offsets[] = {IMAGE_BYTES - 111, IMAGE_BYTES + 1, UINT64_MAX,
                                       UINT64_MAX - 111};
    struct image image;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        make(&image);
        image.file.e_phoff = offsets[i];
        assert_int_equal(check(&image), ELF_E_TABLE);
    }
    make(&image);
    image.file.e_phnum = UINT16_MAX;
    assert_int_equal(check(&image), ELF_E_TABLE);
    image.file.e_phnum = 0;
    assert_int_equal(check(&image), ELF_E_NO_SEGMENT);
}

static void test_elf_check__cut_at_every_length(void **state)
{
    struct image image;
    struct elf_plan plan;
    (void)state;
    make(&image);
    for (size_t bytes = 0; bytes < 0x1900; bytes++) {
        enum elf_reason reason = check_bytes(&image, bytes, &plan);
        if (bytes < sizeof(Elf64_Ehdr)) {
            assert_int_equal(reason, ELF_E_HEADER);
        } else if (bytes < sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr)) {
            assert_int_equal(reason, ELF_E_TABLE);
        } else {
            assert_int_equal(reason, ELF_E_OUTSIDE_FILE);
        }
    }
    assert_int_equal(check_bytes(&image, 0x1900, &plan), ELF_OK);
}

static void test_elf_check__other_headers(void **state)
{
    static const struct {
        uint32_t type;
        enum elf_reason reason;
    } cases[] = {{PT_INTERP, ELF_E_INTERP}, {PT_DYNAMIC, ELF_E_DYNAMIC}, {PT_TLS, ELF_E_TLS},
                 {PT_NOTE, ELF_OK},         {PT_GNU_STACK, ELF_OK},      {PT_NULL, ELF_OK}};
    struct image image;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(&image);
        image.file.e_phnum = 3;
        image.headers[2].p_type = cases[i].type;
        assert_int_equal(check(&image), cases[i].reason);
    }
}

static void test_elf_check__segment_in_file(void **state)
{
    struct image image;
    (void)state;
    make(&image);
    image.headers[0].p_offset = IMAGE_BYTES + 0x1000;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_FILE);
    image.headers[0].p_offset = UINT64_MAX - 0xfff;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_FILE);
    make(&image);
    image.headers[1].p_filesz = UINT64_MAX;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_FILE);
    make(&image);
    image.headers[0].p_memsz = 0x7ff;
    assert_int_equal(check(&image), ELF_E_SIZE);
    image.headers[0].p_memsz = 0;
    assert_int_equal(check(&image), ELF_E_SIZE);
}

static void test_elf_check__segment_in_user_range(void **state)
{
    struct image image;
    (void)state;
    make(&image);
    image.headers[1].p_vaddr = 0x800;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_USER);
    make(&image);
    image.headers[1].p_vaddr = 0x7ffffffff800;
    image.headers[1].p_memsz = 0x800;
    assert_int_equal(check(&image), ELF_OK);
    image.headers[1].p_memsz = 0x801;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_USER);
    image.headers[1].p_memsz = UINT64_MAX;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_USER);
    make(&image);
    image.headers[1].p_vaddr = 0xffffffff80000800;
    assert_int_equal(check(&image), ELF_E_OUTSIDE_USER);
}

static void test_elf_check__segment_flags_and_alignment(void **state)
{
    struct image image;
    (void)state;
    make(&image);
    image.headers[1].p_flags = PF_R | PF_W | PF_X;
    assert_int_equal(check(&image), ELF_E_WRITE_EXECUTE);
    make(&image);
    image.headers[1].p_vaddr += 1;
    assert_int_equal(check(&image), ELF_E_ALIGN);
}

static void test_elf_check__overlap_by_pages(void **state)
{
    struct image image;
    (void)state;
    make(&image);
    image.headers[1].p_vaddr = 0x401800; /* disjoint bytes, one page */
    assert_int_equal(check(&image), ELF_E_OVERLAP);
    image.headers[1].p_vaddr = 0x400800; /* reaches over it */
    assert_int_equal(check(&image), ELF_E_OVERLAP);
    image.headers[1].p_memsz = 0x800; /* ends right before it */
    assert_int_equal(check(&image), ELF_OK);
    image.headers[1].p_memsz = 0x801;
    assert_int_equal(check(&image), ELF_E_OVERLAP);
}

static void test_elf_check__entry(void **state)
{
    static const uint64_t outside[] = {0, 0x400fff, 0x401800, 0x402800, UINT64_MAX};
    struct image image;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        make(&image);
        image.file.e_entry = outside[i];
        assert_int_equal(check(&image), ELF_E_ENTRY);
    }
    image.file.e_entry = 0x4017ff;
    assert_int_equal(check(&image), ELF_OK);
}

static void test_elf_check__segment_counts(void **state)
{
    struct image image;
    (void)state;
    make(&image);
    image.file.e_phnum = ELF_MAX_SEGMENTS;
    for (uint32_t i = 2; i < HEADERS; i++) {
        image.headers[i] = image.headers[1];
        image.headers[i].p_vaddr += i * 0x10000;
    }
    assert_int_equal(check(&image), ELF_OK);
    image.file.e_phnum = ELF_MAX_SEGMENTS + 1;
    assert_int_equal(check(&image), ELF_E_TOO_MANY);
    image.headers[5].p_filesz = 0; /* an empty segment does not count */
    image.headers[5].p_memsz = 0;
    assert_int_equal(check(&image), ELF_OK);
}

static void test_elf_reason_text__all_and_none_twice(void **state)
{
    (void)state;
    for (int reason = 0; reason < ELF_REASON_COUNT; reason++) {
        const char *text = elf_reason_text((enum elf_reason)reason);
        assert_non_null(text);
        for (int other = 0; other < reason; other++) {
            assert_string_not_equal(text, elf_reason_text((enum elf_reason)other));
        }
    }
    assert_string_equal(elf_reason_text(ELF_REASON_COUNT), "Unknown reason.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elf_check__plan),
        cmocka_unit_test(test_elf_check__plan_only_on_success),
        cmocka_unit_test(test_elf_check__header),
        cmocka_unit_test(test_elf_check__table),
        cmocka_unit_test(test_elf_check__cut_at_every_length),
        cmocka_unit_test(test_elf_check__other_headers),
        cmocka_unit_test(test_elf_check__segment_in_file),
        cmocka_unit_test(test_elf_check__segment_in_user_range),
        cmocka_unit_test(test_elf_check__segment_flags_and_alignment),
        cmocka_unit_test(test_elf_check__overlap_by_pages),
        cmocka_unit_test(test_elf_check__entry),
        cmocka_unit_test(test_elf_check__segment_counts),
        cmocka_unit_test(test_elf_reason_text__all_and_none_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
