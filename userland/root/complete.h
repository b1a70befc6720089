/* SPDX-License-Identifier: MIT */
/*
 * Owns: which names could stand where the cursor is in a command line: commands at its beginning
 * and after `on CLUSTER` and `help`, programs after `run`. Pure: the names come from the caller.
 */
#ifndef ROOT_COMPLETE_H
#define ROOT_COMPLETE_H

#include "edit.h"

enum complete_kind { COMPLETE_NOTHING, COMPLETE_COMMAND, COMPLETE_PROGRAM };

/* The `i`th name of the kind, NULL beyond the last. Each stays valid until the next call. */
typedef const char *complete_name(void *context, enum complete_kind kind, size_t i);

/* The word before the cursor, and what kind of name it is. */
struct complete_place {
    enum complete_kind kind;
    const char *prefix;
    size_t bytes;
};
struct complete_place complete_place(const char *line, size_t cursor);

/* Whether the name begins with what stands before the cursor. */
bool complete_fits(const struct complete_place *place, const char *name);

/*
 * What all names that fit have in common beyond the prefix; a blank after it if there is only one
 * name.
 */
void complete_find(const struct complete_place *place, complete_name *name, void *context,
                   struct edit_completion *out);

#endif
