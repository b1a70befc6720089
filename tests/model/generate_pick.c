/* SPDX-License-Identifier: MIT */
/* Owns: looking into tables of the model for what a place of a call could name. */
#include "draft.h"

#include <r4/abi/layout.h>

/* ------------------------------------------------------------------------------------------------
 * Looking into tables
 */

bool pick_is_of_type(const struct model *m, uint32_t cap, uint8_t type)
{
    return cap != 0 && (type == R4_TYPE_ANY || m->cap[cap].type == type);
}

bool pick_is_empty(const struct model *m, uint32_t cap, uint8_t type)
{
    (void)m;
    (void)type;
    return cap == 0;
}

bool pick_is_frozen(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && (m->cap[cap].is_frozen || m->cap[cap].is_revoking);
}

bool pick_is_spent(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->cap[cap].ttl < 3;
}

bool pick_is_peer(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->cap[cap].badge != 0;
}

bool pick_is_parent(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->cap[cap].first_child != 0;
}

/* Its revoke takes several entries into the kernel if it is interrupted: objects die below it. */
bool pick_is_rich(const struct model *m, uint32_t cap, uint8_t type)
{
    uint32_t objects = 0;
    uint32_t looked_at = 0;

    if (!pick_is_of_type(m, cap, type)) {
        return false;
    }
    for (uint32_t at = model_next(m, cap, cap); at != 0 && looked_at < RICH_LOOKS;
         at = model_next(m, cap, at)) {
        objects += m->cap[at].object != 0 && m->cap[at].object != m->cap[cap].object;
        looked_at++;
    }
    return objects >= RICH_OBJECTS;
}

bool pick_is_mapped(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->cap[cap].is_mapped;
}

bool pick_is_without_asid(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->object[m->cap[cap].object].asid == 0;
}

bool pick_is_unconfigured(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && !m->object[m->cap[cap].object].is_configured;
}

bool pick_is_unbound(const struct model *m, uint32_t cap, uint8_t type)
{
    const struct model_object *o = &m->object[m->cap[cap].object];

    return pick_is_of_type(m, cap, type) && o->fault_cap == 0 && o->bound_cap == 0;
}

/* A child of it is bound to a cluster link. */
bool pick_is_linked(const struct model *m, uint32_t cap, uint8_t type)
{
    uint32_t child = pick_is_of_type(m, cap, type) ? m->cap[cap].first_child : 0;

    while (child != 0 && m->object[m->cap[child].holder].type != R4_TYPE_CLUSTER_LINK) {
        child = m->cap[child].after;
    }
    return child != 0;
}

bool pick_has_room(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && model_free_bytes(m, cap) >= 8192;
}

bool pick_is_new(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) &&
           m->object[m->cap[cap].object].state == R4_THREAD_STATE_NEW;
}

bool pick_is_idle(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->cap[cap].type == R4_TYPE_THREAD &&
           m->object[m->cap[cap].object].state < R4_THREAD_STATE_READY;
}

bool pick_is_ram(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && !m->cap[cap].is_device &&
           model_free_bytes(m, cap) >= 4096;
}

bool pick_is_mappable(const struct model *m, uint32_t cap, uint8_t type)
{
    const struct model_cap *c = &m->cap[cap];

    return pick_is_of_type(m, cap, type) && !c->is_mapped && c->size_bits == 12 &&
           (c->rights & R4_RIGHT_MODIFY) != 0 && !c->is_frozen &&
           (type == R4_TYPE_FRAME || !model_has_relatives(m, cap));
}

/* A table whose views this capability could map. */
bool pick_is_hidden(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && !m->cap[cap].is_mapped &&
           (m->cap[cap].rights & R4_RIGHT_READ) != 0 && !m->cap[cap].is_frozen;
}

/* A frame that carries user parts, or could. */
bool pick_is_carrier(const struct model *m, uint32_t cap, uint8_t type)
{
    const struct model_cap *c = &m->cap[cap];

    return pick_is_mapped(m, cap, type) && c->size_bits == 12 && !c->is_device && !c->is_marked &&
           (c->rights & R4_RIGHT_READ) != 0 && (c->rights & R4_RIGHT_WRITE) != 0;
}

bool pick_has_part(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->object[m->cap[cap].object].part_cap != 0;
}

bool pick_has_no_part(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->object[m->cap[cap].object].part_cap == 0;
}

bool pick_has_space(const struct model *m, uint32_t cap, uint8_t type)
{
    return pick_is_of_type(m, cap, type) && m->object[m->cap[cap].object].asid != 0 &&
           (m->cap[cap].rights & R4_RIGHT_CONTROL) != 0;
}

/* A slot of the table that the filter lets through, from a random one on; 0: there is none. */
uint32_t look_for(struct draft *d, uint32_t table, filter *is_wanted, uint8_t type)
{
    const struct model_object *t = &d->m->object[table];
    uint32_t found = 0;
    uint32_t at;

    if (t->slot_count == 0) {
        return 0;
    }
    at = rng_below(&d->g->rng, t->slot_count - 1u);
    for (uint32_t i = 0; i < t->slot_count; i++) {
        at = at + 2u >= t->slot_count ? 1 : at + 1u;
        if (is_wanted(d->m, t->slot[at], type)) {
            found = at;
            /* Those behind a gap would be found too often. */
            if (rng_percent(&d->g->rng, 40)) {
                break;
            }
        }
    }
    return found;
}

uint32_t any_slot(struct draft *d, uint32_t table)
{
    const uint32_t slots = d->m->object[table].slot_count;

    return slots == 0 ? 0 : rng_below(&d->g->rng, slots + 1u);
}

/* Mostly one of the type, sometimes any other. */
uint32_t name_one(struct draft *d, uint8_t type)
{
    if (rng_percent(&d->g->rng, WRONG_PERCENT)) {
        return any_slot(d, d->own);
    }
    if (rng_percent(&d->g->rng, WORD_PERCENT)) {
        const uint32_t index = name_word(d, type);

        if (index != 0) {
            return index;
        }
    }
    if (rng_percent(&d->g->rng, 25)) {
        const uint32_t slot =
            look_for(d, d->own, rng_percent(&d->g->rng, 65) ? pick_is_frozen : pick_is_spent, type);

        if (slot != 0) {
            return slot;
        }
    }
    return look_for(d, d->own, pick_is_of_type, type);
}

/* For asid_assign one that has none. */
uint32_t name_pd(struct draft *d)
{
    uint32_t slot = 0;

    if (r4_call_number(d->call.call_register) == R4_CALL_ASID_ASSIGN &&
        rng_percent(&d->g->rng, 60)) {
        slot = look_for(d, d->own, pick_is_without_asid, R4_TYPE_PD);
    }
    return slot != 0 ? slot : name_one(d, R4_TYPE_PD);
}
