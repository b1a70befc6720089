/* SPDX-License-Identifier: MIT */
#include <lib/fmt.h>
#include <lib/json.h>
#include <string.h>

static void append(struct json *j, const char *bytes, size_t count)
{
    if (j->is_full || count > j->capacity - j->used) {
        j->is_full = true;
        return;
    }
    memcpy(j->out + j->used, bytes, count);
    j->used += count;
}

static void append_char(struct json *j, char c)
{
    append(j, &c, 1);
}

static size_t length_of(const char *text)
{
    size_t count = 0;

    while (text[count] != 0) {
        count++;
    }
    return count;
}

static void append_key(struct json *j, const char *key)
{
    if (j->used > 1) {
        append_char(j, ',');
    }
    append_char(j, '"');
    append(j, key, length_of(key));
    append(j, "\":", 2);
}

static void append_escaped(struct json *j, char c)
{
    const unsigned char byte = (unsigned char)c;

    if (c == '"' || c == '\\') {
        append_char(j, '\\');
        append_char(j, c);
    } else if (byte >= 0x20 && byte < 0x7f) {
        append_char(j, c);
    } else {
        char escape[6] = {'\\', 'u', '0', '0'};

        fmt_hex(escape + 4, byte, 2);
        append(j, escape, sizeof escape);
    }
}

void json_begin(struct json *j, char *out, size_t capacity)
{
    j->out = out;
    j->capacity = capacity;
    j->used = 0;
    j->is_full = false;
    append_char(j, '{');
}

void json_number(struct json *j, const char *key, uint64_t value)
{
    char digits[FMT_DECIMAL_MAX];

    append_key(j, key);
    append(j, digits, fmt_decimal(digits, value));
}

void json_bool(struct json *j, const char *key, bool value)
{
    append_key(j, key);
    append(j, value ? "true" : "false", value ? 4 : 5);
}

void json_bytes(struct json *j, const char *key, const char *bytes, size_t count)
{
    append_key(j, key);
    append_char(j, '"');
    for (size_t i = 0; i < count && !j->is_full; i++) {
        append_escaped(j, bytes[i]);
    }
    append_char(j, '"');
}

void json_string(struct json *j, const char *key, const char *text)
{
    json_bytes(j, key, text, length_of(text));
}

void json_numbers(struct json *j, const char *key, const uint32_t *values, size_t count)
{
    char digits[FMT_DECIMAL_MAX];

    append_key(j, key);
    append_char(j, '[');
    for (size_t i = 0; i < count && !j->is_full; i++) {
        if (i > 0) {
            append_char(j, ',');
        }
        append(j, digits, fmt_decimal(digits, values[i]));
    }
    append_char(j, ']');
}

size_t json_end(struct json *j)
{
    append_char(j, '}');
    return j->is_full ? 0 : j->used;
}
