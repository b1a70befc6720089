/* SPDX-License-Identifier: MIT */
/* Owns: the layout of the newc format: a header of 110 characters, the name, the data; name and
 * data are padded to 4 bytes, counted from the start of the archive. */
#include <lib/cpio.h>

#include <stdbool.h>
#include <string.h>

enum {
    HEADER_BYTES = 110,
    MAGIC_BYTES = 6,
    FIELD_BYTES = 8,
    FIELD_MODE = 1,
    FIELD_FILE_BYTES = 6,
    FIELD_NAME_BYTES = 11,
    MODE_TYPE_MASK = 0170000,
    MODE_REGULAR = 0100000,
};

static const char trailer_name[] = "TRAILER!!!";

const char *cpio_err_text(enum cpio_err err)
{
    static const char *const text[CPIO_ERR_COUNT] = {
        [CPIO_OK] = "No error.",
        [CPIO_END] = "The archive has no more files.",
        [CPIO_E_MAGIC] = "The archive is not in cpio's newc format.",
        [CPIO_E_NUMBER] = "A number in the archive is not hexadecimal.",
        [CPIO_E_TRUNCATED] = "The archive ends too early.",
        [CPIO_E_NAME] = "A name in the archive is malformed.",
        [CPIO_E_NOT_FOUND] = "The archive has no such file.",
    };
    size_t index = (size_t)err;
    return index < CPIO_ERR_COUNT ? text[index] : "Unknown archive error.";
}

static bool read_field(const uint8_t *header, size_t field, uint32_t *out)
{
    const uint8_t *digits = header + MAGIC_BYTES + field * FIELD_BYTES;
    uint32_t value = 0;
    for (size_t i = 0; i < FIELD_BYTES; i++) {
        uint8_t c = digits[i];
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = c - (uint32_t)'0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - (uint32_t)'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - (uint32_t)'A' + 10;
        } else {
            return false;
        }
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

static bool is_name(const uint8_t *name, uint32_t bytes)
{
    for (uint32_t i = 0; i + 1 < bytes; i++) {
        if (name[i] == 0) {
            return false;
        }
    }
    return bytes > 1 && name[bytes - 1] == 0;
}

/* Moves the offset by `bytes`, which may fail, and up to the next multiple of four, which may not:
 * the last padding may be missing. */
static bool advance(const struct cpio_archive *archive, size_t *offset, size_t bytes)
{
    if (bytes > archive->length - *offset) {
        return false;
    }
    size_t end = *offset + bytes;
    size_t padding = (4 - end % 4) % 4;
    *offset = padding > archive->length - end ? archive->length : end + padding;
    return true;
}

enum cpio_err cpio_next(const struct cpio_archive *archive, size_t *offset, struct cpio_file *file)
{
    size_t at = *offset;
    if (at > archive->length || archive->length - at < HEADER_BYTES) {
        return CPIO_E_TRUNCATED;
    }
    const uint8_t *header = archive->bytes + at;
    if (memcmp(header, "070701", MAGIC_BYTES) != 0) {
        return CPIO_E_MAGIC;
    }
    uint32_t mode;
    uint32_t file_bytes;
    uint32_t name_bytes;
    if (!read_field(header, FIELD_MODE, &mode) ||
        !read_field(header, FIELD_FILE_BYTES, &file_bytes) ||
        !read_field(header, FIELD_NAME_BYTES, &name_bytes)) {
        return CPIO_E_NUMBER;
    }
    const uint8_t *name = header + HEADER_BYTES;
    if (name_bytes > archive->length - at - HEADER_BYTES) {
        return CPIO_E_TRUNCATED;
    }
    if (!is_name(name, name_bytes)) {
        return CPIO_E_NAME;
    }
    if (name_bytes == sizeof trailer_name && memcmp(name, trailer_name, name_bytes) == 0) {
        return CPIO_END;
    }
    if (!advance(archive, &at, (size_t)HEADER_BYTES + name_bytes)) {
        return CPIO_E_TRUNCATED;
    }
    const uint8_t *data = archive->bytes + at;
    if (!advance(archive, &at, file_bytes)) {
        return CPIO_E_TRUNCATED;
    }
    bool is_dotted = name_bytes > 3 && name[0] == '.' && name[1] == '/';
    *file = (struct cpio_file){.name = (const char *)name + (is_dotted ? 2 : 0),
                               .data = data,
                               .bytes = file_bytes,
                               .mode = mode};
    *offset = at;
    return CPIO_OK;
}

static bool is_same(const char *one, const char *other)
{
    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

enum cpio_err cpio_find(const struct cpio_archive *archive, const char *name,
                        struct cpio_file *file)
{
    size_t offset = 0;
    for (;;) {
        struct cpio_file found;
        enum cpio_err err = cpio_next(archive, &offset, &found);
        if (err != CPIO_OK) {
            return err == CPIO_END ? CPIO_E_NOT_FOUND : err;
        }
        if ((found.mode & MODE_TYPE_MASK) == MODE_REGULAR && is_same(found.name, name)) {
            *file = found;
            return CPIO_OK;
        }
    }
}
