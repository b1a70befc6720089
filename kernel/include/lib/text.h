/* SPDX-License-Identifier: MIT */
/* Comparing names. Pure. */
#pragma once

#include <stdbool.h>

/* Whether two NUL-terminated texts are the same. */
static inline bool text_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}
