/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <r4/abi/limits.h>
#include <string.h>

#define PEER_DIGITS 5u /* of the largest number of a peer's slot */

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

bool words_index(const char *word, uint32_t *index)
{
    const bool is_word = word[0] == 'w';
    uint64_t number;
    if (!words_number(word + is_word, R4_INDEX_WORD - 1, &number)) {
        return false;
    }
    *index = (uint32_t)number | (is_word ? R4_INDEX_WORD : 0);
    return true;
}

bool words_cap(const char *word, uint16_t *peer, uint32_t *index)
{
    char slot[PEER_DIGITS + 1] = {0};
    size_t digits = 0;
    uint64_t number = 0;
    while (word[digits] != '\0' && word[digits] != ':') {
        digits++;
    }
    if (word[digits] == ':') {
        if (digits > PEER_DIGITS) {
            return false;
        }
        memcpy(slot, word, digits);
        if (!words_number(slot, UINT16_MAX, &number) || number == 0) {
            return false;
        }
        word += digits + 1;
    }
    *peer = (uint16_t)number;
    return words_index(word, index);
}

size_t words_offset(const struct words *words, uint32_t n)
{
    return (size_t)(words->word[n] - words->text);
}
