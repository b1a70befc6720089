/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 4 for user parts: the tree holds exactly those of threads, they lie apart inside their
 * frames, and the capabilities that carry them say so, and no others do.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <kernel/part.h>
#include <kernel/thread.h>
#include <r4/abi/objects.h>

/* More than one sibling for each bit of a frame's number cannot be left on the way down the tree. */
#define PENDING_MAX 64u

/* The parts of one frame, of which `node` stands in the tree; returns how many. */
static uint64_t audit_ring(struct audit *a, struct user_part *node)
{
    uint64_t count = 0;

    for (struct user_part *p = part_tree_first(node, node->frame); p != NULL;
         p = part_tree_next(p)) {
        const struct list_link *link = &p->same_frame;

        if (!audit_expect(a,
                          link->next->prev == link && p->frame.a == node->frame.a &&
                              count < PARTS_PER_FRAME,
                          AUDIT_THREAD_PARTS)) {
            break;
        }
        count++;
    }
    return count;
}

/* Returns how many parts the tree holds, as far as it can be walked. */
static uint64_t audit_tree(struct audit *a, uint64_t at_most)
{
    struct user_part *pending[PENDING_MAX] = {a->cluster->parts};
    unsigned left = pending[0] != NULL;
    uint64_t count = 0;

    while (left > 0) {
        struct user_part *node = pending[--left];
        const bool is_sound = node->from != NULL && *node->from == node;

        if (!audit_expect(a, is_sound && count <= at_most && left + 2u <= PENDING_MAX,
                          AUDIT_THREAD_PARTS)) {
            break;
        }
        count += audit_ring(a, node);
        for (unsigned i = 0; i < 2; i++) {
            if (node->child[i] != NULL) {
                pending[left++] = node->child[i];
            }
        }
    }
    return count;
}

static bool can_carry(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_FRAME && slot_size_bits(s) == R4_PAGE_BITS &&
           slot_has(s, SLOT_MAPPED) && !slot_has(s, SLOT_DEVICE | SLOT_SHARED | SLOT_MARKED);
}

/* An attached part, among those of its frame. */
static void audit_part(struct audit *a, const struct user_part *part)
{
    const struct user_part *p = part_tree_first(a->cluster->parts, part->frame);
    bool is_apart = part->bytes != 0 && part->offset % R4_PART_ALIGN == 0 &&
                    part->offset + part->bytes <= R4_PAGE_BYTES;
    bool is_in = false;

    for (; p != NULL; p = part_tree_next(p)) {
        is_in |= p == part;
        is_apart &= p == part || p->offset + p->bytes <= part->offset ||
                    part->offset + part->bytes <= p->offset;
    }
    audit_expect(a, is_in, AUDIT_THREAD_PARTS);
    audit_expect(a, is_apart, AUDIT_THREAD_RECORD);
    audit_expect(a,
                 can_carry(part->carrier) && part->carrier->object == part->frame.a &&
                     slot_has(part->carrier, SLOT_PARTS),
                 AUDIT_THREAD_CARRIER);
}

/* How many parts the capability carries. */
static uint64_t carried(const struct audit *a, const struct slot *s)
{
    uint64_t count = 0;

    for (const struct user_part *p = part_tree_first(a->cluster->parts, (struct paddr){s->object});
         p != NULL; p = part_tree_next(p)) {
        count += p->carrier == s;
    }
    return count;
}

/* Those that say so; returns how many parts they carry. */
static uint64_t audit_carriers(struct audit *a)
{
    uint64_t count = 0;

    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (slot_has(s, SLOT_PARTS)) {
            const uint64_t of_this = carried(a, s);

            audit_expect(a, of_this != 0, AUDIT_THREAD_NO_PART);
            count += of_this;
        }
    }
    return count;
}

void audit_user_parts(struct audit *a, uint64_t threads)
{
    const struct list_link *head = &a->cluster->threads;
    uint64_t count = 0;

    /* The rings first: all that comes after walks them. */
    const uint64_t in_tree = audit_tree(a, threads);

    if (a->report->first_detail == AUDIT_THREAD_PARTS) {
        return;
    }
    for (struct list_link *l = head->next; l != head; l = l->next) {
        const struct user_part *part = &container_of(l, struct thread, all)->part;

        if (part_is_attached(part)) {
            audit_part(a, part);
            count++;
        }
    }
    audit_expect(a, count == in_tree, AUDIT_THREAD_PARTS);
    audit_expect(a, count == audit_carriers(a), AUDIT_THREAD_CARRIER);
}
