/* SPDX-License-Identifier: MIT */
/* Text in a buffer that the caller owns; what does not fit is left out. Always ends in a NUL. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct x86_text {
    char *buffer;
    size_t capacity; /* at least 1 */
    size_t count;
};

struct x86_text x86_text_in(char *buffer, size_t capacity);
void x86_text_string(struct x86_text *text, const char *string);
/* In decimal. */
void x86_text_number(struct x86_text *text, uint64_t value);
/* With 0x in front. */
void x86_text_hex(struct x86_text *text, uint64_t value);
