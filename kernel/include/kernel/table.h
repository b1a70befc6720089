/* SPDX-License-Identifier: MIT */
/*
 * Owns: capability tables: where slot n of a table is, its readable view, and the way from a slot
 * back to its table. A table of 2^n slots is one naturally aligned block of 2^(n+6) bytes: a
 * quarter of readable views (16 bytes a slot), then the slots (48 bytes each). Two numbers are never
 * a capability, and their views are always empty: the storage of slot 0 is the table's grave
 * (delete.h), and the storage of the last slot holds the table's header, so that the block ends with
 * the object and the views hold nothing else.
 *
 * Invariants
 * (table I1) view n equals slot n: low 36 bits of meta, and the badge of types that have one, else
 * 0. Every change of a slot goes through slot_write/slot_clear/slot_set_flags here, or, for a slot
 * of which the caller knows the view, slot_write_with_view.
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <kernel/object.h>
#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <r4/abi/structs.h>

/* The view that user programs may read while it changes: the ABI's record `slot_view`. */
struct slot_view {
    uint64_t meta;
    uint64_t badge;
};
_Static_assert(sizeof(struct slot_view) == sizeof(struct r4_slot_view) &&
                   offsetof(struct slot_view, badge) == offsetof(struct r4_slot_view, badge),
               "a view is what the ABI says");

struct cap_table {
    struct object object;
    uint32_t last; /* number of the slot where this header lies: the first that is no capability */
    uint32_t slot_bits;
    uint32_t reap_next; /* while dying: the next slot to empty */
    uint32_t unused[7];
};
_Static_assert(sizeof(struct cap_table) == sizeof(struct slot), "the header fills the last slot");

/* Bytes of a table with one slot, as a power of two. */
#define TABLE_SLOT_SHARE_BITS 6u

/*
 * Formats zeroed memory as a table of 2^slot_bits slots; returns its header. `block` is the start
 * of the memory.
 */
struct cap_table *table_format(void *block, uint8_t slot_bits);

/* The table that a capability of type CAP_TABLE names. */
static inline struct cap_table *table_of(const struct slot *s)
{
    return container_of((struct object *)(uintptr_t)s->object, struct cap_table, object);
}

/* Slots and views that the block has room for. */
static inline uint32_t table_slots(const struct cap_table *t)
{
    return t->last + 1u;
}

/* Whether a capability can stand at this number. */
static inline bool table_has(const struct cap_table *t, uint32_t n)
{
    return n != 0 && n < t->last;
}

/* The storage of slot `n`, which is not above the last. */
static inline struct slot *table_slot(struct cap_table *t, uint32_t n)
{
    return (struct slot *)(void *)t + ((int64_t)n - (int64_t)t->last);
}

/*
 * The slot of a number that a program gave and that was found below the last. A processor that runs
 * ahead of that check stays in the table as well: a table has a power of two of slots.
 */
static inline struct slot *table_slot_checked(struct cap_table *t, uint32_t n)
{
    return table_slot(t, n & t->last);
}

/* How many views before the header view 0 lies: the block has one view and three views' room of a
 * slot for each number, and the header has the room of the last slot. */
#define TABLE_VIEW_OF_0(last) ((int64_t)(last)*4 + 1)

/* View `n`, which is not above the last. */
static inline struct slot_view *table_view(struct cap_table *t, uint32_t n)
{
    return (struct slot_view *)(void *)t + ((int64_t)n - TABLE_VIEW_OF_0(t->last));
}

/* Where the table's own last capability lies while the table is destroyed. */
static inline struct slot *table_grave(struct cap_table *t)
{
    return table_slot(t, 0);
}

/* Start of the table's memory block: view 0. */
static inline void *table_block(struct cap_table *t)
{
    return table_view(t, 0);
}

/* Table and number of a slot whose home is a table. */
struct cap_table *table_of_slot(struct slot *s, uint32_t *number);

/* The home value for a slot in `t`. */
static inline uint64_t table_home(const struct cap_table *t)
{
    return (uint64_t)t->slot_bits << SLOT_HOME_SHIFT;
}

/* True for types whose capabilities can be given a badge. */
static inline bool type_takes_badge(uint8_t type)
{
    return type == R4_TYPE_NOTIFICATION || type == R4_TYPE_CLUSTER_LINK;
}

#define TYPES_WITH_BADGE                                                                           \
    (UINT64_C(1) << R4_TYPE_NOTIFICATION | UINT64_C(1) << R4_TYPE_CLUSTER_LINK |                   \
     UINT64_C(1) << R4_TYPE_IO_PORT | UINT64_C(1) << R4_TYPE_PEER)

/*
 * True for types whose `extra` is shown in views: a badge, the range of an I/O port, the other end
 * of a peer. Children have it too.
 */
static inline bool type_has_badge(uint8_t type)
{
    return (TYPES_WITH_BADGE >> (type & 63u) & 1u) != 0;
}

/* True for types of which a child has its parent's `extra`; an untyped's is where its free memory begins. */
static inline bool type_is_inherited(uint8_t type)
{
    const uint64_t types = TYPES_WITH_BADGE | UINT64_C(1) << R4_TYPE_UNTYPED;

    return (types >> (type & 63u) & 1u) != 0;
}

/*
 * Writes one word of a view, which others may read at the same time. `meta` is the last word of a
 * slot that is filled and the first of one that is emptied: who sees a capability sees its badge,
 * unless the slot changes meanwhile.
 */
static inline void view_store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/*
 * Fills an empty slot: meta without home (the home of the slot's storage is given by `home`,
 * already shifted), object and extra; updates the view. Does not touch the tour.
 */
void slot_write(struct slot *s, uint64_t home, uint64_t meta, uint64_t object, uint64_t extra);

/* Where a capability goes: an empty slot of a table, with its view. `home` is shifted. */
struct slot_place {
    struct slot *slot;
    struct slot_view *view;
    uint64_t home;
};

/* Number `n` of the table, which can hold a capability; as table_slot_checked. */
static inline struct slot_place table_place(struct cap_table *t, uint32_t n)
{
    return (struct slot_place){
        .slot = table_slot_checked(t, n), .view = table_view(t, n), .home = table_home(t)};
}

/* As slot_write, for a place whose view needs not be found; `meta` has no home. */
static inline void slot_fill(const struct slot_place *to, uint64_t meta, uint64_t object,
                             uint64_t extra)
{
    struct slot *s = to->slot;
    struct slot_view *view = to->view;

    s->meta = meta | to->home;
    s->object = object;
    s->extra = extra;
    view_store(&view->badge, type_has_badge((uint8_t)meta) ? extra : 0);
    view_store(&view->meta, meta & SLOT_VIEW_MASK);
}

/*
 * The same for a slot in a table whose view is `view` and whose type has no badge; `meta` includes
 * the home.
 */
static inline void slot_write_with_view(struct slot *s, struct slot_view *view, uint64_t meta,
                                        uint64_t object, uint64_t extra)
{
    s->meta = meta;
    s->object = object;
    s->extra = extra;
    view_store(&view->badge, 0);
    view_store(&view->meta, meta & SLOT_VIEW_MASK);
}

/* Sets and clears flag bits of a filled slot, and its view. */
void slot_set_flags(struct slot *s, uint64_t set, uint64_t clear);
/* Changes `extra` of a filled slot whose type shows it, and its view. */
void slot_set_extra(struct slot *s, uint64_t extra);
/* Empties a slot that is in no tour any more (its links are 0), and its view. */
void slot_clear(struct slot *s);

/*
 * The view of a slot in a table, whose meta is `meta`: both are in the block that the home says. From
 * the end of the views, which are a quarter of the block, slots lie three times as far apart as
 * views; a third is taken by multiplying with the inverse of 3.
 */
static inline struct slot_view *table_view_of(const struct slot *s, uint64_t meta)
{
    const uint64_t third = UINT64_C(0xaaaaaaaaaaaaaaab);
    const uint64_t at = (uint64_t)(uintptr_t)s;
    const uint64_t mask =
        -(UINT64_C(1) << TABLE_SLOT_SHARE_BITS << (meta >> SLOT_HOME_SHIFT & 63u));
    const uint64_t block = at & mask;
    const uint64_t distance = at - block + (uint64_t)((int64_t)mask >> 2);

    return (struct slot_view *)(uintptr_t)(block + distance * third);
}

/* slot_clear where the slot's meta is known. */
static inline void slot_clear_of(struct slot *s, uint64_t meta)
{
    if ((meta & SLOT_HOME_IN_TABLE) != 0) {
        struct slot_view *view = table_view_of(s, meta);

        view_store(&view->meta, 0);
        view_store(&view->badge, 0);
    }
    s->meta = 0;
    s->object = 0;
    s->extra = 0;
}

/* What the view of `s` must be. */
struct slot_view slot_view_of(const struct slot *s);
