/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 8: the table of ASIDs and the PDs agree.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <kernel/asid.h>
#include <kernel/object.h>
#include <kernel/pd.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>

/* Entries that are in use or retired; those that are free are counted along the ring. */
static uint64_t audit_entries(struct audit *a, const struct asid_table *t)
{
    uint64_t count = 0;

    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        const struct asid_entry *entry = &t->entry[i];

        if (entry->pd == NULL) {
            count += entry->generation == 0;
            continue;
        }
        count++;
        audit_expect(a,
                     entry->pd->object.type == R4_TYPE_PD && r4_asid_index(entry->pd->asid) == i &&
                         r4_asid_generation(entry->pd->asid) == entry->generation,
                     AUDIT_ASID_ENTRY);
    }
    return count;
}

static uint64_t audit_free(struct audit *a, const struct asid_table *t)
{
    uint64_t count = 0;
    uint32_t last = 0;

    for (uint32_t i = t->free_head; i != 0; i = t->entry[i].next_free) {
        if (!audit_expect(a,
                          i < R4_ASIDS_MAX && count < R4_ASIDS_MAX && t->entry[i].pd == NULL &&
                              t->entry[i].generation != 0,
                          AUDIT_ASID_FREE)) {
            return count;
        }
        last = i;
        count++;
    }
    audit_expect(a, last == 0 || last == t->free_tail, AUDIT_ASID_FREE);
    return count;
}

void audit_asids(struct audit *a)
{
    const struct asid_table *t = &a->cluster->asids;
    const uint64_t taken = audit_entries(a, t);
    const uint64_t available = audit_free(a, t);

    audit_expect(a, t->entry[0].pd == NULL, AUDIT_ASID_ENTRY);
    audit_expect(a, taken + available == R4_ASIDS_MAX - 1u, AUDIT_ASID_LOST);
    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (slot_type(s) == R4_TYPE_PD && !slot_has(s, SLOT_ZOMBIE)) {
            const struct pd *pd = pd_of(s);

            audit_expect(a,
                         pd->asid == 0 || asid_find(t, r4_asid_index(pd->asid),
                                                    r4_asid_generation(pd->asid)) == pd,
                         AUDIT_ASID_PD);
        }
    }
}
