/* SPDX-License-Identifier: MIT */
/* Owns: address spaces: which entries of page tables are there, in no order. */
#include "model_parts.h"

#include <stdlib.h>

#define ROOT_LEVEL 4u

uint64_t model_level_bytes(uint8_t level)
{
    return MODEL_PAGE_BYTES << (9u * (level - 1u));
}

static uint64_t start_of(uint8_t level, uint64_t address)
{
    return address & ~(model_level_bytes(level) - 1u);
}

const struct model_entry *model_entry_at(const struct model_space *space, uint8_t level,
                                         uint64_t address)
{
    for (uint32_t i = 0; i < space->count; i++) {
        if (space->entry[i].level == level && space->entry[i].address == start_of(level, address)) {
            return &space->entry[i];
        }
    }
    return NULL;
}

uint8_t model_missing_level(const struct model_space *space, uint8_t leaf_level, uint64_t address)
{
    for (uint8_t level = ROOT_LEVEL; level > leaf_level; level--) {
        if (model_entry_at(space, level, address) == NULL) {
            return (uint8_t)(level - 1u);
        }
    }
    return 0;
}

void model_space_add(struct model_space *space, const struct model_entry *entry)
{
    if (space->count == space->room) {
        space->room = space->room == 0 ? 16 : 2 * space->room;
        space->entry = realloc(space->entry, space->room * sizeof(*entry));
        if (space->entry == NULL) {
            abort();
        }
    }
    space->entry[space->count++] = *entry;
}

void model_space_remove(struct model_space *space, uint8_t level, uint64_t address)
{
    const uint64_t start = start_of(level, address);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < space->count; i++) {
        const struct model_entry entry = space->entry[i];

        if (entry.level > level || entry.address - start >= model_level_bytes(level)) {
            space->entry[kept++] = entry;
        }
    }
    space->count = kept;
}

/*
 * The entry goes if it is there and leads to the memory of the capability. Whatever else came of
 * the domain and the tables above, the capability is free to be mapped again.
 */
void model_unmap(struct model *m, uint32_t cap)
{
    struct model_cap *c = &m->cap[cap];
    struct model_object *pd = &m->object[c->mapped_pd];
    const bool is_table = c->type == R4_TYPE_PAGE_TABLE;
    const uint8_t level =
        is_table ? (uint8_t)(c->level + 1u) : (uint8_t)(1u + (c->size_bits - 12u) / 9u);

    if (pd->type == R4_TYPE_PD && pd->serial == c->mapped_pd_serial) {
        const struct model_entry *entry = model_entry_at(&pd->space, level, c->address);

        if (entry != NULL && entry->is_table == is_table && entry->physical == c->physical &&
            m->bug != MODEL_BUG_UNMAP_KEEPS_ENTRY) {
            model_space_remove(&pd->space, level, c->address);
        }
    }
    c->is_mapped = false;
    c->is_marked = false;
    c->level = 0;
    c->address = 0;
    c->mapped_pd = 0;
    c->mapped_pd_serial = 0;
    c->mapped_asid = 0;
}
