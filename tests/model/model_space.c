/* SPDX-License-Identifier: MIT */
/* Owns: address spaces: which entries of page tables are there, in no order. */
#include "model_parts.h"

#include <r4/abi/structs.h>

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

bool model_is_covered(const struct model_space *space, uint8_t level, uint64_t address)
{
    for (uint8_t above = (uint8_t)(level + 1u); above <= 3; above++) {
        const struct model_entry *entry = model_entry_at(space, above, address);

        if (entry != NULL && !entry->is_table) {
            return true;
        }
    }
    return false;
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

struct model_entry *model_mapped_entry(const struct model *m, uint32_t frame)
{
    const struct model_cap *c = &m->cap[frame];
    const struct model_object *pd = &m->object[c->mapped_pd];

    if (!c->is_mapped || pd->type != R4_TYPE_PD || pd->serial != c->mapped_pd_serial) {
        return NULL;
    }
    for (uint32_t i = 0; i < pd->space.count; i++) {
        struct model_entry *e = &pd->space.entry[i];

        if (!e->is_table && e->view_of == 0 && e->address == c->address &&
            e->physical == c->physical) {
            return e;
        }
    }
    return NULL;
}

uint32_t model_view_pages(const struct model *m, uint32_t table)
{
    const uint64_t bytes = m->object[table].slot_count * sizeof(struct r4_slot_view);

    return (uint32_t)((bytes + MODEL_PAGE_BYTES - 1u) / MODEL_PAGE_BYTES);
}

/* Pages where something else is mapped by now, or whose page table is gone, stay as they are. */
static void unmap_views(struct model *m, const struct model_cap *c)
{
    struct model_space *space = &m->object[c->mapped_pd].space;

    for (uint32_t i = 0; i < model_view_pages(m, c->object); i++) {
        const uint64_t offset = i * MODEL_PAGE_BYTES;
        const struct model_entry *entry = model_entry_at(space, 1, c->address + offset);

        if (entry != NULL && entry->view_of == c->object && entry->physical == offset) {
            model_space_remove(space, 1, c->address + offset);
        }
    }
}

static void unmap_entry(struct model *m, const struct model_cap *c)
{
    struct model_space *space = &m->object[c->mapped_pd].space;
    const bool is_table = c->type == R4_TYPE_PAGE_TABLE;
    const uint8_t level =
        is_table ? (uint8_t)(c->level + 1u) : (uint8_t)(1u + (c->size_bits - 12u) / 9u);
    const struct model_entry *entry = model_entry_at(space, level, c->address);

    if (entry != NULL && entry->is_table == is_table && entry->view_of == 0 &&
        entry->physical == c->physical && m->bug != MODEL_BUG_UNMAP_KEEPS_ENTRY) {
        model_space_remove(space, level, c->address);
    }
}

/*
 * The entry goes if it is there and leads to the memory of the capability. Whatever else came of
 * the domain and the tables above, the capability is free to be mapped again.
 */
void model_unmap(struct model *m, uint32_t cap)
{
    struct model_cap *c = &m->cap[cap];
    const struct model_object *pd = &m->object[c->mapped_pd];

    if (pd->type == R4_TYPE_PD && pd->serial == c->mapped_pd_serial) {
        if (c->type == R4_TYPE_CAP_TABLE) {
            unmap_views(m, c);
        } else {
            unmap_entry(m, c);
        }
    }
    if (c->parts != 0) {
        model_parts_drop(m, cap);
    }
    c->is_mapped = false;
    c->is_marked = false;
    c->level = 0;
    c->address = 0;
    c->mapped_pd = 0;
    c->mapped_pd_serial = 0;
    c->mapped_asid = 0;
}
