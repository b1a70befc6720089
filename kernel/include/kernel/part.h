/* SPDX-License-Identifier: MIT */
/*
 * Owns: user parts: records in user memory that belong to kernel objects. An object is split: its
 * kernel part is memory that no program sees; its user part lies at an offset of a 4 KiB frame that
 * programs have mapped. The frame capability through whose mapping it was attached carries it:
 * without that mapping there is no part. Many parts share a frame.
 *
 * What stands in a record is hostile: programs write it at any time, on any core, during a call
 * too. So it is reached through the direct map and by arch/word.h only, each word is loaded once, and
 * nothing that the kernel needs is kept there.
 *
 * Invariants
 * (part I1) The carrier of an attached part is a filled slot: a mapped 4 KiB frame, neither device
 *     nor shared memory. It has SLOT_PARTS exactly while it carries a part. Whoever moves a slot
 *     tells the parts, whoever takes a mapping away drops them.
 * (part I2) Records lie inside their frame and do not overlap, whoever mapped the frame how often.
 *     So at most PARTS_PER_FRAME parts lie on a frame.
 * (part I3) The tree cluster->parts holds exactly the attached parts, those of one frame as a ring
 *     behind the first one. Its depth is at most that of a frame number's bits.
 * (part I4) An attached part may be dead: the page table or the PD above its mapping is gone. Nobody
 *     gets its record, and another part may take its place.
 * Locking: the cluster's lock; for the contents none.
 */
#pragma once

#include <kernel/types.h>
#include <lib/list.h>
#include <r4/abi/limits.h>

struct cluster;
struct slot;

#define PARTS_PER_FRAME (R4_PAGE_BYTES / R4_PART_ALIGN)

/* Embedded in the object; zeroed: not attached. */
struct user_part {
    struct slot *carrier; /* NULL: not attached */
    struct paddr frame;
    uint32_t offset;
    uint32_t bytes;
    /* Of part_tree.c. */
    struct user_part *child[2];
    struct user_part **from; /* what points here; NULL: another part of its frame has the place */
    struct list_link same_frame;
};

static inline bool part_is_attached(const struct user_part *part)
{
    return part->carrier != NULL;
}

/* The record, or NULL: not attached, or dead. Valid until the lock is released. */
uint64_t *part_record(struct cluster *cl, const struct user_part *part);

/* Whether no part that is alive lies in [offset, offset + bytes) of the carrier's frame. */
bool part_has_room(struct cluster *cl, const struct slot *carrier, uint32_t offset, uint32_t bytes);

/*
 * Attaches a part, alive or not before, by a capability that can carry it (part I1), where there is
 * room for it. Dead parts in its place are detached.
 */
void part_attach(struct cluster *cl, struct user_part *part, struct slot *carrier, uint32_t offset,
                 uint32_t bytes);

/* Nothing if it is not attached. */
void part_detach(struct cluster *cl, struct user_part *part);

/* The mapping of a slot with SLOT_PARTS goes away: detaches all its parts. */
void part_drop_carrier(struct cluster *cl, struct slot *carrier);

/* A slot with SLOT_PARTS is about to move. */
void part_move_carrier(struct cluster *cl, const struct slot *from, struct slot *to);

/* A part of the frame, or NULL. */
struct user_part *part_tree_first(struct user_part *root, struct paddr frame);

/*
 * Another one of the same frame, or NULL after the last. The last is the one that stands in the
 * tree: so the part from which this goes on may leave the tree afterwards.
 */
struct user_part *part_tree_next(const struct user_part *part);

void part_tree_insert(struct user_part **root, struct user_part *part);

void part_tree_remove(struct user_part *part);
