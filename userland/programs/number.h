/* SPDX-License-Identifier: MIT */
/*
 * Owns: reading numbers from a program's arguments. Pure.
 */
#ifndef PROGRAMS_NUMBER_H
#define PROGRAMS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole text is a decimal number that fits 64 bits. */
static inline bool number_parse(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    *out = value;
    return at != text && *at == '\0';
}

/* A number of rounds: none would find nothing wrong. */
static inline bool number_parse_count(const char *text, uint64_t *out)
{
    return number_parse(text, out) && *out > 0;
}

#endif
