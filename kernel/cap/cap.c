/* SPDX-License-Identifier: MIT */
/* Owns: how slot, view, tour and count change together. */
#include <kernel/cap.h>

#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/panic.h>
#include <kernel/table.h>

uint64_t cap_child_meta(const struct slot *source, uint16_t rights)
{
    const uint64_t kept = SLOT_DEVICE | SLOT_SHARED | SLOT_RECORD_MASK;

    R4_ASSERT(slot_ttl(source) > 0);
    return slot_meta(slot_type(source), slot_rights(source) & rights,
                     (uint8_t)(slot_ttl(source) - 1u), slot_size_bits(source)) |
           (source->meta & kept);
}

void cap_make_child(struct slot *source, struct slot *dest, uint64_t home, uint64_t meta,
                    uint64_t extra)
{
    struct object *object = object_of(source);

    R4_ASSERT(slot_is_empty(dest));
    slot_write(dest, home, meta, source->object, extra);
    derive_insert_child(source, dest);
    if (object != NULL) {
        object->caps++;
    }
}

void cap_make_part(struct slot *source, struct slot *dest, uint64_t home, uint64_t meta,
                   uint64_t object)
{
    R4_ASSERT(slot_is_empty(dest));
    slot_write(dest, home, meta, object, 0);
    derive_insert_child(source, dest);
}

void slot_embed(struct slot *source, struct slot *to, enum slot_home home)
{
    const uint64_t badge = type_has_badge(slot_type(source)) ? source->extra : 0;

    cap_make_child(source, to, (uint64_t)home << SLOT_HOME_SHIFT,
                   cap_child_meta(source, R4_RIGHTS_DEFINED), badge);
}

void cap_move(struct slot *from, struct slot *dest, uint64_t home)
{
    R4_ASSERT(slot_is_empty(dest));
    slot_write(dest, home, from->meta, from->object, from->extra);
    derive_replace(from, dest);
    slot_clear(from);
}
