/* SPDX-License-Identifier: MIT */
/* Owns: untyped memory and what is made of it; tables and ASIDs of protection domains. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#define TABLE_SLOT_BYTES 64u

/* ------------------------------------------------------------------------------------------------
 * Untyped
 */

/* An untyped without children starts again from its beginning. */
static uint64_t watermark_of(const struct model *m, uint32_t untyped)
{
    const struct model_cap *c = &m->cap[untyped];

    return c->first_child == 0 && m->bug != MODEL_BUG_NO_RESET ? 0 : c->watermark;
}

uint64_t model_free_bytes(const struct model *m, uint32_t untyped)
{
    return (UINT64_C(1) << m->cap[untyped].size_bits) - watermark_of(m, untyped);
}

static bool is_type(const struct model_cap *untyped, uint64_t type)
{
    if (type >= R4_TYPE_TABLE_SIZE || !r4_object_facts[type].retype) {
        return false;
    }
    if (untyped->is_shared) {
        return type == R4_TYPE_FRAME;
    }
    return !untyped->is_device || type == R4_TYPE_FRAME || type == R4_TYPE_UNTYPED;
}

static bool is_size(uint64_t type, uint64_t bits)
{
    const struct r4_object_facts *facts = &r4_object_facts[type];

    if (type == R4_TYPE_FRAME) {
        return bits == 12 || bits == 21 || bits == 30;
    }
    if (facts->size_bits != 0) {
        return bits == 0 || bits == facts->size_bits;
    }
    return bits >= facts->min_bits && bits <= facts->max_bits;
}

static uint8_t size_bits_of(const struct model_step *s)
{
    return s->word[1] != 0 ? (uint8_t)s->word[1] : r4_object_facts[s->word[0]].size_bits;
}

/* Where the first object begins, from the beginning of the untyped. */
static uint64_t offset_of(const struct model_step *s)
{
    const uint64_t unit = UINT64_C(1) << size_bits_of(s);
    const uint64_t watermark = watermark_of(s->m, s->cap);

    if (s->m->bug == MODEL_BUG_NO_ALIGNMENT) {
        return watermark;
    }
    return (watermark + unit - 1u) / unit * unit;
}

static bool fits(const struct model_step *s)
{
    const uint64_t bytes = UINT64_C(1) << s->m->cap[s->cap].size_bits;
    const uint64_t offset = offset_of(s);

    return offset <= bytes && s->word[4] <= (bytes - offset) >> size_bits_of(s);
}

static bool is_one_filled(const struct model_step *s, uint32_t table)
{
    for (uint64_t i = 0; i < s->word[4]; i++) {
        if (model_at(s->m, table, (uint32_t)(s->word[3] + i)) != 0) {
            return true;
        }
    }
    return false;
}

static bool retype_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    const struct model_cap *untyped = &s->m->cap[s->cap];
    const uint32_t table = model_dest_table(s, 3);

    switch (detail) {
    case 0:
        return error == R4_E_MEMORY ? !fits(s) : model_ref_cause(s, &s->ref[0], error);
    case 1:
        return !is_type(untyped, s->word[0]);
    case 2:
        return !is_size(s->word[0], s->word[1]);
    case 4:
        return error == R4_E_RANGE ? !model_is_slot(s->m, table, s->word[3]) ||
                                         !model_is_slot(s->m, table, s->word[3] + s->word[4] - 1u)
                                   : is_one_filled(s, table);
    case 5:
        return s->word[4] == 0 || s->word[4] > R4_RETYPE_MAX;
    default:
        model_unknown(s, "detail", detail);
    }
}

static void format_object(struct model *m, struct model_cap *c)
{
    if (c->type == R4_TYPE_UNTYPED || c->type == R4_TYPE_FRAME || c->type == R4_TYPE_PAGE_TABLE ||
        c->type == R4_TYPE_PEER) {
        return;
    }
    c->object = model_object_new(m, c->type, c->physical);
    m->object[c->object].caps = 1;
    if (c->type == R4_TYPE_CAP_TABLE) {
        model_table_init(m, c->object, (1u << c->size_bits) / TABLE_SLOT_BYTES);
    }
    c->physical = 0;
}

static void retype(struct model_step *s)
{
    struct model *m = s->m;
    const struct model_cap untyped = m->cap[s->cap];
    const uint32_t table = model_dest_table(s, 3);
    const uint8_t bits = size_bits_of(s);
    uint64_t offset = offset_of(s);

    for (uint64_t i = 0; i < s->word[4]; i++) {
        struct model_cap *c = &m->cap[model_cap_new(m, s->cap, table, (uint32_t)(s->word[3] + i))];

        c->type = (uint8_t)s->word[0];
        c->rights = r4_object_facts[c->type].rights;
        c->ttl = s->ref[0].ttl;
        c->size_bits = bits;
        c->is_device = untyped.is_device;
        c->is_shared = untyped.is_shared;
        c->physical = untyped.physical + offset;
        if (c->type == R4_TYPE_FRAME && !c->is_device && !c->is_shared) {
            model_memory_clear(m, c->physical, UINT64_C(1) << bits);
        }
        format_object(m, c);
        offset += UINT64_C(1) << bits;
    }
    m->cap[s->cap].watermark = offset;
}

/* ------------------------------------------------------------------------------------------------
 * Protection domains
 */

static bool configure_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    const uint64_t window = s->word[1];
    const uint64_t bytes = s->word[2];

    switch (detail) {
    case 0:
        return s->m->object[model_object_of(s)].is_configured;
    case 1:
        return model_ref_cause(s, &s->ref[1], error);
    case 2:
        return error == R4_E_ALIGN ? window % MODEL_PAGE_BYTES != 0
                                   : window >= R4_USER_TOP || window + bytes > R4_USER_TOP ||
                                         (window == 0 && bytes != 0);
    case 3:
        return error == R4_E_ALIGN ? bytes % MODEL_PAGE_BYTES != 0 : bytes > R4_WINDOW_BYTES_MAX;
    default:
        model_unknown(s, "detail", detail);
    }
}

static void configure(struct model_step *s)
{
    struct model_object *pd = &s->m->object[model_object_of(s)];

    model_child(s->m, &s->ref[1], R4_RIGHTS_MASK, (uint8_t)(s->ref[1].ttl - 1u), model_object_of(s),
                MODEL_PLACE_TABLE);
    pd->is_configured = true;
    pd->window = s->word[1];
    pd->window_bytes = s->word[2];
}

static bool is_asid_free(const struct model *m)
{
    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        if (m->asid_pd[i] == 0 && m->generation[i] != 0) {
            return true;
        }
    }
    return false;
}

static bool assign_cause(const struct model_step *s, uint8_t error)
{
    return error == R4_E_STATE ? s->m->object[model_named_pd(s)].asid != 0 : !is_asid_free(s->m);
}

/* Any index that is free will do; its generation must be one that was never used. */
static void assign(struct model_step *s)
{
    struct model *m = s->m;
    const uint32_t asid = m->hint->asid;
    const uint32_t index = r4_asid_index(asid);

    s->out->word[0] = asid;
    if (index == 0 || index >= R4_ASIDS_MAX || m->asid_pd[index] != 0 ||
        m->generation[index] == 0 || r4_asid_generation(asid) != m->generation[index] ||
        (asid & R4_ASID_MBZ_MASK) != 0) {
        s->out->complaint = "an ASID that is in use, was used before, or does not exist";
        return;
    }
    m->asid_pd[index] = model_named_pd(s);
    m->object[m->asid_pd[index]].asid = asid;
}

/* ------------------------------------------------------------------------------------------------
 * By call
 */

bool model_memory_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (s->number) {
    case R4_CALL_UNTYPED_RETYPE:
        return retype_cause(s, error, detail);
    case R4_CALL_PD_CONFIGURE:
        return configure_cause(s, error, detail);
    case R4_CALL_ASID_ASSIGN:
        return assign_cause(s, error);
    default:
        model_unknown(s, "cause", error);
    }
}

void model_memory_effect(struct model_step *s)
{
    switch (s->number) {
    case R4_CALL_UNTYPED_RETYPE:
        retype(s);
        break;
    case R4_CALL_PD_CONFIGURE:
        configure(s);
        break;
    case R4_CALL_ASID_ASSIGN:
        assign(s);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
