/* SPDX-License-Identifier: MIT */
/*
 * Owns: numbers as text, without allocation or locale. Not ended by 0.
 * Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FMT_DECIMAL_MAX 20u
#define FMT_HEX_MAX     16u

/*
 * Writes `value` in decimal without leading zeros into `out`, which has room for FMT_DECIMAL_MAX;
 * returns how many.
 */
size_t fmt_decimal(char *out, uint64_t value);

/*
 * Writes the lowest `digits` (at most FMT_HEX_MAX) hexadecimal digits, lower case; returns
 * `digits`.
 */
size_t fmt_hex(char *out, uint64_t value, size_t digits);
