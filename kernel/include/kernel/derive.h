/* SPDX-License-Identifier: MIT */
/*
 * Owns: the derivation tree of a cluster, kept as one tour: every slot stands in it twice, as an
 * opening and as a closing bracket, and the brackets of its descendants stand between its own.
 *
 * Invariants
 * (derive I1) The brackets nest.
 * (derive I2) All capabilities for one object stand side by side: between them there are only
 * brackets of their own kind. IRQ_CONTROL is excepted: handlers may stand between its capabilities.
 * (derive I3) A slot is in the tour exactly when it is not empty.
 * So insertion, removal and move are a few stores whatever the number of relatives; removal of a
 * slot with children makes them its parent's children, in place. Links hold the low 48 bits of a
 * slot's address with the bracket in the lowest three; the sign of bit 47 is extended, which serves
 * kernel pointers as well as a host process.
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <kernel/slot.h>

/* Makes `anchor` a tour of its own: the root under which everything hangs. */
void derive_init(struct slot *anchor);

/* Puts `child`, which is in no tour, right after the opening bracket of `parent`. */
void derive_insert_child(struct slot *parent, struct slot *child);

/* The same for `count` slots in a row; the last one becomes the first child. */
void derive_insert_children(struct slot *parent, struct slot *first, uint32_t count);

/* Takes `s` out; its children become children of its parent, in its place. */
void derive_remove(struct slot *s);

/* Puts `to` (in no tour) at the place of `from`, children and all; `from` leaves the tour. */
void derive_replace(struct slot *from, struct slot *to);

bool derive_has_children(const struct slot *s);

/* First child (the newest) or NULL. */
struct slot *derive_first_child(const struct slot *s);

/* Next older sibling or NULL. */
struct slot *derive_next_sibling(const struct slot *s);

/*
 * The slot whose bracket follows `s`'s opening bracket in the tour when descending, i.e. a walk of
 * all descendants of `top` in pre-order: returns the one after `at` (start with `at` == `top`),
 * NULL at the end.
 */
struct slot *derive_next(const struct slot *top, const struct slot *at);

/*
 * True when another capability for the same object (same type and same `object` word) exists; O(1)
 * by derive I2.
 */
bool derive_has_relatives(const struct slot *s);

/*
 * A walk over all descendants of a slot, one bracket a step, which may rest between any two steps:
 * whoever takes a slot out of the tour or replaces it meanwhile tells the walk first. Nothing may
 * be inserted below `top` in brackets that the walk has behind it.
 */
struct derive_walk {
    struct slot *top; /* NULL: no walk */
    uint64_t at;      /* the bracket that comes next */
};

void derive_walk_begin(struct derive_walk *w, struct slot *top);

/*
 * The descendant whose opening bracket comes next, or NULL if a closing one does; at the closing
 * bracket of `top` the walk ends.
 */
struct slot *derive_walk_step(struct derive_walk *w);

/* So many steps at once, or fewer to the end: sets flags, which no view shows, in each descendant met. */
void derive_walk_mark(struct derive_walk *w, uint32_t brackets, uint64_t flags);

/* `s` is about to leave the tour: the walk, if there is one, goes on behind it or ends with its top. */
void derive_walk_leave(struct derive_walk *w, const struct slot *s);

/* `to` is about to replace `from`. */
void derive_walk_move(struct derive_walk *w, const struct slot *from, struct slot *to);

/*
 * Checks the links around `s` (both directions, all four); false if they disagree. For the auditor.
 */
bool derive_links_agree(const struct slot *s);
