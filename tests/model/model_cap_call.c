/* SPDX-License-Identifier: MIT */
/* Owns: the calls that make, move, describe and end capabilities. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#define SESSION_BIT R4_SESSION_IS_SESSION_MASK

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

bool model_is_slot(const struct model *m, uint32_t table, uint64_t slot)
{
    /* The first and the last number are never a capability. */
    return table != 0 && slot != 0 && slot + 1u < m->object[table].slot_count;
}

bool model_dest_cause(const struct model_step *s, uint8_t error, uint32_t table, uint64_t slot)
{
    return error == R4_E_RANGE ? !model_is_slot(s->m, table, slot)
                               : model_at(s->m, table, (uint32_t)slot) != 0;
}

bool model_ref_cause(const struct model_step *s, const struct model_ref *ref, uint8_t error)
{
    const struct model_cap *c = &s->m->cap[ref->cap];

    switch (error) {
    case R4_E_ONCE:
        return ref->once_count != 0;
    case R4_E_TTL:
        return ref->ttl == 0;
    case R4_E_MARKED:
        return c->is_marked;
    case R4_E_REVOKING:
        return c->is_frozen || c->is_revoking;
    case R4_E_BUSY:
        return c->type == R4_TYPE_UNTYPED && c->first_child != 0;
    case R4_E_BADGE:
        return !model_is_minted(c->badge) && (ref->is_chain || c->badge != 0);
    default:
        model_unknown(s, "cause", error);
    }
}

static bool takes_badge(uint8_t type)
{
    return type == R4_TYPE_NOTIFICATION || type == R4_TYPE_CLUSTER_LINK;
}

/* About the invoked capability of a call that makes a child. */
static bool source_cause(const struct model_step *s, uint8_t error)
{
    const struct model_cap *c = &s->m->cap[s->cap];

    switch (error) {
    case R4_E_TYPE:
        return !takes_badge(c->type);
    case R4_E_STATE:
        return c->badge != 0;
    default:
        return model_ref_cause(s, &s->ref[0], error);
    }
}

/* The child's range lies in that of the source. */
static bool range_cause(const struct model_step *s, unsigned detail)
{
    const uint64_t range = s->m->cap[s->cap].badge;
    const uint64_t first = r4_io_range_first(range);
    const uint64_t end = first + r4_io_range_count(range);

    if (detail == 3) {
        return s->word[2] < first || s->word[2] >= end;
    }
    return s->word[3] == 0 || s->word[3] > end - s->word[2];
}

static bool make_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    if (detail == 0) {
        return source_cause(s, error);
    }
    if (detail == 2) {
        return model_dest_cause(s, error, model_dest_table(s, 1), s->word[1]);
    }
    if (s->number == R4_CALL_IO_NARROW) {
        return range_cause(s, detail);
    }
    if (s->number == R4_CALL_CAP_MINT) {
        return s->word[2] == 0 || (s->word[2] & SESSION_BIT) != 0;
    }
    return (s->word[2] & ~(uint64_t)R4_RIGHTS_DEFINED) != 0;
}

/* About a slot of the invoked table. */
static bool inside_cause(const struct model_step *s, uint8_t error)
{
    const uint32_t table = model_object_of(s);
    const uint32_t cap = model_at(s->m, table, (uint32_t)s->word[0]);

    switch (error) {
    case R4_E_RANGE:
        return !model_is_slot(s->m, table, s->word[0]);
    case R4_E_EMPTY:
        return cap == 0;
    default:
        return s->m->cap[cap].is_end;
    }
}

bool model_cap_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (s->number) {
    case R4_CALL_CAP_COPY:
    case R4_CALL_CAP_MINT:
    case R4_CALL_CAP_DERIVE:
    case R4_CALL_IO_NARROW:
        return make_cause(s, error, detail);
    case R4_CALL_CAP_MOVE:
        return detail == 0 ? s->m->cap[s->cap].is_end
                           : model_dest_cause(s, error, model_dest_table(s, 1), s->word[1]);
    case R4_CALL_CAP_TABLE_TAKE:
        return detail == 1
                   ? inside_cause(s, error)
                   : model_dest_cause(s, error, model_own_table(s->m, s->thread), s->word[1]);
    case R4_CALL_CAP_TABLE_DELETE:
    case R4_CALL_CAP_TABLE_IDENTIFY:
        return inside_cause(s, error);
    default:
        model_unknown(s, "cause", error);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

static void make(struct model_step *s)
{
    struct model *m = s->m;
    uint16_t rights = R4_RIGHTS_MASK;
    uint32_t child;

    if (s->number == R4_CALL_CAP_DERIVE && m->bug != MODEL_BUG_DERIVE_KEEPS_RIGHTS) {
        rights = (uint16_t)s->word[2];
    }
    child = model_child(m, &s->ref[0], rights, (uint8_t)(s->ref[0].ttl - 1u),
                        model_dest_table(s, 1), (uint32_t)s->word[1]);
    if (s->number == R4_CALL_CAP_MINT) {
        m->cap[child].badge = s->word[2];
    } else if (s->number == R4_CALL_IO_NARROW) {
        m->cap[child].badge = r4_io_range_with_count(
            r4_io_range_with_first(0, (uint16_t)s->word[2]), (uint32_t)s->word[3]);
    }
    model_take_whole(m, s->cap);
}

static uint64_t view_of(const struct model_cap *c, uint16_t rights, uint8_t ttl)
{
    uint64_t view = 0;

    view = r4_cap_view_with_type(view, c->type);
    view = r4_cap_view_with_rights(view, rights);
    view = r4_cap_view_with_ttl(view, ttl);
    view = r4_cap_view_with_size_bits(view, c->size_bits);
    view = r4_cap_view_with_device(view, c->is_device);
    view = r4_cap_view_with_shared(view, c->is_shared);
    view = r4_cap_view_with_mapped(view, c->is_mapped);
    return r4_cap_view_with_marked(view, c->is_marked);
}

static void identify(struct model_step *s)
{
    const struct model_ref *ref = &s->ref[0];
    const struct model_cap *c = &s->m->cap[s->cap];
    uint64_t *word = s->out->word;

    word[0] = view_of(c, ref->rights, ref->ttl);
    word[1] = model_badge_of(c, ref);
    word[2] = c->type == R4_TYPE_UNTYPED || c->type == R4_TYPE_FRAME ? c->physical : 0;
    word[3] = c->is_mapped && !ref->is_chain ? c->address : 0;
    word[4] = c->type == R4_TYPE_UNTYPED ? model_free_bytes(s->m, s->cap) : 0;
}

static void table_identify(struct model_step *s)
{
    const uint32_t cap = model_at(s->m, model_object_of(s), (uint32_t)s->word[0]);

    const struct model_cap *c = &s->m->cap[cap];

    s->out->word[0] = cap == 0 ? 0 : view_of(c, c->rights, c->ttl);
    s->out->word[1] = cap == 0 ? 0 : c->badge;
}

void model_cap_effect(struct model_step *s)
{
    struct model *m = s->m;

    switch (s->number) {
    case R4_CALL_CAP_COPY:
    case R4_CALL_CAP_MINT:
    case R4_CALL_CAP_DERIVE:
    case R4_CALL_IO_NARROW:
        make(s);
        break;
    case R4_CALL_CAP_MOVE:
        model_cap_move(m, s->cap, model_dest_table(s, 1), (uint32_t)s->word[1]);
        break;
    case R4_CALL_CAP_DELETE:
        model_delete(m, s->cap);
        break;
    case R4_CALL_CAP_IDENTIFY:
        identify(s);
        break;
    case R4_CALL_CAP_REVOKE:
        s->out->end = model_revoke(m, s->cap) ? MODEL_DONE : MODEL_PENDING;
        break;
    case R4_CALL_CAP_TABLE_TAKE:
        model_cap_move(m, model_at(m, model_object_of(s), (uint32_t)s->word[0]),
                       model_own_table(m, s->thread), (uint32_t)s->word[1]);
        break;
    case R4_CALL_CAP_TABLE_DELETE:
        model_delete(m, model_at(m, model_object_of(s), (uint32_t)s->word[0]));
        break;
    case R4_CALL_CAP_TABLE_IDENTIFY:
        table_identify(s);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
