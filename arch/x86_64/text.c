/* SPDX-License-Identifier: MIT */
#include <x86/text.h>

struct x86_text x86_text_in(char *buffer, size_t capacity)
{
    buffer[0] = '\0';
    return (struct x86_text){.buffer = buffer, .capacity = capacity, .count = 0};
}

static void append(struct x86_text *text, char character)
{
    if (text->count + 1 < text->capacity) {
        text->buffer[text->count++] = character;
        text->buffer[text->count] = '\0';
    }
}

void x86_text_string(struct x86_text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        append(text, *string);
    }
}

static void append_in_base(struct x86_text *text, uint64_t value, unsigned base)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        append(text, digits[--count]);
    }
}

void x86_text_number(struct x86_text *text, uint64_t value)
{
    append_in_base(text, value, 10);
}

void x86_text_hex(struct x86_text *text, uint64_t value)
{
    x86_text_string(text, "0x");
    append_in_base(text, value, 16);
}
