/* SPDX-License-Identifier: MIT */
/* Owns: capabilities and objects as such: numbers, the tree, where each capability stands. */
#include "model_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
    fprintf(stderr, "model: %s\n", what);
    abort();
}

void model_init(struct model *m)
{
    memset(m, 0, sizeof(*m));
    for (uint32_t i = MODEL_CAPS_MAX - 1u; i > 0; i--) {
        m->cap[i].parent = m->free_cap;
        m->free_cap = i;
    }
    m->top_object = 1;
}

/* ------------------------------------------------------------------------------------------------
 * Objects
 */

uint32_t model_object_new(struct model *m, uint8_t type, uint64_t physical)
{
    uint32_t object = m->free_object;

    if (object != 0) {
        m->free_object = m->object[object].caps;
    } else if (m->top_object < MODEL_OBJECTS_MAX) {
        object = m->top_object++;
    } else {
        fail("too many objects");
    }
    m->object[object] =
        (struct model_object){.type = type, .serial = ++m->serial, .physical = physical};
    return object;
}

void model_table_init(struct model *m, uint32_t table, uint32_t slots)
{
    m->object[table].slot_count = slots;
    m->object[table].slot = calloc(slots, sizeof(uint32_t));
    if (m->object[table].slot == NULL) {
        fail("no memory for a table");
    }
}

void model_object_free(struct model *m, uint32_t object)
{
    free(m->object[object].slot);
    free(m->object[object].space.entry);
    m->object[object] = (struct model_object){.caps = m->free_object};
    m->free_object = object;
}

/* ------------------------------------------------------------------------------------------------
 * Places
 */

static uint32_t *place_of(struct model *m, uint32_t holder, uint32_t place)
{
    struct model_object *o = &m->object[holder];

    if (o->type == R4_TYPE_CAP_TABLE) {
        return &o->slot[place];
    }
    if (o->type == R4_TYPE_PD) {
        return &o->table_cap;
    }
    if (o->type == R4_TYPE_IRQ_HANDLER || o->type == R4_TYPE_CLUSTER_LINK) {
        return &o->bound_cap;
    }
    return place == MODEL_PLACE_PD ? &o->pd_cap : &o->fault_cap;
}

void model_place_write(struct model *m, uint32_t holder, uint32_t place, uint32_t cap)
{
    *place_of(m, holder, place) = cap;
    if (cap != 0) {
        m->cap[cap].holder = holder;
        m->cap[cap].place = place;
    }
}

uint32_t model_at(const struct model *m, uint32_t table, uint32_t slot)
{
    const struct model_object *o = &m->object[table];

    return slot < o->slot_count ? o->slot[slot] : 0;
}

uint32_t model_thread_pd(const struct model *m, uint32_t thread)
{
    const uint32_t cap = m->object[thread].pd_cap;

    return cap == 0 ? 0 : m->cap[cap].object;
}

uint32_t model_own_table(const struct model *m, uint32_t thread)
{
    const uint32_t pd = model_thread_pd(m, thread);
    const uint32_t cap = pd == 0 ? 0 : m->object[pd].table_cap;

    return cap == 0 ? 0 : m->cap[cap].object;
}

/* ------------------------------------------------------------------------------------------------
 * The tree
 */

static void insert_first(struct model *m, uint32_t parent, uint32_t cap)
{
    const uint32_t first = m->cap[parent].first_child;

    m->cap[cap].parent = parent;
    m->cap[cap].before = 0;
    m->cap[cap].after = first;
    if (first != 0) {
        m->cap[first].before = cap;
    }
    m->cap[parent].first_child = cap;
}

uint32_t model_cap_new(struct model *m, uint32_t parent, uint32_t holder, uint32_t place)
{
    const uint32_t cap = m->free_cap;

    if (cap == 0) {
        fail("too many capabilities");
    }
    m->free_cap = m->cap[cap].parent;
    m->cap[cap] = (struct model_cap){0};
    m->caps++;
    insert_first(m, parent, cap);
    model_place_write(m, holder, place, cap);
    return cap;
}

/* The sibling before, or the parent, goes on with `next`. */
static void follow(struct model *m, uint32_t parent, uint32_t before, uint32_t next)
{
    if (before == 0) {
        m->cap[parent].first_child = next;
    } else {
        m->cap[before].after = next;
    }
}

/* The children of `cap` stand where it stood. */
static void splice_children(struct model *m, uint32_t cap)
{
    const struct model_cap gone = m->cap[cap];
    uint32_t last = gone.before;
    uint32_t child = gone.first_child;

    if (m->bug == MODEL_BUG_DELETE_ORPHANS) {
        while (child != 0) {
            const uint32_t next = m->cap[child].after;

            insert_first(m, 0, child);
            child = next;
        }
    }
    for (; child != 0; child = m->cap[child].after) {
        m->cap[child].parent = gone.parent;
        m->cap[child].before = last;
        follow(m, gone.parent, last, child);
        last = child;
    }
    follow(m, gone.parent, last, gone.after);
    if (gone.after != 0) {
        m->cap[gone.after].before = last;
    }
}

/* The other end of a peer is a tombstone from now on. */
static void cut(struct model *m, uint32_t cap)
{
    const uint32_t other = m->cap[cap].other;

    if (other != 0) {
        m->cap[other].other = 0;
        m->cap[other].badge = m->bug == MODEL_BUG_CUT_ONE_WAY ? m->cap[other].badge : 0;
    }
}

void model_cap_free(struct model *m, uint32_t cap)
{
    cut(m, cap);
    model_place_write(m, m->cap[cap].holder, m->cap[cap].place, 0);
    splice_children(m, cap);
    m->cap[cap] = (struct model_cap){.parent = m->free_cap};
    m->free_cap = cap;
    m->caps--;
}

void model_cap_move(struct model *m, uint32_t cap, uint32_t table, uint32_t slot)
{
    if (m->bug == MODEL_BUG_STOPS) {
        fail("planted");
    }
    model_place_write(m, m->cap[cap].holder, m->cap[cap].place, 0);
    model_place_write(m, table, slot, cap);
}

/* A badge, a session id and a range of ports stay; where there is none, a chain gives its session id. */
uint64_t model_badge_of(const struct model_cap *from, const struct model_ref *ref)
{
    const bool takes_one = from->type == R4_TYPE_NOTIFICATION || from->type == R4_TYPE_CLUSTER_LINK;

    return takes_one && ref->is_chain && from->badge == 0 ? ref->session : from->badge;
}

uint32_t model_child(struct model *m, const struct model_ref *ref, uint16_t rights, uint8_t ttl,
                     uint32_t holder, uint32_t place)
{
    const uint32_t child = model_cap_new(m, ref->cap, holder, place);
    const struct model_cap *from = &m->cap[ref->cap];
    struct model_cap *to = &m->cap[child];

    to->type = from->type;
    to->rights = from->rights & ref->rights & rights;
    to->ttl = m->bug == MODEL_BUG_COPY_IS_FREE ? ref->ttl : ttl;
    to->size_bits = from->size_bits;
    to->is_device = from->is_device;
    to->is_shared = from->is_shared;
    to->badge = m->bug == MODEL_BUG_LINK_FORGETS ? from->badge : model_badge_of(from, ref);
    to->physical = from->physical;
    to->object = from->object;
    if (to->object != 0) {
        m->object[to->object].caps++;
    }
    return child;
}

void model_take_whole(struct model *m, uint32_t cap)
{
    if (m->cap[cap].type == R4_TYPE_UNTYPED) {
        m->cap[cap].watermark = UINT64_C(1) << m->cap[cap].size_bits;
    }
}

uint32_t model_next(const struct model *m, uint32_t top, uint32_t at)
{
    if (m->cap[at].first_child != 0) {
        return m->cap[at].first_child;
    }
    while (at != top) {
        if (m->cap[at].after != 0) {
            return m->cap[at].after;
        }
        at = m->cap[at].parent;
    }
    return 0;
}

uint32_t model_descendants(const struct model *m, uint32_t top)
{
    uint32_t count = 0;

    for (uint32_t at = model_next(m, top, top); at != 0; at = model_next(m, top, at)) {
        count++;
    }
    return count;
}

static bool is_same_thing(const struct model_cap *a, const struct model_cap *b)
{
    return a->type == b->type && a->object == b->object && a->physical == b->physical;
}

bool model_has_relatives(const struct model *m, uint32_t cap)
{
    for (uint32_t at = model_next(m, 0, 0); at != 0; at = model_next(m, 0, at)) {
        if (at != cap && is_same_thing(&m->cap[at], &m->cap[cap])) {
            return true;
        }
    }
    return false;
}
