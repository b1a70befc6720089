/* SPDX-License-Identifier: MIT */
/* Owns: the calls around proxies: link, mark, peers; the comparison of two capabilities. */
#include "model_parts.h"

#include <r4/abi/layout.h>

/* ------------------------------------------------------------------------------------------------
 * Marks
 */

static bool mark_cause(struct model_step *s, uint8_t error)
{
    const struct model_cap *c = &s->m->cap[s->cap];

    switch (error) {
    case R4_E_TYPE:
        return c->is_device || c->is_shared;
    case R4_E_MARKED:
        return c->is_marked;
    case R4_E_STATE:
        return s->number == R4_CALL_FRAME_UNMARK ? !c->is_marked
                                                 : model_mapped_entry(s->m, s->cap) == NULL;
    case R4_E_BUSY:
        return c->parts != 0;
    case R4_E_SHARED:
        return model_has_relatives(s->m, s->cap);
    default:
        model_unknown(s, "cause", error);
    }
}

static void mark(struct model_step *s, bool is_marked)
{
    struct model_entry *entry = model_mapped_entry(s->m, s->cap);

    s->m->cap[s->cap].is_marked = is_marked;
    if (entry != NULL) {
        entry->is_marked = is_marked;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Peers
 */

static uint32_t side_pd(const struct model_step *s, unsigned side)
{
    return s->m->cap[s->ref[1u + 2u * side].cap].object;
}

static uint32_t side_table(const struct model_step *s, unsigned side)
{
    const uint32_t cap = s->m->object[side_pd(s, side)].table_cap;

    return cap == 0 ? 0 : s->m->cap[cap].object;
}

static bool side_cause(const struct model_step *s, uint8_t error, unsigned side)
{
    const uint64_t slot = s->word[1u + 2u * side];

    switch (error) {
    case R4_E_STATE:
        return side_table(s, side) == 0 || s->m->object[side_pd(s, side)].asid == 0;
    case R4_E_OCCUPIED:
        if (side == 1 && side_table(s, 0) == side_table(s, 1) && s->word[1] == s->word[3]) {
            return true;
        }
        return model_dest_cause(s, error, side_table(s, side), slot);
    default:
        return model_dest_cause(s, error, side_table(s, side), slot);
    }
}

static bool bind_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    return detail == 0 ? model_ref_cause(s, &s->ref[0], error)
                       : side_cause(s, error, (detail - 1u) / 2u);
}

/* What the end in the other domain says of this side. */
static uint64_t link_to(const struct model_step *s, unsigned side)
{
    return r4_peer_with_slot(r4_peer_with_asid(0, s->m->object[side_pd(s, side)].asid),
                             (uint16_t)s->word[1u + 2u * side]);
}

static void make_end(struct model_step *s, uint32_t cap, uint32_t other, unsigned other_side)
{
    struct model_cap *c = &s->m->cap[cap];

    c->rights = 0;
    c->ttl = 0;
    c->is_end = true;
    c->other = other;
    c->badge = link_to(s, other_side);
}

static void bind(struct model_step *s)
{
    struct model *m = s->m;
    const uint32_t first = s->cap;
    uint32_t second;

    model_cap_move(m, first, side_table(s, 0), (uint32_t)s->word[1]);
    second = model_cap_new(m, first, side_table(s, 1), (uint32_t)s->word[3]);
    m->cap[second].type = R4_TYPE_PEER;
    m->cap[second].size_bits = m->cap[first].size_bits;
    m->cap[second].physical = m->cap[first].physical;
    make_end(s, first, second, 1);
    make_end(s, second, first, 0);
}

/* ------------------------------------------------------------------------------------------------
 * Comparison
 */

/* Where something lies: memory by address, ports by number; `bytes` 0: it lies nowhere. */
struct extent {
    uint64_t start;
    uint64_t bytes;
};

static struct extent extent_of(const struct model *m, const struct model_cap *c)
{
    if (c->type == R4_TYPE_IO_PORT) {
        return (struct extent){r4_io_range_first(c->badge), r4_io_range_count(c->badge)};
    }
    if (c->size_bits == 0) {
        return (struct extent){0, 0};
    }
    return (struct extent){c->object != 0 ? m->object[c->object].physical : c->physical,
                           UINT64_C(1) << c->size_bits};
}

static bool is_same(const struct model_cap *a, const struct model_cap *b)
{
    if (a->type == R4_TYPE_IO_PORT) {
        return b->type == R4_TYPE_IO_PORT && a->badge == b->badge;
    }
    return a->type == b->type && a->object == b->object && a->physical == b->physical &&
           a->size_bits == b->size_bits;
}

/* `part` lies in `whole`, which is untyped memory or ports. */
static bool is_part(const struct model *m, const struct model_cap *whole,
                    const struct model_cap *part)
{
    const struct extent w = extent_of(m, whole);
    const struct extent p = extent_of(m, part);

    if (whole->type == R4_TYPE_IRQ_CONTROL) {
        return part->type == R4_TYPE_IRQ_HANDLER;
    }
    if (whole->type == R4_TYPE_IO_PORT
            ? part->type != R4_TYPE_IO_PORT
            : whole->type != R4_TYPE_UNTYPED || part->type == R4_TYPE_IO_PORT) {
        return false;
    }
    return p.bytes != 0 && p.start >= w.start && p.start + p.bytes <= w.start + w.bytes;
}

static uint64_t relation(const struct model *m, const struct model_cap *a,
                         const struct model_cap *b)
{
    if (is_same(a, b)) {
        return R4_CAP_RELATION_SAME;
    }
    if (is_part(m, a, b)) {
        return R4_CAP_RELATION_PART;
    }
    return is_part(m, b, a) ? R4_CAP_RELATION_WHOLE : R4_CAP_RELATION_DIFFERENT;
}

/* ------------------------------------------------------------------------------------------------
 * By call
 */

static bool link_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    if (detail == 1) {
        return model_dest_cause(s, error, model_own_table(s->m, s->thread), s->word[0]);
    }
    return error == R4_E_STATE ? !s->ref[0].is_chain : model_ref_cause(s, &s->ref[0], error);
}

bool model_proxy_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    switch (s->number) {
    case R4_CALL_CAP_LINK:
        return link_cause(s, error, detail);
    case R4_CALL_FRAME_MARK:
    case R4_CALL_FRAME_UNMARK:
        return mark_cause(s, error);
    case R4_CALL_PEER_BIND:
        return bind_cause(s, error, detail);
    default:
        model_unknown(s, "cause", error);
    }
}

void model_proxy_effect(struct model_step *s)
{
    struct model *m = s->m;

    switch (s->number) {
    case R4_CALL_CAP_LINK:
        (void)model_child(m, &s->ref[0], R4_RIGHTS_MASK, s->ref[0].ttl,
                          model_own_table(m, s->thread), (uint32_t)s->word[0]);
        model_take_whole(m, s->cap);
        break;
    case R4_CALL_CAP_COMPARE:
        s->out->word[0] = relation(m, &m->cap[s->cap], &m->cap[s->ref[1].cap]);
        break;
    case R4_CALL_FRAME_MARK:
    case R4_CALL_FRAME_UNMARK:
        mark(s, s->number == R4_CALL_FRAME_MARK);
        break;
    case R4_CALL_PEER_BIND:
        bind(s);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
