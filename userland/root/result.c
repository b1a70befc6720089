/* SPDX-License-Identifier: MIT */
#include "result.h"

#include <string.h>

static const char mark[] = "result ";

/* Up to the next blank or the end of the line; skips the blank. */
static bool take_word(const char **line, size_t *bytes, const char **word, size_t *length)
{
    size_t n = 0;
    *word = *line;
    while (n < *bytes && (*line)[n] != ' ' && (*line)[n] != '\n') {
        n++;
    }
    *length = n;
    const size_t skipped = n < *bytes ? n + 1 : n;
    *line += skipped;
    *bytes -= skipped;
    return n > 0;
}

static void set_value(struct result_field *field, const char *text, size_t bytes)
{
    field->text = text;
    field->bytes = bytes;
    field->number = 0;
    field->is_number = bytes > 0 && bytes < 19; /* digits that fit 64 bits for sure */
    for (size_t i = 0; i < bytes && field->is_number; i++) {
        field->is_number = text[i] >= '0' && text[i] <= '9';
        field->number = field->number * 10 + (uint64_t)(text[i] - '0');
    }
}

bool result_begin(const char **line, size_t *bytes, struct result_field *name)
{
    const size_t length = sizeof mark - 1;
    const char *word;
    size_t n;
    if (*bytes <= length || memcmp(*line, mark, length) != 0) {
        return false;
    }
    *line += length;
    *bytes -= length;
    if (!take_word(line, bytes, &word, &n)) {
        return false;
    }
    set_value(name, word, n);
    return true;
}

bool result_next(const char **line, size_t *bytes, struct result_field *field)
{
    const char *word;
    size_t n;
    size_t key = 0;
    if (!take_word(line, bytes, &word, &n)) {
        return false;
    }
    while (key < n && word[key] != '=') {
        key++;
    }
    if (key == 0 || key >= n || key >= RESULT_KEY_MAX) {
        return false;
    }
    memcpy(field->key, word, key);
    field->key[key] = '\0';
    set_value(field, word + key + 1, n - key - 1);
    return true;
}
