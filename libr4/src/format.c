/* SPDX-License-Identifier: MIT */
#include <r4/format.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_MAX 20u /* of UINT64_MAX in decimal */

struct output {
    r4_format_put *put;
    void *context;
};

/* One conversion. */
struct directive {
    bool is_left;
    bool is_zero_padded;
    bool has_precision;
    uint8_t length; /* 0: int, 1: long and everything else of 64 bits */
    size_t width;
    size_t precision;
    char conversion;
};

static void put(const struct output *out, const char *text, size_t bytes)
{
    if (bytes > 0) {
        out->put(out->context, text, bytes);
    }
}

static void put_repeated(const struct output *out, char c, size_t count)
{
    char run[16];
    memset(run, c, sizeof run);
    while (count > 0) {
        size_t piece = count < sizeof run ? count : sizeof run;
        put(out, run, piece);
        count -= piece;
    }
}

/* strlen is no part of what a pure file may use. */
static size_t length_of(const char *text)
{
    size_t bytes = 0;
    while (text[bytes] != '\0') {
        bytes++;
    }
    return bytes;
}

static void put_padded(const struct output *out, const struct directive *d, const char *prefix,
                       const char *text, size_t bytes)
{
    size_t prefix_bytes = length_of(prefix);
    size_t all = prefix_bytes + bytes;
    size_t pad = d->width > all ? d->width - all : 0;
    bool zeros = d->is_zero_padded && !d->is_left;
    if (!d->is_left && !zeros) {
        put_repeated(out, ' ', pad);
    }
    put(out, prefix, prefix_bytes);
    if (zeros) {
        put_repeated(out, '0', pad);
    }
    put(out, text, bytes);
    if (d->is_left) {
        put_repeated(out, ' ', pad);
    }
}

static void put_number(const struct output *out, const struct directive *d, const char *prefix,
                       uint64_t value, uint64_t base, bool is_upper)
{
    const char *alphabet = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[DIGITS_MAX];
    size_t start = DIGITS_MAX;
    do {
        digits[--start] = alphabet[value % base];
        value /= base;
    } while (value > 0);
    put_padded(out, d, prefix, digits + start, DIGITS_MAX - start);
}

static void put_signed(const struct output *out, const struct directive *d, int64_t value)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    put_number(out, d, value < 0 ? "-" : "", magnitude, 10, false);
}

static void put_string(const struct output *out, struct directive *d, const char *text)
{
    const char *shown = text != NULL ? text : "(null)";
    size_t bytes = 0;
    while ((!d->has_precision || bytes < d->precision) && shown[bytes] != '\0') {
        bytes++;
    }
    d->is_zero_padded = false;
    put_padded(out, d, "", shown, bytes);
}

/* A number in the format, or `*`: the next argument, where a negative one counts as 0. */
static size_t take_size(const char **at, va_list *args)
{
    size_t size = 0;
    if (**at == '*') {
        int given = va_arg(*args, int);
        (*at)++;
        return given > 0 ? (size_t)given : 0;
    }
    while (**at >= '0' && **at <= '9') {
        size_t digit = (size_t)(**at - '0');
        size = size > 100000 ? size : size * 10 + digit;
        (*at)++;
    }
    return size;
}

/* Reads what stands behind a `%`; leaves `*at` behind the conversion character. */
static struct directive take_directive(const char **at, va_list *args)
{
    struct directive d = {0};
    for (; **at == '-' || **at == '0'; (*at)++) {
        d.is_left |= **at == '-';
        d.is_zero_padded |= **at == '0';
    }
    d.width = take_size(at, args);
    if (**at == '.') {
        (*at)++;
        d.has_precision = true;
        d.precision = take_size(at, args);
    }
    for (; **at == 'l' || **at == 'z'; (*at)++) {
        d.length = 1;
    }
    d.conversion = **at;
    if (d.conversion != '\0') {
        (*at)++;
    }
    return d;
}

static uint64_t take_unsigned(const struct directive *d, va_list *args)
{
    return d->length == 0 ? va_arg(*args, unsigned) : va_arg(*args, unsigned long);
}

static int64_t take_signed(const struct directive *d, va_list *args)
{
    return d->length == 0 ? va_arg(*args, int) : va_arg(*args, long);
}

/* False if there is no such conversion. */
static bool put_directive(const struct output *out, struct directive *d, va_list *args)
{
    char c;
    switch (d->conversion) {
    case '%':
        put(out, "%", 1);
        return true;
    case 'c':
        c = (char)va_arg(*args, int);
        d->is_zero_padded = false;
        put_padded(out, d, "", &c, 1);
        return true;
    case 's':
        put_string(out, d, va_arg(*args, const char *));
        return true;
    case 'd':
    case 'i':
        put_signed(out, d, take_signed(d, args));
        return true;
    case 'u':
        put_number(out, d, "", take_unsigned(d, args), 10, false);
        return true;
    case 'x':
    case 'X':
        put_number(out, d, "", take_unsigned(d, args), 16, d->conversion == 'X');
        return true;
    case 'p':
        put_number(out, d, "0x", (uintptr_t)va_arg(*args, void *), 16, false);
        return true;
    default:
        return false;
    }
}

void r4_vformat(r4_format_put *function, void *context, const char *format, va_list args)
{
    const struct output out = {.put = function, .context = context};
    va_list rest;
    va_copy(rest, args);
    const char *plain = format;
    const char *at = format;
    while (*at != '\0') {
        if (*at != '%') {
            at++;
            continue;
        }
        put(&out, plain, (size_t)(at - plain));
        plain = at++;
        struct directive d = take_directive(&at, &rest);
        if (put_directive(&out, &d, &rest)) {
            plain = at;
        }
    }
    put(&out, plain, (size_t)(at - plain));
    va_end(rest);
}

struct buffer {
    char *text;
    size_t size;
    size_t length;
};

static void put_buffer(void *context, const char *text, size_t bytes)
{
    struct buffer *b = context;
    if (b->length < b->size) {
        size_t room = b->size - b->length;
        memcpy(b->text + b->length, text, bytes < room ? bytes : room);
    }
    b->length += bytes;
}

size_t r4_vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
    struct buffer b = {.text = buffer, .size = size};
    r4_vformat(put_buffer, &b, format, args);
    if (size > 0) {
        buffer[b.length < size ? b.length : size - 1] = '\0';
    }
    return b.length;
}

size_t r4_snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = r4_vsnprintf(buffer, size, format, args);
    va_end(args);
    return length;
}
