/* SPDX-License-Identifier: MIT */
/* Owns: what programs have written to memory, and the words of proxy windows. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#include <stdlib.h>

#define WORDS_OF_PAGE 512u

bool model_is_minted(uint64_t badge)
{
    return badge != 0 && r4_session_is_session(badge) == 0;
}

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

uint64_t model_word_at(const struct model *m, uint64_t physical)
{
    const uint64_t *page = m->page[physical / MODEL_PAGE_BYTES];

    return page == NULL ? 0 : page[physical % MODEL_PAGE_BYTES / sizeof(uint64_t)];
}

void model_word_write(struct model *m, uint64_t physical, uint64_t value)
{
    uint64_t **page = &m->page[physical / MODEL_PAGE_BYTES];

    if (*page == NULL) {
        *page = calloc(WORDS_OF_PAGE, sizeof(uint64_t));
        if (*page == NULL) {
            abort();
        }
    }
    (*page)[physical % MODEL_PAGE_BYTES / sizeof(uint64_t)] = value;
}

void model_memory_clear(struct model *m, uint64_t physical, uint64_t bytes)
{
    for (uint64_t at = physical; at < physical + bytes; at += MODEL_PAGE_BYTES) {
        if (at / MODEL_PAGE_BYTES < MODEL_PAGES_MAX) {
            free(m->page[at / MODEL_PAGE_BYTES]);
            m->page[at / MODEL_PAGE_BYTES] = NULL;
        }
    }
}

/* The leaf that covers the address, at whatever level. */
static const struct model_entry *leaf_at(const struct model_space *space, uint64_t address)
{
    for (uint8_t level = 1; level <= 3; level++) {
        const struct model_entry *entry = model_entry_at(space, level, address);

        if (entry != NULL && !entry->is_table) {
            return entry;
        }
    }
    return NULL;
}

bool model_store(struct model *m, uint32_t thread, uint64_t address, uint64_t value,
                 uint64_t *physical)
{
    const uint32_t pd = model_thread_pd(m, thread);
    const struct model_entry *leaf = leaf_at(&m->object[pd].space, address);

    if (leaf == NULL || leaf->is_device || (leaf->access & R4_RIGHT_WRITE) == 0) {
        return false;
    }
    *physical = leaf->physical + (address - leaf->address);
    model_word_write(m, *physical, value);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Windows
 */

bool model_window_word(const struct model *m, uint32_t pd, uint64_t n, uint64_t *word,
                       bool *is_marked, uint64_t *physical)
{
    const struct model_object *o = &m->object[pd];
    const uint64_t address = o->window + n * sizeof(uint64_t);
    const struct model_entry *leaf;

    if (n * sizeof(uint64_t) >= o->window_bytes) {
        return false;
    }
    leaf = leaf_at(&o->space, address);
    if (leaf == NULL || leaf->is_device || leaf->is_shared || leaf->view_of != 0) {
        return false;
    }
    *physical = leaf->physical + (address - leaf->address);
    *is_marked = leaf->is_marked;
    *word = model_word_at(m, *physical);
    return true;
}

uint32_t model_pd_of_asid(const struct model *m, uint32_t asid)
{
    const uint32_t index = r4_asid_index(asid);
    const uint32_t pd = index < R4_ASIDS_MAX ? m->asid_pd[index] : 0;

    return pd != 0 && m->object[pd].asid == asid ? pd : 0;
}
