/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 1: the account of the cluster's memory, and that no byte has two owners.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <arch/mmu.h>
#include <kernel/span.h>
#include <kernel/untyped.h>
#include <r4/abi/limits.h>

/*
 * Roots beyond this many are not compared with each other: only deletion of root untypeds makes so
 * many.
 */
#define ROOTS_COMPARED 1024u

/* Bytes looked at at each end of what counts as zeroed. */
#define SAMPLE_BYTES 64u

static struct span region_span(const struct region *region)
{
    return (struct span){region->base.a, region->bytes};
}

bool audit_owns(const struct cluster *cl, struct paddr base, uint64_t bytes)
{
    for (uint32_t i = 0; i < cl->region_count; i++) {
        if (span_lies_in((struct span){base.a, bytes}, region_span(&cl->regions[i]))) {
            return true;
        }
    }
    return false;
}

void audit_account(struct audit *a)
{
    const struct cluster *cl = a->cluster;
    const struct memory_account *m = &cl->memory;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < cl->region_count; i++) {
        const struct region *region = &cl->regions[i];
        bool is_apart = true;

        for (uint32_t j = 0; j < i; j++) {
            is_apart =
                is_apart && !span_overlaps(region_span(region), region_span(&cl->regions[j]));
        }
        audit_expect(a,
                     is_apart && region->bytes != 0 && region->base.a % R4_GRANULE_BYTES == 0 &&
                         region->bytes % R4_GRANULE_BYTES == 0,
                     AUDIT_MEMORY_REGION);
        sum += region->bytes;
    }
    audit_expect(a, sum == m->owned, AUDIT_MEMORY_ACCOUNT);
    audit_expect(a, m->owned == m->kernel + m->root + m->pair + m->untyped, AUDIT_MEMORY_ACCOUNT);
}

static bool is_zero(struct span span)
{
    const uint64_t *word = arch_dmap_ptr((struct paddr){span.base});
    uint64_t any = 0;

    for (uint64_t i = 0; i < span.bytes / sizeof(*word); i++) {
        any |= word[i];
    }
    return any == 0;
}

/* Both ends of [watermark, zeroed) of an untyped. Its bytes are touched by nobody else. */
static void audit_untyped(struct audit *a, const struct slot *s, struct span span)
{
    const struct untyped_state state = untyped_unpack(s->extra);
    const uint64_t zeroed = state.zeroed_bytes < span.bytes ? state.zeroed_bytes : span.bytes;

    if (!audit_expect(a, state.watermark_bytes <= span.bytes, AUDIT_MEMORY_WATERMARK) ||
        slot_has(s, SLOT_DEVICE | SLOT_SHARED) || zeroed < state.watermark_bytes + SAMPLE_BYTES) {
        return;
    }
    const struct span first = {span.base + state.watermark_bytes, SAMPLE_BYTES};
    const struct span last = {span.base + zeroed - SAMPLE_BYTES, SAMPLE_BYTES};

    audit_expect(a, is_zero(first) && is_zero(last), AUDIT_MEMORY_DIRTY);
}

static bool flags_agree(const struct slot *parent, const struct slot *child)
{
    const uint64_t inherited = SLOT_DEVICE | SLOT_SHARED;

    return (parent->meta & inherited) == (child->meta & inherited) &&
           slot_record(parent) == slot_record(child);
}

/*
 * Children of an untyped stand newest first, and memory is handed out upwards: each ends below
 * where the one before it begins, unless both are capabilities for one object.
 */
static void audit_carved_memory(struct audit *a, const struct slot *parent)
{
    const struct span whole = span_of(parent);
    const struct span used = {whole.base, untyped_unpack(parent->extra).watermark_bytes};
    const struct slot *newer = NULL;
    struct span before = {0, 0};

    for (const struct slot *c = derive_first_child(parent); c != NULL; c = derive_next_sibling(c)) {
        const struct span span = span_of(c);

        audit_expect(a, span_lies_in(span, whole), AUDIT_MEMORY_PARENT);
        audit_expect(a, span_lies_in(span, used), AUDIT_MEMORY_WATERMARK);
        audit_expect(a, flags_agree(parent, c), AUDIT_MEMORY_FLAGS);
        audit_expect(a,
                     newer == NULL || span.base + span.bytes <= before.base ||
                         span_is_same_object(c, newer),
                     AUDIT_MEMORY_OVERLAP);
        newer = c;
        before = span;
    }
    audit_untyped(a, parent, whole);
}

/* Roots stand in no order: each is compared with those before it. */
static void audit_roots(struct audit *a, const struct slot *anchor)
{
    unsigned count = 0;

    for (const struct slot *c = derive_first_child(anchor); c != NULL; c = derive_next_sibling(c)) {
        const struct span span = span_of(c);
        const bool is_foreign = slot_has(c, SLOT_DEVICE | SLOT_SHARED);
        bool is_apart = true;

        if (span.bytes == 0 || count++ >= ROOTS_COMPARED) {
            continue;
        }
        audit_expect(a, is_foreign || audit_owns(a->cluster, (struct paddr){span.base}, span.bytes),
                     AUDIT_MEMORY_OUTSIDE);
        for (const struct slot *b = derive_first_child(anchor); b != c;
             b = derive_next_sibling(b)) {
            const struct span other = span_of(b);

            is_apart = is_apart && (other.bytes == 0 || !span_overlaps(span, other) ||
                                    span_is_same_object(b, c));
        }
        audit_expect(a, is_apart, AUDIT_MEMORY_OVERLAP);
    }
}

void audit_children(struct audit *a, const struct slot *parent)
{
    if (parent == &a->cluster->tour) {
        audit_roots(a, parent);
    } else {
        audit_carved_memory(a, parent);
    }
}
