/* SPDX-License-Identifier: MIT */
/* The newc walker. Each archive is in a heap block of exactly its size. */
#include "unit.h"

#include <lib/cpio.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct build {
    uint8_t bytes[4096];
    size_t length;
};

static void put_padded(struct build *b, const void *from, size_t bytes)
{
    assert_true(b->length + bytes + 4 <= sizeof b->bytes);
    memcpy(b->bytes + b->length, from, bytes);
    b->length += bytes;
    while (b->length % 4 != 0) {
        b->bytes[b->length++] = 0;
    }
}

static void put_file(struct build *b, const char *name, uint32_t mode, const char *data)
{
    char header[111 + 64];
    int n =
        snprintf(header, sizeof header,
                 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 7u, mode, 0u, 0u, 1u,
                 0u, (unsigned)strlen(data), 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, 0u);
    assert_int_equal(n, 110);
    memcpy(header + 110, name, strlen(name) + 1);
    put_padded(b, header, 110 + strlen(name) + 1);
    put_padded(b, data, strlen(data));
}

static void put_trailer(struct build *b)
{
    put_file(b, "TRAILER!!!", 0, "");
}

static void put_sample(struct build *b)
{
    memset(b, 0, sizeof *b);
    put_file(b, ".", 0040755, "");
    put_file(b, "./root", 0100755, "root image");
    put_file(b, "bin", 0040755, "");
    put_file(b, "bin/hello", 0100755, "hi");
    put_file(b, "empty", 0100644, "");
    put_trailer(b);
}

static enum cpio_err find(const struct build *b, const char *name, struct cpio_file *file,
                          uint8_t **copy)
{
    *copy = malloc(b->length);
    memcpy(*copy, b->bytes, b->length);
    struct cpio_archive archive = {.bytes = *copy, .length = b->length};
    return cpio_find(&archive, name, file);
}

static enum cpio_err find_err(const struct build *b, const char *name)
{
    struct cpio_file file;
    uint8_t *copy;
    enum cpio_err err = find(b, name, &file, &copy);
    free(copy);
    return err;
}

static void assert_found(const struct build *b, const char *name, const char *data)
{
    struct cpio_file file;
    uint8_t *copy;
    assert_int_equal(find(b, name, &file, &copy), CPIO_OK);
    assert_string_equal(file.name, name);
    assert_int_equal(file.bytes, strlen(data));
    assert_memory_equal(file.data, data, strlen(data));
    free(copy);
}

static void test_cpio_find__files(void **state)
{
    struct build b;
    (void)state;
    put_sample(&b);
    assert_found(&b, "root", "root image");
    assert_found(&b, "bin/hello", "hi");
    assert_found(&b, "empty", "");
    assert_int_equal(find_err(&b, "bin"), CPIO_E_NOT_FOUND); /* a folder */
    assert_int_equal(find_err(&b, "roo"), CPIO_E_NOT_FOUND);
    assert_int_equal(find_err(&b, "root2"), CPIO_E_NOT_FOUND);
    assert_int_equal(find_err(&b, ""), CPIO_E_NOT_FOUND);
    assert_int_equal(find_err(&b, "TRAILER!!!"), CPIO_E_NOT_FOUND);
}

static void test_cpio_next__walks_to_the_trailer(void **state)
{
    static const char *const names[] = {".", "root", "bin", "bin/hello", "empty"};
    struct build b;
    struct cpio_file file;
    size_t offset = 0;
    (void)state;
    put_sample(&b);
    struct cpio_archive archive = {.bytes = b.bytes, .length = b.length};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(cpio_next(&archive, &offset, &file), CPIO_OK);
        assert_string_equal(file.name, names[i]);
    }
    assert_int_equal(file.mode, 0100644);
    assert_int_equal(cpio_next(&archive, &offset, &file), CPIO_END);
    assert_int_equal(cpio_next(&archive, &offset, &file), CPIO_END);
}

static void test_cpio_find__cut_at_every_length(void **state)
{
    struct build b;
    (void)state;
    put_sample(&b);
    size_t whole = b.length;
    for (b.length = 0; b.length < whole; b.length++) {
        bool is_padding_cut = whole - b.length <= 3; /* behind the trailer's name; harmless */
        assert_int_equal(find_err(&b, "absent"),
                         is_padding_cut ? CPIO_E_NOT_FOUND : CPIO_E_TRUNCATED);
    }
}

/* A file is found exactly when its data are whole, whatever padding is missing. */
static void test_cpio_find__last_file_cut_at_every_length(void **state)
{
    struct build b;
    (void)state;
    memset(&b, 0, sizeof b);
    put_file(&b, "./root", 0100755, "root image");
    size_t data_end = 120 + strlen("root image");
    for (b.length = 1; b.length <= data_end + 2; b.length++) {
        if (b.length < data_end) {
            assert_int_equal(find_err(&b, "root"), CPIO_E_TRUNCATED);
        } else {
            assert_found(&b, "root", "root image");
        }
    }
}

static void test_cpio_find__magic(void **state)
{
    struct build b;
    (void)state;
    put_sample(&b);
    memcpy(b.bytes, "070707", 6);
    assert_int_equal(find_err(&b, "root"), CPIO_E_MAGIC);
    put_sample(&b);
    memcpy(b.bytes,
           "\x7f"
           "ELF..",
           6);
    assert_int_equal(find_err(&b, "root"), CPIO_E_MAGIC);
}

static void test_cpio_find__numbers(void **state)
{
    static const char bad[] = {'g', 'G', ' ', '-', 'x', '\0', '/', ':', '@', '`'};
    static const size_t fields[] = {6 + 8, 6 + 6 * 8, 6 + 11 * 8};
    struct build b;
    (void)state;
    for (size_t i = 0; i < sizeof bad; i++) {
        for (size_t j = 0; j < 3; j++) {
            put_sample(&b);
            b.bytes[fields[j] + 7] = (uint8_t)bad[i];
            assert_int_equal(find_err(&b, "root"), CPIO_E_NUMBER);
        }
    }
    put_sample(&b);
    memcpy(b.bytes + 6 + 8, "abcdefAB", 8);
    assert_int_equal(find_err(&b, "root"), CPIO_OK);
}

static void test_cpio_find__sizes(void **state)
{
    static const char *const sizes[] = {"FFFFFFFF", "7FFFFFFF", "00001000", "FFFFFF92"};
    struct build b;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        put_sample(&b);
        memcpy(b.bytes + 6 + 6 * 8, sizes[i], 8);
        assert_int_equal(find_err(&b, "root"), CPIO_E_TRUNCATED);
        put_sample(&b);
        memcpy(b.bytes + 6 + 11 * 8, sizes[i], 8);
        assert_int_equal(find_err(&b, "root"), CPIO_E_TRUNCATED);
    }
}

static void test_cpio_find__names(void **state)
{
    static const char *const sizes[] = {"00000000", "00000001", "00000003"};
    struct build b;
    (void)state;
    for (size_t i = 0; i < 3; i++) { /* the first name is "." with its NUL: 2 bytes */
        put_sample(&b);
        memcpy(b.bytes + 6 + 11 * 8, sizes[i], 8);
        assert_int_equal(find_err(&b, "root"), CPIO_E_NAME);
    }
}

static void test_cpio_err_text__all(void **state)
{
    (void)state;
    for (int err = 0; err < CPIO_ERR_COUNT; err++) {
        assert_non_null(cpio_err_text((enum cpio_err)err));
    }
    assert_string_equal(cpio_err_text(CPIO_ERR_COUNT), "Unknown archive error.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpio_find__files),
        cmocka_unit_test(test_cpio_next__walks_to_the_trailer),
        cmocka_unit_test(test_cpio_find__cut_at_every_length),
        cmocka_unit_test(test_cpio_find__last_file_cut_at_every_length),
        cmocka_unit_test(test_cpio_find__magic),
        cmocka_unit_test(test_cpio_find__numbers),
        cmocka_unit_test(test_cpio_find__sizes),
        cmocka_unit_test(test_cpio_find__names),
        cmocka_unit_test(test_cpio_err_text__all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
