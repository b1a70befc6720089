/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading a cpio archive in the "newc" format (magic 070701), as the boot archive is.
 *
 * Invariants: a file's name and data lie wholly inside the archive and the name ends with a NUL.
 * Every step advances by at least a header, so a walk ends.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum cpio_err {
    CPIO_OK = 0,
    CPIO_END,         /* the trailer was reached */
    CPIO_E_MAGIC,     /* a header does not begin with 070701 */
    CPIO_E_NUMBER,    /* a header field is not hexadecimal */
    CPIO_E_TRUNCATED, /* the archive ends inside a header, name or file, or without a trailer */
    CPIO_E_NAME,      /* a name is empty, has no NUL at its end, or one before it */
    CPIO_E_NOT_FOUND,
    CPIO_ERR_COUNT
};

struct cpio_archive {
    const uint8_t *bytes;
    size_t length;
};

struct cpio_file {
    const char *name; /* without a leading "./" */
    const uint8_t *data;
    size_t bytes;
    uint32_t mode; /* type and permissions as in stat */
};

const char *cpio_err_text(enum cpio_err err);

/* Reads the file at `*offset` (start with 0) and moves the offset behind it. CPIO_OK with `*file`
 * filled, CPIO_END, or the reason why the archive is malformed. */
enum cpio_err cpio_next(const struct cpio_archive *archive, size_t *offset, struct cpio_file *file);

/* The first regular file of this name. An archive that is malformed before the file is refused;
 * behind it nothing is looked at. */
enum cpio_err cpio_find(const struct cpio_archive *archive, const char *name,
                        struct cpio_file *file);
