/* SPDX-License-Identifier: MIT */
/* Owns: the calls that show the readable views of a table in an address space. */
#include "model_parts.h"

static uint32_t pages_of(const struct model_step *s)
{
    return model_view_pages(s->m, model_object_of(s));
}

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

static bool table_cause(const struct model_step *s, uint8_t error)
{
    const struct model_cap *c = &s->m->cap[s->cap];

    switch (error) {
    case R4_E_MAPPED:
        return c->is_mapped;
    case R4_E_STATE:
        return !c->is_mapped;
    case R4_E_REVOKING:
        return c->is_frozen;
    case R4_E_RANGE:
        return pages_of(s) > R4_VIEW_PAGES_MAX;
    default:
        model_unknown(s, "cause", error);
    }
}

static bool is_taken(const struct model_space *space, uint64_t address)
{
    return model_is_covered(space, 1, address) || model_entry_at(space, 1, address) != NULL;
}

static bool is_one_taken(const struct model_step *s)
{
    for (uint32_t i = 0; i < pages_of(s); i++) {
        if (is_taken(&s->m->object[model_named_pd(s)].space, s->word[1] + i * MODEL_PAGE_BYTES)) {
            return true;
        }
    }
    return false;
}

/* The level of the first page table that is missing on the way to one of the pages; 0: none. */
static uint8_t missing_level(const struct model_step *s)
{
    const struct model_space *space = &s->m->object[model_named_pd(s)].space;

    for (uint32_t i = 0; i < pages_of(s); i++) {
        const uint64_t address = s->word[1] + i * MODEL_PAGE_BYTES;
        const uint8_t missing = model_missing_level(space, 1, address);

        if (missing != 0 && !model_is_covered(space, 1, address)) {
            return missing;
        }
    }
    return 0;
}

static bool address_cause(struct model_step *s, uint8_t error)
{
    const uint64_t address = s->word[1];

    switch (error) {
    case R4_E_RANGE:
        return address == 0 || address >= R4_USER_TOP ||
               pages_of(s) * MODEL_PAGE_BYTES > R4_USER_TOP - address;
    case R4_E_ALIGN:
        return address % MODEL_PAGE_BYTES != 0;
    case R4_E_NO_TABLE:
        if (missing_level(s) == 0) {
            return false;
        }
        s->out->word[0] = missing_level(s);
        return true;
    case R4_E_ADDRESS_TAKEN:
        return is_one_taken(s);
    default:
        model_unknown(s, "cause", error);
    }
}

bool model_view_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (detail) {
    case 0:
        return table_cause(s, error);
    case 1:
        return s->m->object[model_named_pd(s)].asid == 0;
    default:
        return address_cause(s, error);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

static void map(struct model_step *s)
{
    struct model_cap *c = &s->m->cap[s->cap];
    struct model_object *pd = &s->m->object[model_named_pd(s)];

    for (uint32_t i = 0; i < pages_of(s); i++) {
        const struct model_entry entry = {
            .level = 1,
            .address = s->word[1] + i * MODEL_PAGE_BYTES,
            .access = R4_RIGHT_READ,
            .physical = i * MODEL_PAGE_BYTES,
            .view_of = c->object,
        };

        model_space_add(&pd->space, &entry);
    }
    c->is_mapped = true;
    c->address = s->word[1];
    c->mapped_pd = model_named_pd(s);
    c->mapped_pd_serial = pd->serial;
    c->mapped_asid = pd->asid;
}

void model_view_effect(struct model_step *s)
{
    if (s->number == R4_CALL_CAP_TABLE_MAP_VIEW) {
        map(s);
    } else {
        model_unmap(s->m, s->cap);
    }
}
