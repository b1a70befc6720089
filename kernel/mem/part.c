/* SPDX-License-Identifier: MIT */
/* Owns: which capability carries which part, and whether its mapping is still there. */
#include <kernel/part.h>

#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/table.h>
#include <kernel/vspace.h>

/* Whether the mapping by which the part was attached is still there. */
static bool is_alive(struct cluster *cl, const struct user_part *part)
{
    return vspace_entry_of(cl, part->carrier) != NULL;
}

uint64_t *part_record(struct cluster *cl, const struct user_part *part)
{
    if (!part_is_attached(part) || !is_alive(cl, part)) {
        return NULL;
    }
    return arch_dmap_ptr((struct paddr){part->frame.a + part->offset});
}

static bool overlaps(const struct user_part *part, uint32_t offset, uint32_t bytes)
{
    return part->offset < offset + bytes && offset < part->offset + part->bytes;
}

bool part_has_room(struct cluster *cl, const struct slot *carrier, uint32_t offset, uint32_t bytes)
{
    const struct user_part *p = part_tree_first(cl->parts, (struct paddr){carrier->object});

    for (; p != NULL; p = part_tree_next(p)) {
        if (overlaps(p, offset, bytes) && is_alive(cl, p)) {
            return false;
        }
    }
    return true;
}

/* Dead parts give way. */
static void make_room(struct cluster *cl, struct paddr frame, uint32_t offset, uint32_t bytes)
{
    struct user_part *next;

    for (struct user_part *p = part_tree_first(cl->parts, frame); p != NULL; p = next) {
        next = part_tree_next(p);
        if (overlaps(p, offset, bytes)) {
            part_detach(cl, p);
        }
    }
}

void part_attach(struct cluster *cl, struct user_part *part, struct slot *carrier, uint32_t offset,
                 uint32_t bytes)
{
    const struct paddr frame = {carrier->object};

    part_detach(cl, part);
    make_room(cl, frame, offset, bytes);
    part->carrier = carrier;
    part->frame = frame;
    part->offset = offset;
    part->bytes = bytes;
    part_tree_insert(&cl->parts, part);
    slot_set_flags(carrier, SLOT_PARTS, 0);
}

static bool carries_any(const struct cluster *cl, const struct slot *carrier)
{
    const struct user_part *p = part_tree_first(cl->parts, (struct paddr){carrier->object});

    while (p != NULL && p->carrier != carrier) {
        p = part_tree_next(p);
    }
    return p != NULL;
}

void part_detach(struct cluster *cl, struct user_part *part)
{
    struct slot *carrier = part->carrier;

    if (!part_is_attached(part)) {
        return;
    }
    part_tree_remove(part);
    part->carrier = NULL;
    if (!carries_any(cl, carrier)) {
        slot_set_flags(carrier, 0, SLOT_PARTS);
    }
}

void part_drop_carrier(struct cluster *cl, struct slot *carrier)
{
    struct user_part *next;

    for (struct user_part *p = part_tree_first(cl->parts, (struct paddr){carrier->object});
         p != NULL; p = next) {
        next = part_tree_next(p);
        if (p->carrier == carrier) {
            part_tree_remove(p);
            p->carrier = NULL;
        }
    }
    slot_set_flags(carrier, 0, SLOT_PARTS);
}

void part_move_carrier(struct cluster *cl, const struct slot *from, struct slot *to)
{
    for (struct user_part *p = part_tree_first(cl->parts, (struct paddr){from->object}); p != NULL;
         p = part_tree_next(p)) {
        if (p->carrier == from) {
            p->carrier = to;
        }
    }
}
