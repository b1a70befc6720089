/* SPDX-License-Identifier: MIT */
/*
 * Owns: the tree in which user parts are found by their frame. A part stands somewhere on the path
 * that the bits of its frame's number describe from the root, the lowest bit first: so no path is
 * longer than a number has bits, whatever the order in which parts come and go, and nothing has to
 * be balanced. Parts of one frame form a ring, of which one stands in the tree.
 */
#include <kernel/part.h>

static unsigned direction(struct paddr frame, unsigned depth)
{
    return (unsigned)(frame.a >> (R4_PAGE_BITS + depth) & 1u);
}

static struct user_part *part_at(struct list_link *link)
{
    return container_of(link, struct user_part, same_frame);
}

/* Where the part of the frame is pointed to, or would be. */
static struct user_part **find_place(struct user_part **root, struct paddr frame)
{
    struct user_part **place = root;

    for (unsigned depth = 0; *place != NULL && (*place)->frame.a != frame.a; depth++) {
        place = &(*place)->child[direction(frame, depth)];
    }
    return place;
}

struct user_part *part_tree_first(struct user_part *root, struct paddr frame)
{
    const struct user_part *part = *find_place(&root, frame);

    return part == NULL ? NULL : part_at(part->same_frame.next);
}

struct user_part *part_tree_next(const struct user_part *part)
{
    return part->from != NULL ? NULL : part_at(part->same_frame.next);
}

void part_tree_insert(struct user_part **root, struct user_part *part)
{
    struct user_part **place = find_place(root, part->frame);

    part->child[0] = NULL;
    part->child[1] = NULL;
    part->from = NULL;
    list_init(&part->same_frame);
    if (*place != NULL) {
        list_insert_before(&(*place)->same_frame, &part->same_frame);
        return;
    }
    part->from = place;
    *place = part;
}

/* Who takes the place of a part in the tree: another of its frame, else a leaf from below it. */
static struct user_part *find_heir(struct user_part *part)
{
    if (!list_is_empty(&part->same_frame)) {
        return part_at(part->same_frame.next);
    }
    while (part->child[0] != NULL || part->child[1] != NULL) {
        part = part->child[part->child[0] == NULL];
    }
    return part;
}

static void take_place(struct user_part *heir, const struct user_part *part)
{
    heir->from = part->from;
    *heir->from = heir;
    for (unsigned i = 0; i < 2; i++) {
        heir->child[i] = part->child[i];
        if (heir->child[i] != NULL) {
            heir->child[i]->from = &heir->child[i];
        }
    }
}

void part_tree_remove(struct user_part *part)
{
    struct user_part *heir;

    if (part->from == NULL) {
        list_remove(&part->same_frame);
        return;
    }
    heir = find_heir(part);
    list_remove(&part->same_frame);
    if (heir->from != NULL) {
        *heir->from = NULL;
    }
    if (heir != part) {
        take_place(heir, part);
    }
}
