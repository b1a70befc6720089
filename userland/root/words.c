/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <string.h>

const char *words_err_text(enum words_err err)
{
    switch (err) {
    case WORDS_OK:
        return "";
    case WORDS_E_TOO_LONG:
        return "a command line has at most 256 bytes";
    case WORDS_E_TOO_MANY:
        return "a command line has at most 33 words";
    case WORDS_E_BYTE:
        return "a command line has printable ASCII characters only";
    }
    return "";
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

enum words_err words_split(struct words *words, const char *line, size_t bytes)
{
    if (bytes > LINE_MAX_BYTES) {
        return WORDS_E_TOO_LONG;
    }
    words->count = 0;
    bool in_word = false;
    for (size_t i = 0; i < bytes; i++) {
        char c = line[i];
        if (!is_blank(c) && (c < ' ' || c > '~')) {
            return WORDS_E_BYTE;
        }
        if (!is_blank(c) && !in_word) {
            if (words->count == WORDS_MAX) {
                return WORDS_E_TOO_MANY;
            }
            words->word[words->count++] = words->text + i;
        }
        in_word = !is_blank(c);
        words->text[i] = '\0';
        if (in_word) {
            words->text[i] = c;
        }
    }
    words->text[bytes] = '\0';
    words->word[words->count] = NULL;
    return WORDS_OK;
}

bool words_number(const char *word, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (word[0] == '\0') {
        return false;
    }
    for (const char *at = word; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > max / 10 || value * 10 > max - digit) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

size_t words_offset(const struct words *words, uint32_t n)
{
    return (size_t)(words->word[n] - words->text);
}
