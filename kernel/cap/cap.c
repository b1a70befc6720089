/* SPDX-License-Identifier: MIT */
/* Owns: how slot, view, tour and count change together. */
#include <kernel/cap.h>

#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/panic.h>
#include <kernel/table.h>

uint64_t cap_child_meta(const struct cap_ref *source, uint16_t rights)
{
    R4_ASSERT(source->ttl > 0);
    return slot_meta(0, source->rights & rights, (uint8_t)(source->ttl - 1u), 0) |
           (source->slot->meta & CAP_KEPT);
}

uint64_t cap_child_extra(const struct cap_ref *source)
{
    const struct slot *s = source->slot;

    return type_takes_badge(slot_type(s)) && s->extra == 0 ? source->session
                                                           : cap_own_child_extra(s);
}

void cap_make_child(struct slot *source, const struct slot_place *to, uint64_t meta, uint64_t extra)
{
    struct slot *s = to->slot;

    slot_fill(to, meta, source->object, extra);
    derive_insert_child(source, s);
    if (object_has_header((uint8_t)meta)) {
        object_of(source)->caps++;
    }
}

void cap_make_part(struct slot *source, const struct slot_place *to, uint64_t meta, uint64_t object)
{
    R4_ASSERT(slot_is_empty(to->slot));
    slot_fill(to, meta, object, 0);
    derive_insert_child(source, to->slot);
}

void slot_embed(const struct cap_ref *source, struct slot *to, enum slot_home home)
{
    struct slot *parent = source->slot;

    R4_ASSERT(slot_is_empty(to));
    slot_write(to, (uint64_t)home << SLOT_HOME_SHIFT, cap_child_meta(source, R4_RIGHTS_DEFINED),
               parent->object, cap_child_extra(source));
    derive_insert_child(parent, to);
    if (object_has_header(slot_type(parent))) {
        object_of(parent)->caps++;
    }
}

void cap_move(struct slot *from, const struct slot_place *to)
{
    R4_ASSERT(slot_is_empty(to->slot));
    slot_fill(to, from->meta & ~SLOT_HOME_MASK, from->object, from->extra);
    derive_replace(from, to->slot);
    slot_clear(from);
}
