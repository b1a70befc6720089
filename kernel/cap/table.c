/* SPDX-License-Identifier: MIT */
/* Owns: where things are in a table's block, and the equality of slots and views. */
#include <kernel/table.h>

#include <kernel/panic.h>

_Static_assert(sizeof(struct slot_view) == 16, "a view is 16 bytes");
_Static_assert(sizeof(struct slot) + sizeof(struct slot_view) == 1u << TABLE_SLOT_SHARE_BITS,
               "a slot and its view share 64 bytes");

struct cap_table *table_format(void *block, uint8_t slot_bits)
{
    const uint32_t slots = UINT32_C(1) << slot_bits;
    struct slot *first = (struct slot *)(void *)((struct slot_view *)block + slots);
    struct cap_table *t = (struct cap_table *)(void *)(first + slots - 1u);

    object_format(&t->object, R4_TYPE_CAP_TABLE);
    t->last = slots - 1u;
    t->slot_bits = slot_bits;
    return t;
}

struct cap_table *table_of_slot(struct slot *s, uint32_t *number)
{
    const unsigned slot_bits = slot_home(s);
    const uint64_t block_bytes = UINT64_C(1) << (slot_bits + TABLE_SLOT_SHARE_BITS);
    const uintptr_t block = (uintptr_t)s & ~(uintptr_t)(block_bytes - 1u);
    struct cap_table *t = (struct cap_table *)(block + block_bytes) - 1;

    R4_ASSERT(slot_bits >= SLOT_HOME_TABLE_MIN && t->slot_bits == slot_bits);
    *number = (uint32_t)(s - table_slot(t, 0));
    return t;
}

static bool has_view(const struct slot *s)
{
    return slot_has(s, SLOT_HOME_IN_TABLE);
}
_Static_assert(SLOT_HOME_TABLE_MIN == 8, "homes of tables have an upper bit");

static struct slot_view *view_of(struct slot *s)
{
    return table_view_of(s, s->meta);
}

void slot_write(struct slot *s, uint64_t home, uint64_t meta, uint64_t object, uint64_t extra)
{
    s->meta = (meta & ~SLOT_HOME_MASK) | home;
    s->object = object;
    s->extra = extra;
    if (has_view(s)) {
        const struct slot_view shown = slot_view_of(s);
        struct slot_view *view = view_of(s);

        view_store(&view->badge, shown.badge);
        view_store(&view->meta, shown.meta);
    }
}

void slot_set_flags(struct slot *s, uint64_t set, uint64_t clear)
{
    s->meta = (s->meta & ~clear) | set;
    if (has_view(s)) {
        view_store(&view_of(s)->meta, s->meta & SLOT_VIEW_MASK);
    }
}

void slot_set_extra(struct slot *s, uint64_t extra)
{
    s->extra = extra;
    if (has_view(s)) {
        view_store(&view_of(s)->badge, extra);
    }
}

void slot_clear(struct slot *s)
{
    slot_clear_of(s, s->meta);
}

struct slot_view slot_view_of(const struct slot *s)
{
    struct slot_view view = {0};

    if (!slot_is_empty(s)) {
        view.meta = s->meta & SLOT_VIEW_MASK;
        view.badge = type_has_badge(slot_type(s)) && !slot_has(s, SLOT_ZOMBIE) ? s->extra : 0;
    }
    return view;
}
