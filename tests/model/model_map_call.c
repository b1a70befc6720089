/* SPDX-License-Identifier: MIT */
/* Owns: the calls that map and unmap page tables and frames. */
#include "model_parts.h"

#define ACCESS_ALL (R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_EXEC)

static const struct model_space *named_space(const struct model_step *s)
{
    return &s->m->object[model_named_pd(s)].space;
}

static uint8_t leaf_level(const struct model_cap *frame)
{
    return (uint8_t)(1u + (frame->size_bits - 12u) / 9u);
}

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

static bool source_cause(const struct model_step *s, uint8_t error)
{
    const struct model_cap *c = &s->m->cap[s->cap];

    switch (error) {
    case R4_E_MAPPED:
        return c->is_mapped;
    case R4_E_STATE:
        return !c->is_mapped;
    case R4_E_REVOKING:
        return c->is_frozen;
    case R4_E_BUSY:
        return model_has_relatives(s->m, s->cap);
    default:
        model_unknown(s, "cause", error);
    }
}

static bool table_address_cause(const struct model_step *s, uint8_t error)
{
    if (error == R4_E_RANGE) {
        return s->word[1] >= R4_USER_TOP;
    }
    return model_is_covered(named_space(s), 1, s->word[1]) ||
           model_missing_level(named_space(s), 1, s->word[1]) == 0;
}

static bool frame_address_cause(struct model_step *s, uint8_t error)
{
    const struct model_cap *frame = &s->m->cap[s->cap];
    const uint64_t bytes = UINT64_C(1) << frame->size_bits;
    const uint64_t address = s->word[1];
    const uint8_t level = leaf_level(frame);
    const bool is_covered_by_leaf = model_is_covered(named_space(s), level, address);
    const uint8_t missing = model_missing_level(named_space(s), level, address);

    switch (error) {
    case R4_E_RANGE:
        return address == 0 || address >= R4_USER_TOP || bytes > R4_USER_TOP - address;
    case R4_E_ALIGN:
        return address % bytes != 0;
    case R4_E_NO_TABLE:
        if (is_covered_by_leaf || missing == 0) {
            return false;
        }
        s->out->word[0] = missing;
        return true;
    case R4_E_ADDRESS_TAKEN:
        return is_covered_by_leaf || model_entry_at(named_space(s), level, address) != NULL;
    default:
        model_unknown(s, "cause", error);
    }
}

static bool access_cause(const struct model_step *s, uint8_t error)
{
    const uint64_t access = s->word[2];

    switch (error) {
    case R4_E_WX:
        return (access & R4_RIGHT_WRITE) != 0 && (access & R4_RIGHT_EXEC) != 0;
    case R4_E_RANGE:
        return access != R4_RIGHT_READ && access != (R4_RIGHT_READ | R4_RIGHT_WRITE) &&
               access != (R4_RIGHT_READ | R4_RIGHT_EXEC);
    case R4_E_RIGHTS:
        return (access & ~(uint64_t)s->ref[0].near_rights) != 0;
    case R4_E_PROXY:
        return (access & ~(uint64_t)s->rights) != 0;
    default:
        model_unknown(s, "cause", error);
    }
}

bool model_map_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (detail) {
    case 0:
        return source_cause(s, error);
    case 1:
        /* The domain has no address space yet. */
        return s->m->object[model_named_pd(s)].asid == 0;
    case 2:
        return s->number == R4_CALL_FRAME_MAP ? frame_address_cause(s, error)
                                              : table_address_cause(s, error);
    default:
        return access_cause(s, error);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

static void map(struct model_step *s, const struct model_entry *entry)
{
    struct model_cap *c = &s->m->cap[s->cap];
    struct model_object *pd = &s->m->object[model_named_pd(s)];

    model_space_add(&pd->space, entry);
    c->is_mapped = true;
    c->address = entry->address;
    c->mapped_pd = model_named_pd(s);
    c->mapped_pd_serial = pd->serial;
    c->mapped_asid = pd->asid;
}

static void map_table(struct model_step *s)
{
    struct model_cap *c = &s->m->cap[s->cap];
    struct model_entry entry = {.is_table = true, .physical = c->physical};

    c->level = model_missing_level(named_space(s), 1, s->word[1]);
    entry.level = (uint8_t)(c->level + 1u);
    entry.address = s->word[1] & ~(model_level_bytes(entry.level) - 1u);
    map(s, &entry);
    s->out->word[0] = c->level;
}

static void map_frame(struct model_step *s)
{
    const struct model_cap *c = &s->m->cap[s->cap];
    const struct model_entry entry = {
        .level = leaf_level(c),
        .address = s->word[1],
        .access = (uint16_t)s->word[2],
        .physical = c->physical,
        .is_device = c->is_device,
        .is_shared = c->is_shared,
    };

    map(s, &entry);
}

void model_map_effect(struct model_step *s)
{
    switch (s->number) {
    case R4_CALL_PAGE_TABLE_MAP:
        map_table(s);
        break;
    case R4_CALL_FRAME_MAP:
        map_frame(s);
        break;
    case R4_CALL_PAGE_TABLE_UNMAP:
    case R4_CALL_FRAME_UNMAP:
        model_unmap(s->m, s->cap);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
