/* SPDX-License-Identifier: MIT */
#include <lib/fmt.h>

size_t fmt_decimal(char *out, uint64_t value)
{
    char reversed[FMT_DECIMAL_MAX];
    size_t count = 0;

    do {
        reversed[count++] = (char)('0' + value % 10u);
        value /= 10u;
    } while (value != 0);
    for (size_t i = 0; i < count; i++) {
        out[i] = reversed[count - 1u - i];
    }
    return count;
}

size_t fmt_hex(char *out, uint64_t value, size_t digits)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < digits; i++) {
        out[digits - 1u - i] = hex[value & 0xfu];
        value >>= 4;
    }
    return digits;
}
