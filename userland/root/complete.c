/* SPDX-License-Identifier: MIT */
#include "complete.h"

#include <string.h>

#define PLACE_WORDS 5u /* `on`, its cluster, `run`, `-m` and a size decide what follows */

struct word {
    const char *text;
    size_t bytes;
};

/*
 * Splits what stands before the cursor; the last word is the one that is being typed, be it empty.
 */
static size_t split(const char *line, size_t cursor, struct word word[PLACE_WORDS + 2])
{
    size_t count = 0;
    size_t at = 0;
    for (;;) {
        while (at < cursor && line[at] == ' ') {
            at++;
        }
        const size_t start = at;
        while (at < cursor && line[at] != ' ') {
            at++;
        }
        if (count < PLACE_WORDS + 2) {
            word[count] = (struct word){line + start, at - start};
            count++;
        }
        if (at == cursor) {
            return count;
        }
    }
}

static bool is_word(const struct word *word, const char *text)
{
    return word->bytes == strlen(text) && memcmp(word->text, text, word->bytes) == 0;
}

/* How many words a `run` has when the last is the program. */
static size_t program_at(const struct word *first, size_t count)
{
    return count > 2 && is_word(first + 1, "-m") ? 4 : 2;
}

struct complete_place complete_place(const char *line, size_t cursor)
{
    struct word word[PLACE_WORDS + 2];
    size_t count = split(line, cursor, word);
    const struct word last = word[count - 1];
    struct complete_place place = {COMPLETE_NOTHING, last.text, last.bytes};
    const struct word *first = word;

    if (count > 2 && is_word(first, "on")) {
        first += 2;
        count -= 2;
    }
    if (count == 1 || (count == 2 && is_word(first, "help"))) {
        place.kind = COMPLETE_COMMAND;
    } else if (count == program_at(first, count) && is_word(first, "run")) {
        place.kind = COMPLETE_PROGRAM;
    }
    return place;
}

bool complete_fits(const struct complete_place *place, const char *name)
{
    return strlen(name) >= place->bytes && memcmp(name, place->prefix, place->bytes) == 0;
}

static size_t common_bytes(const char *a, size_t bytes, const char *b)
{
    size_t common = 0;
    while (common < bytes && b[common] == a[common]) {
        common++;
    }
    return common;
}

void complete_find(const struct complete_place *place, complete_name *name, void *context,
                   struct edit_completion *out)
{
    size_t found = 0;
    const char *candidate = NULL;
    *out = (struct edit_completion){.bytes = 0};
    for (size_t i = 0; (candidate = name(context, place->kind, i)) != NULL; i++) {
        if (!complete_fits(place, candidate)) {
            continue;
        }
        const char *rest = candidate + place->bytes;
        const size_t bytes = strlen(rest);
        if (found == 0 && bytes < sizeof out->text) {
            memcpy(out->text, rest, bytes);
            out->bytes = bytes;
        } else {
            out->bytes = common_bytes(out->text, out->bytes, rest);
        }
        found++;
    }
    if (found == 1) {
        out->text[out->bytes++] = ' ';
    }
    out->is_open = found > 1;
}
