/* SPDX-License-Identifier: MIT */
/*
 * Owns: one JSON object, written member by member into a buffer of the caller's. Printable ASCII
 * comes out, whatever goes in.
 *
 * Invariants
 * (json I1) used <= capacity; once something did not fit, is_full stays set and nothing more is
 *     written.
 * Pure. Not here: reading JSON; the kernel and libr4 never do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
    char *out;
    size_t capacity;
    size_t used;
    bool is_full;
};

/* Opens the object. */
void json_begin(struct json *j, char *out, size_t capacity);
/* Adds a member. Keys are the program's own constants, so they are not escaped. */
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* `text` ends with 0. */
void json_string(struct json *j, const char *key, const char *text);
/* Any bytes; what is no printable ASCII character becomes \u00XX. */
void json_bytes(struct json *j, const char *key, const char *bytes, size_t count);
/* An array of numbers. */
void json_numbers(struct json *j, const char *key, const uint32_t *values, size_t count);
/* Closes the object; returns its length, or 0 if it did not fit. */
size_t json_end(struct json *j);
