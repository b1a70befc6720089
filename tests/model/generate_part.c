/* SPDX-License-Identifier: MIT */
/*
 * Owns: steps to user parts without a mapping, and to what takes their place. Both need more right
 * calls in a row than come about by chance.
 */
#include "draft.h"

/* A thread whose part has lost its mapping, 0 for none. */
static uint32_t find_dead(const struct model *m)
{
    for (uint32_t i = 1; i < m->top_object; i++) {
        if (m->object[i].type == R4_TYPE_THREAD && m->object[i].part_cap != 0 &&
            !model_has_part(m, i)) {
            return i;
        }
    }
    return 0;
}

static bool covers(const struct model_cap *table, const struct model_cap *frame)
{
    return table->type == R4_TYPE_PAGE_TABLE && table->is_mapped && table->level == 1 &&
           table->mapped_pd == frame->mapped_pd && table->address <= frame->address &&
           frame->address - table->address < (UINT64_C(1) << 21);
}

/* The page table above a frame with parts goes. */
static bool step_to_dead(struct draft *d)
{
    const struct model_object *t = &d->m->object[d->own];
    const uint32_t cap =
        model_at(d->m, d->own, look_for(d, d->own, pick_is_carrier, R4_TYPE_FRAME));

    for (uint32_t i = 1; d->m->cap[cap].parts != 0 && i + 1u < t->slot_count; i++) {
        if (covers(&d->m->cap[t->slot[i]], &d->m->cap[cap])) {
            d->call = make_call(R4_CALL_PAGE_TABLE_UNMAP, i, 0, 0, 0, 0, 0);
            return true;
        }
    }
    return false;
}

/* Another capability than `frame` for the same memory, mapped or not; 0: there is none. */
static uint32_t find_copy(const struct draft *d, uint32_t frame, bool is_mapped)
{
    const struct model_object *t = &d->m->object[d->own];

    for (uint32_t i = 1; i + 1u < t->slot_count; i++) {
        const struct model_cap *c = &d->m->cap[t->slot[i]];

        if (t->slot[i] != 0 && t->slot[i] != frame && c->type == R4_TYPE_FRAME &&
            c->physical == d->m->cap[frame].physical && c->is_mapped == is_mapped) {
            return i;
        }
    }
    return 0;
}

/* A part is attached where one has lost its mapping: by a copy of the frame, which is mapped first. */
static bool step_to_replace(struct draft *d, uint32_t dead)
{
    const struct model_object *t = &d->m->object[dead];
    const struct model_cap *frame = &d->m->cap[t->part_cap];
    const uint32_t mapped = find_copy(d, t->part_cap, true);
    const uint32_t copy = find_copy(d, t->part_cap, false);

    if (mapped != 0) {
        d->call =
            make_call(R4_CALL_THREAD_ATTACH, look_for(d, d->own, pick_has_no_part, R4_TYPE_THREAD),
                      mapped, t->part_offset, 0, 0, 0);
    } else if (copy != 0) {
        d->call =
            make_call(R4_CALL_FRAME_MAP, copy, look_for(d, d->own, pick_has_space, R4_TYPE_PD),
                      fill(d, PLACE_ADDRESS, 1), R4_RIGHT_READ | R4_RIGHT_WRITE, 0, 0);
    } else if (frame->holder == d->own) {
        d->call = make_call(R4_CALL_CAP_COPY, frame->place, 0,
                            look_for(d, d->own, pick_is_empty, 0), 0, 0, 0);
    } else {
        return false;
    }
    return true;
}

bool step_to_part(struct draft *d)
{
    const uint32_t dead = find_dead(d->m);

    return dead != 0 ? step_to_replace(d, dead) : rng_percent(&d->g->rng, 25) && step_to_dead(d);
}
