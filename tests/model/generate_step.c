/* SPDX-License-Identifier: MIT */
/* Owns: calls that would come about too rarely by chance, since much must be right for them. */
#include "draft.h"

#define MAPPING_PERCENT 12u /* a step towards a mapping */
#define STEP_PERCENT    6u  /* a call that keeps a child of what is frozen or for one use */
#define PENDING_PERCENT 40u /* ... while somebody rests in a revoke */

/* ------------------------------------------------------------------------------------------------
 * Steps to a mapping, which need too many calls to come about by chance
 */

static bool step_to_mapping(struct draft *d)
{
    const uint32_t pd_slot = look_for(d, d->own, pick_has_space, R4_TYPE_PD);
    const uint64_t address = mapping_address(&d->g->rng);
    const uint32_t pd = model_at(d->m, d->own, pd_slot);
    uint8_t type = R4_TYPE_FRAME;
    uint32_t slot;

    if (pd != 0 &&
        model_missing_level(&d->m->object[d->m->cap[pd].object].space, 1, address) != 0) {
        type = R4_TYPE_PAGE_TABLE;
    }
    slot = look_for(d, d->own, pick_is_mappable, type);
    if (slot == 0) {
        const uint32_t untyped = look_for(d, d->own, pick_is_ram, R4_TYPE_UNTYPED);

        d->call = make_call(R4_CALL_UNTYPED_RETYPE, untyped, type, 12, 0,
                            look_for(d, d->own, pick_is_empty, 0), 1);
        return untyped != 0;
    }
    d->call = make_call(type == R4_TYPE_FRAME ? R4_CALL_FRAME_MAP : R4_CALL_PAGE_TABLE_MAP, slot,
                        pd_slot, address, fill(d, PLACE_ACCESS, 2), 0, 0);
    return pd_slot != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Calls that keep a child of an argument: what is frozen, or for one use, is rarely among these
 */

static uint32_t name_rare(struct draft *d)
{
    const uint32_t frozen = look_for(d, d->own, pick_is_frozen, R4_TYPE_ANY);

    return frozen != 0 && rng_percent(&d->g->rng, 70) ? frozen : name_once_word(d);
}

static bool step_to_rare(struct draft *d)
{
    const uint32_t index = name_rare(d);
    struct model_ref ref;

    if (model_resolve(d->m, d->thread, 0, index, R4_TYPE_ANY, 0, 0, &ref).error != R4_OK) {
        return false;
    }
    switch (d->m->cap[ref.cap].type) {
    case R4_TYPE_CAP_TABLE:
        d->call =
            make_call(R4_CALL_PD_CONFIGURE, look_for(d, d->own, pick_is_unconfigured, R4_TYPE_PD),
                      index, 0, 0, 0, 0);
        return true;
    case R4_TYPE_PD:
        d->call = make_call(R4_CALL_THREAD_CONFIGURE,
                            look_for(d, d->own, pick_is_new, R4_TYPE_THREAD), index, 1, 20, 0, 0);
        return true;
    case R4_TYPE_NOTIFICATION:
        d->call =
            make_call(R4_CALL_THREAD_BIND_FAULT,
                      look_for(d, d->own, pick_is_unbound, R4_TYPE_THREAD), index, 0, 0, 0, 0);
        return true;
    default:
        return false;
    }
}

static bool is_somebody_pending(void)
{
    for (uint32_t core = 1; core < WORLD_CORES; core++) {
        if (world_is_pending(core)) {
            return true;
        }
    }
    return false;
}

/* What would come about too rarely by chance. */
bool make_step(struct draft *d)
{
    const uint32_t what = rng_below(&d->g->rng, 100);

    if (d->own == 0) {
        return false;
    }
    if (what < MAPPING_PERCENT) {
        return step_to_mapping(d);
    }
    return what < MAPPING_PERCENT + (is_somebody_pending() ? PENDING_PERCENT : STEP_PERCENT) &&
           step_to_rare(d);
}
