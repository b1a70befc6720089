/* SPDX-License-Identifier: MIT */
/* Owns: calls that would come about too rarely by chance, since much must be right for them. */
#include "draft.h"

#include <r4/abi/layout.h>

#define MAPPING_PERCENT 12u /* a step towards a mapping */
#define STEP_PERCENT    6u  /* a call that keeps a child of what is frozen or for one use */
#define PENDING_PERCENT 40u /* ... while somebody rests in a revoke */
#define MANY_PERCENT    3u  /* one more child of a control, or the end of many */
#define VIEW_PERCENT    20u /* it is of views, if the page tables are there */
#define WAIT_PERCENT    15u /* a wait through a chain, where somebody waits in that way already */
#define WAIT_TRIES      4u
#define PART_PERCENT    3u  /* towards a user part that takes the place of one */
#define UNLINK_PERCENT  1u  /* a link can be bound again */
#define MANY            30u /* that many children are more than a step of a revoke deletes */

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
    if (type == R4_TYPE_FRAME && rng_percent(&d->g->rng, VIEW_PERCENT)) {
        slot = look_for(d, d->own, pick_is_hidden, R4_TYPE_CAP_TABLE);
        d->call = make_call(R4_CALL_CAP_TABLE_MAP_VIEW, slot, pd_slot, address, 0, 0, 0);
        return slot != 0 && pd_slot != 0;
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

/* A call that keeps a child of this notification. */
static void bind_rare(struct draft *d, uint32_t index)
{
    static const struct {
        uint16_t call;
        uint8_t type;
    } ways[] = {
        {R4_CALL_THREAD_BIND_FAULT, R4_TYPE_THREAD},
        {R4_CALL_IRQ_BIND, R4_TYPE_IRQ_HANDLER},
        {R4_CALL_LINK_BIND, R4_TYPE_CLUSTER_LINK},
    };
    const uint32_t way = rng_below(&d->g->rng, 3);

    d->call = make_call(ways[way].call, look_for(d, d->own, pick_is_unbound, ways[way].type), index,
                        0, 0, 0, 0);
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
        if (rng_percent(&d->g->rng, 50)) {
            d->call = make_call(R4_CALL_CAP_TABLE_MAP_VIEW, index,
                                look_for(d, d->own, pick_has_space, R4_TYPE_PD),
                                mapping_address(&d->g->rng), 0, 0, 0);
            return true;
        }
        d->call =
            make_call(R4_CALL_PD_CONFIGURE, look_for(d, d->own, pick_is_unconfigured, R4_TYPE_PD),
                      index, 0, 0, 0, 0);
        return true;
    case R4_TYPE_PD:
        d->call = make_call(R4_CALL_THREAD_CONFIGURE,
                            look_for(d, d->own, pick_is_new, R4_TYPE_THREAD), index, 1, 20, 0, 0);
        return true;
    case R4_TYPE_NOTIFICATION:
        bind_rare(d, index);
        return true;
    case R4_TYPE_IRQ_CONTROL:
        d->call = make_call(R4_CALL_IRQ_GET, index, fill(d, PLACE_LINE, 0), R4_IRQ_MODE_EDGE, 0,
                            look_for(d, d->own, pick_is_empty, 0), 0);
        return true;
    case R4_TYPE_IO_PORT:
        d->call = make_call(R4_CALL_IO_NARROW, index, 0, look_for(d, d->own, pick_is_empty, 0),
                            r4_io_range_first(d->m->cap[ref.cap].badge), 1, 0);
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

/* ------------------------------------------------------------------------------------------------
 * Controls: a revoke of one of them rests only where there are many children
 */

static uint32_t find_richest(struct draft *d, uint8_t type, uint32_t *descendants)
{
    const struct model_object *t = &d->m->object[d->own];
    uint32_t found = 0;

    *descendants = 0;
    for (uint32_t i = 1; i + 1u < t->slot_count; i++) {
        if (pick_is_of_type(d->m, t->slot[i], type)) {
            const uint32_t count = model_descendants(d->m, t->slot[i]);

            if (found == 0 || count > *descendants) {
                found = i;
                *descendants = count;
            }
        }
    }
    return found;
}

static bool step_to_many(struct draft *d)
{
    const uint8_t type = rng_percent(&d->g->rng, 35) ? R4_TYPE_IO_PORT : R4_TYPE_IRQ_CONTROL;
    uint32_t descendants;
    const uint32_t slot = find_richest(d, type, &descendants);

    d->call = descendants < MANY ? make_call(R4_CALL_CAP_COPY, slot, 0,
                                             look_for(d, d->own, pick_is_empty, 0), 0, 0, 0)
                                 : make_call(R4_CALL_CAP_REVOKE, slot, 0, 0, 0, 0, 0);
    return slot != 0;
}

/* There is one link, and it stays bound as long as its notification is not taken back. */
static bool step_to_unlink(struct draft *d)
{
    const uint32_t slot = look_for(d, d->own, pick_is_linked, R4_TYPE_NOTIFICATION);

    d->call = make_call(R4_CALL_CAP_REVOKE, slot, 0, 0, 0, 0, 0);
    return slot != 0;
}

/* There are few threads, and many must wait at one notification until it is too many of them. */
static bool is_waited_at(const struct draft *d, uint32_t index)
{
    struct model_ref ref;

    return model_resolve(d->m, d->thread, 0, index, R4_TYPE_NOTIFICATION, R4_RIGHT_RECEIVE, 0, &ref)
                   .error == R4_OK &&
           d->m->object[d->m->cap[ref.cap].object].first_waiter != 0;
}

static bool does_somebody_wait(const struct model *m)
{
    for (uint32_t i = 1; i < m->top_object; i++) {
        if (m->object[i].type == R4_TYPE_THREAD && m->object[i].waits_by != 0) {
            return true;
        }
    }
    return false;
}

static bool step_to_wait(struct draft *d)
{
    for (uint32_t i = 0; i < WAIT_TRIES && does_somebody_wait(d->m); i++) {
        const uint32_t index = name_word(d, R4_TYPE_NOTIFICATION);

        if (is_waited_at(d, index)) {
            d->call = make_call(R4_CALL_NOTIFICATION_WAIT, index, 0, 0, 0, 0, 0);
            return true;
        }
    }
    return false;
}

/* What would come about too rarely by chance. */
bool make_step(struct draft *d)
{
    uint32_t what = rng_below(&d->g->rng, 100);

    if (d->own == 0) {
        return false;
    }
    if (what < MAPPING_PERCENT) {
        return step_to_mapping(d);
    }
    what -= MAPPING_PERCENT;
    if (what < MANY_PERCENT) {
        return step_to_many(d);
    }
    what -= MANY_PERCENT;
    if (what < UNLINK_PERCENT) {
        return step_to_unlink(d);
    }
    what -= UNLINK_PERCENT;
    if (what < PART_PERCENT) {
        return step_to_part(d);
    }
    what -= PART_PERCENT;
    if (what < WAIT_PERCENT) {
        return step_to_wait(d);
    }
    what -= WAIT_PERCENT;
    return what < (is_somebody_pending() ? PENDING_PERCENT : STEP_PERCENT) && step_to_rare(d);
}
