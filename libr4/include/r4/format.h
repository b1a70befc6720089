/* SPDX-License-Identifier: MIT */
/*
 * Owns: formatted text, piece by piece into a function or bounded into a buffer. Pure.
 *
 * Understood: %% %c %s %d %i %u %x %X %p; lengths l, ll and z; the flags `-` and `0`, a width and, for
 * %s, a precision, both also as `*`. Anything else comes out as it stands in the format.
 */
#ifndef R4_FORMAT_H
#define R4_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Takes the next piece of text; pieces are not NUL-terminated and never empty. */
typedef void r4_format_put(void *context, const char *text, size_t bytes);

/* Formats into `put`. */
void r4_vformat(r4_format_put *put, void *context, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/*
 * Formats into `buffer`, of which at most `size` bytes are written, always with a NUL unless `size` is
 * 0. Returns the length of the whole text, of which `size` - 1 bytes fit.
 */
size_t r4_vsnprintf(char *buffer, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
size_t r4_snprintf(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
