/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 2 for the shape of the derivation tour and for each child against its parent.
 * Locking: the cluster's lock.
 * Not here: where slots stand and how many there are (audit_slots.c), memory of children
 * (audit_memory.c).
 */
#include "audit_parts.h"

#include <kernel/span.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>

/* More slots than fit into the cluster's memory: the tour runs in a circle. */
static uint64_t slots_at_most(const struct cluster *cl)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < cl->region_count; i++) {
        bytes += cl->regions[i].bytes;
    }
    return bytes / sizeof(struct slot);
}

bool audit_tour_links(struct audit *a)
{
    struct cluster *cl = a->cluster;
    uint64_t left = slots_at_most(cl);

    if (!audit_expect(a, derive_links_agree(&cl->tour), AUDIT_TREE_LINKS)) {
        return false;
    }
    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (!audit_expect(a, left-- > 0 && derive_links_agree(s), AUDIT_TREE_LINKS)) {
            return false;
        }
    }
    return true;
}

/* A capability that was made of another one for the same object; of a peer, the second end. */
static void audit_copy(struct audit *a, const struct slot *parent, const struct slot *child)
{
    if (slot_type(parent) == R4_TYPE_PEER) {
        return;
    }
    const bool has_rights = (slot_rights(child) & ~slot_rights(parent)) == 0;

    audit_expect(a, slot_ttl(child) < slot_ttl(parent), AUDIT_TREE_TTL);
    audit_expect(a, has_rights, AUDIT_TREE_RIGHTS);
    if (slot_type(child) == R4_TYPE_IO_PORT) {
        audit_expect(a,
                     span_has_ports(parent, r4_io_range_first(child->extra),
                                    r4_io_range_count(child->extra)),
                     AUDIT_TREE_BADGE);
    } else if (type_has_badge(slot_type(child)) && parent->extra != 0 &&
               !slot_has(parent, SLOT_ZOMBIE)) {
        audit_expect(a, child->extra == parent->extra, AUDIT_TREE_BADGE);
    }
}

/*
 * A child of an untyped was retyped from it, or is a copy of it, or came here when the untyped
 * between was deleted. The time to live never grows. Rights may: what is retyped has those of its
 * type, also if it is an untyped as large as its parent, and copies of it are left when it goes.
 */
static void audit_carved(struct audit *a, const struct slot *parent, const struct slot *child)
{
    audit_expect(a, slot_ttl(child) <= slot_ttl(parent), AUDIT_TREE_TTL);
}

static void audit_pair(struct audit *a, const struct slot *parent, const struct slot *child)
{
    if (parent == &a->cluster->tour) {
        return;
    }
    if (slot_type(parent) == R4_TYPE_IRQ_CONTROL && slot_type(child) == R4_TYPE_IRQ_HANDLER) {
        audit_expect(a, slot_ttl(child) < slot_ttl(parent), AUDIT_TREE_TTL);
    } else if (slot_type(parent) == R4_TYPE_UNTYPED) {
        audit_expect(a, r4_object_facts[slot_type(child)].retype, AUDIT_TREE_KIND);
        audit_carved(a, parent, child);
    } else if (audit_expect(a, span_is_same_object(parent, child), AUDIT_TREE_KIND)) {
        audit_copy(a, parent, child);
    }
}

static void audit_family(struct audit *a, const struct slot *parent)
{
    for (const struct slot *c = derive_first_child(parent); c != NULL; c = derive_next_sibling(c)) {
        audit_pair(a, parent, c);
    }
    if (parent == &a->cluster->tour || slot_type(parent) == R4_TYPE_UNTYPED) {
        audit_children(a, parent);
    }
}

void audit_tour_pairs(struct audit *a)
{
    audit_family(a, &a->cluster->tour);
    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        audit_family(a, s);
    }
}
