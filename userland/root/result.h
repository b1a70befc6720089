/* SPDX-License-Identifier: MIT */
/*
 * Owns: results in the output of a program: a line `result NAME KEY=VALUE ...` is a record of the
 * machine channel besides being shown. Pure.
 */
#ifndef ROOT_RESULT_H
#define ROOT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_KEY_MAX 24u

struct result_field {
    char key[RESULT_KEY_MAX];
    const char *text; /* of the value; not NUL-terminated */
    size_t bytes;
    uint64_t number;
    bool is_number;
};

/* The line is a result: `*line` and `*bytes` become its name and what follows it. */
bool result_begin(const char **line, size_t *bytes, struct result_field *name);
/* The next field, and what follows it. False: there is none, or it is not KEY=VALUE. */
bool result_next(const char **line, size_t *bytes, struct result_field *field);

#endif
