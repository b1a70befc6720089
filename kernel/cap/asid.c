/* SPDX-License-Identifier: MIT */
/*
 * Owns: the ring of free indices: first in, first out, so that a generation lasts as long as it
 * can.
 */
#include <kernel/asid.h>

#include <kernel/panic.h>

#include <r4/abi/layout.h>

_Static_assert(R4_ASIDS_MAX - 1u <= R4_ASID_INDEX_MASK, "every index fits the layout");

static void free_push(struct asid_table *t, uint16_t index)
{
    t->entry[index].next_free = 0;
    if (t->free_head == 0) {
        t->free_head = index;
    } else {
        t->entry[t->free_tail].next_free = index;
    }
    t->free_tail = index;
}

void asid_table_init(struct asid_table *t)
{
    *t = (struct asid_table){0};
    t->entry[0].generation = UINT16_MAX;
    for (uint16_t index = 1; index < R4_ASIDS_MAX; index++) {
        t->entry[index].generation = 1;
        free_push(t, index);
    }
}

bool asid_is_available(const struct asid_table *t)
{
    return t->free_head != 0;
}

uint32_t asid_take(struct asid_table *t, struct pd *pd)
{
    const uint16_t index = t->free_head;
    struct asid_entry *entry = &t->entry[index];

    R4_ASSERT(index != 0 && pd != NULL);
    t->free_head = entry->next_free;
    if (t->free_head == 0) {
        t->free_tail = 0;
    }
    entry->next_free = 0;
    entry->pd = pd;
    return r4_asid_with_generation(r4_asid_with_index(0, index), entry->generation);
}

void asid_release(struct asid_table *t, uint32_t asid)
{
    const uint16_t index = r4_asid_index(asid);
    struct asid_entry *entry = &t->entry[index];

    R4_ASSERT(asid_find(t, index, r4_asid_generation(asid)) != NULL);
    entry->pd = NULL;
    entry->generation++;
    /* Wrapped to 0: retired. */
    if (entry->generation != 0) {
        free_push(t, index);
    }
}

struct pd *asid_find(const struct asid_table *t, uint32_t index, uint16_t generation)
{
    if (index >= R4_ASIDS_MAX || t->entry[index].generation != generation) {
        return NULL;
    }
    return t->entry[index].pd;
}
