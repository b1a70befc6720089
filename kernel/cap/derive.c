/* SPDX-License-Identifier: MIT */
/*
 * Owns: the four links of a slot. A bracket is a number: the slot's address, with CLOSING added for
 * the closing one. Each bracket of the tour has the one after it and the one before it; the tour is
 * a ring that begins and ends at the anchor. The two links of a bracket lie at the same distance
 * from its number, whichever bracket it is: opening and closing ones alternate in the slot.
 */
#include <kernel/derive.h>

#define CLOSING      UINT64_C(6) /* bytes of a link */
#define CLOSING_MARK UINT64_C(2)

/* Where a link lies, from its bracket's number. */
#define LINK_NEXT offsetof(struct slot, link[0])
#define LINK_PREV offsetof(struct slot, link[2])

_Static_assert(offsetof(struct slot, link[1]) == LINK_NEXT + CLOSING &&
                   offsetof(struct slot, link[3]) == LINK_PREV + CLOSING &&
                   (CLOSING & CLOSING_MARK) != 0 && CLOSING < _Alignof(struct slot),
               "links alternate, and a number says which bracket it is");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of a link comes first");

static inline uint64_t opening_of(const struct slot *s)
{
    return (uint64_t)(uintptr_t)s;
}

static inline uint64_t closing_of(const struct slot *s)
{
    return opening_of(s) | CLOSING;
}

static inline bool is_closing(uint64_t bracket)
{
    return (bracket & CLOSING_MARK) != 0;
}

static inline struct slot *slot_of(uint64_t bracket)
{
    return (struct slot *)(uintptr_t)(bracket & ~CLOSING);
}

/* A link and the two bytes of the slot before it, and the low part of a link. */
typedef int64_t link_word __attribute__((aligned(2), may_alias));
typedef uint32_t link_low __attribute__((aligned(2), may_alias));

static inline uint64_t get(uint64_t bracket, size_t link)
{
    return (uint64_t)(*(const link_word *)(uintptr_t)(bracket + link - sizeof(uint16_t)) >> 16);
}

static inline void set(uint64_t bracket, size_t link, uint64_t to)
{
    link_low *low = (link_low *)(uintptr_t)(bracket + link);

    *low = (uint32_t)to;
    *(uint16_t *)(low + 1) = (uint16_t)(to >> 32);
}

static inline uint64_t next_of(uint64_t bracket)
{
    return get(bracket, LINK_NEXT);
}

static inline uint64_t prev_of(uint64_t bracket)
{
    return get(bracket, LINK_PREV);
}

/* Makes `after` follow `before`. */
static inline void join(uint64_t before, uint64_t after)
{
    set(before, LINK_NEXT, after);
    set(after, LINK_PREV, before);
}

/* Joins the two brackets of a slot without children. */
static inline void join_own(struct slot *s)
{
    join(opening_of(s), closing_of(s));
}

void derive_init(struct slot *anchor)
{
    join_own(anchor);
    join(closing_of(anchor), opening_of(anchor));
}

void derive_insert_children(struct slot *parent, struct slot *first, uint32_t count)
{
    uint64_t after = next_of(opening_of(parent));

    for (uint32_t i = 0; i < count; i++) {
        join_own(&first[i]);
        join(closing_of(&first[i]), after);
        after = opening_of(&first[i]);
    }
    join(opening_of(parent), after);
}

void derive_insert_child(struct slot *parent, struct slot *child)
{
    derive_insert_children(parent, child, 1);
}

static void forget_links(struct slot *s)
{
    for (unsigned i = 0; i < 4; i++) {
        s->link[i][0] = 0;
        s->link[i][1] = 0;
        s->link[i][2] = 0;
    }
}

void derive_remove(struct slot *s)
{
    const uint64_t before = prev_of(opening_of(s));
    const uint64_t after = next_of(closing_of(s));

    if (derive_has_children(s)) {
        join(before, next_of(opening_of(s)));
        join(prev_of(closing_of(s)), after);
    } else {
        join(before, after);
    }
    forget_links(s);
}

void derive_replace(struct slot *from, struct slot *to)
{
    const uint64_t before = prev_of(opening_of(from));
    const uint64_t after = next_of(closing_of(from));

    if (derive_has_children(from)) {
        join(opening_of(to), next_of(opening_of(from)));
        join(prev_of(closing_of(from)), closing_of(to));
    } else {
        join_own(to);
    }
    join(before, opening_of(to));
    join(closing_of(to), after);
    forget_links(from);
}

bool derive_has_children(const struct slot *s)
{
    return next_of(opening_of(s)) != closing_of(s);
}

struct slot *derive_first_child(const struct slot *s)
{
    const uint64_t next = next_of(opening_of(s));

    return is_closing(next) ? NULL : slot_of(next);
}

struct slot *derive_next_sibling(const struct slot *s)
{
    const uint64_t next = next_of(closing_of(s));

    /* What follows the anchor's closing bracket is its own opening one: the ring. */
    return is_closing(next) || slot_of(next) == s ? NULL : slot_of(next);
}

struct slot *derive_next(const struct slot *top, const struct slot *at)
{
    uint64_t next = next_of(opening_of(at));

    /* As many closing brackets in a row as the tree is deep, which time to live and sizes bound. */
    while (is_closing(next)) {
        if (slot_of(next) == top) {
            return NULL;
        }
        next = next_of(next);
    }
    return slot_of(next);
}

void derive_walk_begin(struct derive_walk *w, struct slot *top)
{
    w->top = top;
    w->at = next_of(opening_of(top));
}

struct slot *derive_walk_step(struct derive_walk *w)
{
    const uint64_t bracket = w->at;

    if (bracket == closing_of(w->top)) {
        *w = (struct derive_walk){0};
        return NULL;
    }
    w->at = next_of(bracket);
    return is_closing(bracket) ? NULL : slot_of(bracket);
}

void derive_walk_mark(struct derive_walk *w, uint32_t brackets, uint64_t flags)
{
    const uint64_t end = closing_of(w->top);
    uint64_t at = w->at;

    for (uint32_t i = 0; i < brackets; i++) {
        if (at == end) {
            *w = (struct derive_walk){0};
            return;
        }
        if (!is_closing(at)) {
            slot_of(at)->meta |= flags;
        }
        at = next_of(at);
    }
    w->at = at;
}

void derive_walk_leave(struct derive_walk *w, const struct slot *s)
{
    if (w->top == s) {
        *w = (struct derive_walk){0};
    }
    /* Both brackets of `s` at most. */
    while (w->top != NULL && slot_of(w->at) == s) {
        w->at = next_of(w->at);
    }
}

void derive_walk_move(struct derive_walk *w, const struct slot *from, struct slot *to)
{
    if (w->top != NULL && slot_of(w->at) == from) {
        w->at = is_closing(w->at) ? closing_of(to) : opening_of(to);
    }
    if (w->top == from) {
        w->top = to;
    }
}

static bool is_relative(const struct slot *s, uint64_t bracket)
{
    const struct slot *other = slot_of(bracket);

    return other != s && slot_type(other) == slot_type(s) && other->object == s->object;
}

bool derive_has_relatives(const struct slot *s)
{
    /* An elder or younger sibling, or parent, or child: if any child is one, the first is. */
    return is_relative(s, prev_of(opening_of(s))) || is_relative(s, next_of(closing_of(s))) ||
           is_relative(s, next_of(opening_of(s)));
}

static bool bracket_agrees(uint64_t bracket)
{
    const uint64_t next = next_of(bracket);
    const uint64_t prev = prev_of(bracket);

    return slot_of(next) != NULL && slot_of(prev) != NULL && prev_of(next) == bracket &&
           next_of(prev) == bracket;
}

bool derive_links_agree(const struct slot *s)
{
    return bracket_agrees(opening_of(s)) && bracket_agrees(closing_of(s));
}
