/* SPDX-License-Identifier: MIT */
/*
 * Owns: taking a command line apart. Pure.
 *
 * Words are separated by blanks and tabs; nothing is quoted or escaped.
 */
#ifndef ROOT_WORDS_H
#define ROOT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES 256u /* of a command line, without its end */
#define WORDS_MAX      33u

enum words_err {
    WORDS_OK = 0,
    WORDS_E_TOO_LONG, /* more than LINE_MAX_BYTES */
    WORDS_E_TOO_MANY, /* more than WORDS_MAX words */
    WORDS_E_BYTE      /* a byte that is neither printable ASCII nor a tab */
};

struct words {
    char text[LINE_MAX_BYTES + 1];
    uint32_t count;
    const char *word[WORDS_MAX + 1]; /* word[count] is NULL */
};

/* A sentence; "" for WORDS_OK. */
const char *words_err_text(enum words_err err);

/* Copies the line and splits the copy; on failure `words` is undefined. */
enum words_err words_split(struct words *words, const char *line, size_t bytes);

/* The word is a decimal number of at most `max`. */
bool words_number(const char *word, uint64_t max, uint64_t *out);

/*
 * The word is an index as the shell writes it: a number is a slot, `w` and a number a word of a proxy
 * window (R4_INDEX_WORD).
 */
bool words_index(const char *word, uint32_t *index);

/*
 * The word names what a call can be made on: an index, or the slot of a peer, `:` and an index of the
 * other side. `peer` is 0 for none.
 */
bool words_cap(const char *word, uint16_t *peer, uint32_t *index);

/* Offset of the `n`th word (from 0) in the line that was split; there is one. */
size_t words_offset(const struct words *words, uint32_t n);

#endif
