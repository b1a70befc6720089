/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the root task does: it makes domains with threads on the other cores, gives them
 * what they may use, gives again what they lost, and now and then takes everything back.
 */
#include "keeper_parts.h"

#define INFRA_BITS   17u
#define MEMORY_BITS  17u
#define DEVICE_BITS  30u
#define TABLE_BITS   14u
#define PRIORITY     20u
#define ENTRY        UINT64_C(0x400000)
#define STACK        UINT64_C(0x7ff000)
#define WINDOW_BYTES ((PAGES + 1u) * MODEL_PAGE_BYTES)
#define TAKE_PERCENT 10u
#define LOST_SHARES  500u
#define TAKE_SHARES  20u

static bool need_copy(struct keeper *k, uint32_t slot, uint32_t source)
{
    return cap_in(k, slot) == NULL && say(k, make_call(R4_CALL_CAP_COPY, source, 0, slot, 0, 0, 0));
}

static bool need_common(struct keeper *k)
{
    const struct generator *g = k->g;

    if (need_objects(k, own(k, OWN_SHARED), g->world->untyped, R4_TYPE_NOTIFICATION, 0)) {
        return true;
    }
    if (cap_in(k, own(k, OWN_BADGED)) == NULL) {
        return say(k,
                   make_call(R4_CALL_CAP_MINT, own(k, OWN_SHARED), 0, own(k, OWN_BADGED), 6, 0, 0));
    }
    if (cap_in(k, own(k, OWN_WEAK)) == NULL) {
        return say(k, make_call(R4_CALL_CAP_DERIVE, own(k, OWN_SHARED), 0, own(k, OWN_WEAK),
                                R4_RIGHT_SIGNAL | R4_RIGHT_LINK, 0, 0));
    }
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        if (need_objects(k, own(k, OWN_DEVICES + i), g->world->device, R4_TYPE_UNTYPED,
                         DEVICE_BITS)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < SPENT_RUNGS; i++) {
        if (need_copy(k, own(k, OWN_LADDER + i),
                      own(k, i == 0 ? OWN_SHARED : OWN_LADDER + i - 1u))) {
            return true;
        }
    }
    return false;
}

static bool need_domain(struct keeper *k, uint32_t s)
{
    const uint32_t pd = of(k, s, OF_PD);

    for (uint32_t i = 0; i < MEMORIES; i++) {
        if (need_objects(k, of(k, s, OF_MEMORY + i), k->g->world->untyped, R4_TYPE_UNTYPED,
                         MEMORY_BITS)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < RUNGS; i++) {
        if (need_copy(k, of(k, s, OF_RUNG + i),
                      of(k, s, i == 0 ? OF_MEMORY + MEMORIES - 1u : OF_RUNG + i - 1u))) {
            return true;
        }
    }
    if (need_objects(k, of(k, s, OF_INFRA), k->g->world->untyped, R4_TYPE_UNTYPED, INFRA_BITS) ||
        need_objects(k, of(k, s, OF_TABLE), of(k, s, OF_INFRA), R4_TYPE_CAP_TABLE, TABLE_BITS) ||
        need_objects(k, pd, of(k, s, OF_INFRA), R4_TYPE_PD, 0)) {
        return true;
    }
    if (object_in(k, pd)->asid == 0) {
        return say(k, make_call(R4_CALL_ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd, 0, 0, 0, 0));
    }
    if (object_in(k, pd)->is_configured && object_in(k, pd)->table_cap == 0) {
        return say(k, make_call(R4_CALL_CAP_DELETE, pd, 0, 0, 0, 0, 0));
    }
    return !object_in(k, pd)->is_configured &&
           say(k, make_call(R4_CALL_PD_CONFIGURE, pd, of(k, s, OF_TABLE), KEEPER_WINDOW,
                            WINDOW_BYTES, 0, 0));
}

/* It has the domain that it should have, or none yet. */
static bool is_useful(const struct keeper *k, uint32_t s, uint32_t slot)
{
    const struct model_object *t = object_in(k, slot);

    return t->state == R4_THREAD_STATE_NEW ||
           (t->state != R4_THREAD_STATE_DEAD &&
            model_thread_pd(k->m, cap_in(k, slot)->object) == cap_in(k, of(k, s, OF_PD))->object);
}

/* Two threads of each subject, each on a core of its own. */
static bool need_thread(struct keeper *k, uint32_t s, uint32_t i)
{
    const uint32_t slot = of(k, s, OF_THREAD + i);
    const uint32_t core = 1u + s * THREADS + i;

    if (need_objects(k, slot, of(k, s, OF_INFRA), R4_TYPE_THREAD, 0)) {
        return true;
    }
    if (!is_useful(k, s, slot)) {
        const uint16_t call =
            cap_in(k, slot)->first_child != 0 ? R4_CALL_CAP_REVOKE : R4_CALL_CAP_DELETE;

        return say(k, make_call(call, slot, 0, 0, 0, 0, 0));
    }
    if (object_in(k, slot)->state != R4_THREAD_STATE_NEW && object_in(k, slot)->core != core) {
        return say(k, make_call(R4_CALL_THREAD_SET_CORE, slot, core, 0, 0, 0, 0));
    }
    switch (object_in(k, slot)->state) {
    case R4_THREAD_STATE_NEW:
        return say(
            k, make_call(R4_CALL_THREAD_CONFIGURE, slot, of(k, s, OF_PD), core, PRIORITY, 0, 0));
    case R4_THREAD_STATE_STOPPED:
        return object_in(k, slot)->was_started
                   ? say(k, make_call(R4_CALL_THREAD_RESUME, slot, 0, 0, 0, 0, 0))
                   : say(k, make_call(R4_CALL_THREAD_START, slot, ENTRY, STACK, 0, 0, 0));
    case R4_THREAD_STATE_WAITING:
        return rng_percent(&k->g->rng, 10) &&
               say(k, make_call(R4_CALL_THREAD_SUSPEND, slot, 0, 0, 0, 0, 0));
    default:
        return false;
    }
}

static bool need_subject(struct keeper *k, uint32_t s)
{
    if (need_domain(k, s)) {
        return true;
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        if (need_thread(k, s, i)) {
            return true;
        }
    }
    return need_window(k, s);
}

/* What stands in slot i + 1 of a subject's table; 0: nothing. */
static uint32_t gift(const struct keeper *k, uint32_t s, uint32_t i)
{
    const uint32_t other = (s + 1u) % SUBJECTS;
    const uint32_t gifts[] = {
        of(k, s, OF_TABLE),
        of(k, s, OF_PD),
        of(k, s, OF_THREAD),
        R4_INIT_SLOT_ASID_CONTROL,
        of(k, s, OF_MEMORY),
        of(k, s, OF_MEMORY + 1),
        of(k, s, OF_RUNG + RUNGS - 1u),
        own(k, OWN_SHARED),
        own(k, OWN_BADGED),
        own(k, OWN_WEAK),
        of(k, other, OF_TABLE),
        of(k, other, OF_PD),
        own(k, OWN_DEVICES + s),
        own(k, OWN_LADDER + SPENT_RUNGS - 2u - s),
        R4_INIT_SLOT_LINKS + 1u,
        R4_INIT_SLOT_MONITOR,
        R4_INIT_SLOT_SERIAL_PORTS,
        R4_INIT_SLOT_IRQ_CONTROL,
        R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES + s,
    };

    return i < sizeof(gifts) / sizeof(gifts[0]) ? gifts[i] : 0;
}

/* Of an untyped there is one copy at a time; one that got lost must be taken back first. */
static bool give(struct keeper *k, uint32_t s, uint32_t slot, uint32_t dest)
{
    const struct model_cap *c = cap_in(k, slot);

    if (c == NULL) {
        return false;
    }
    if (c->type == R4_TYPE_UNTYPED && c->first_child != 0) {
        return rng_below(&k->g->rng, LOST_SHARES) == 0 &&
               say(k, make_call(R4_CALL_CAP_REVOKE, slot, 0, 0, 0, 0, 0));
    }
    return say(k, make_call(R4_CALL_CAP_COPY, slot, of(k, s, OF_TABLE), dest, 0, 0, 0));
}

static bool need_gift(struct keeper *k, uint32_t s)
{
    const uint32_t table = cap_in(k, of(k, s, OF_TABLE))->object;

    for (uint32_t i = 0; gift(k, s, i) != 0; i++) {
        if (model_at(k->m, table, i + 1u) == 0 && rng_percent(&k->g->rng, 30) &&
            give(k, s, gift(k, s, i), i + 1u)) {
            return true;
        }
    }
    return false;
}

/* A subject loses all that it made, or all that it is. */
static void take_all(struct keeper *k)
{
    struct rng *rng = &k->g->rng;
    const uint32_t which = rng_percent(rng, 80) ? OF_MEMORY + rng_below(rng, MEMORIES) : OF_INFRA;

    (void)say(k,
              make_call(R4_CALL_CAP_REVOKE, of(k, rng_below(rng, SUBJECTS), which), 0, 0, 0, 0, 0));
}

/* Lines, and what is bound to the link, are free again. */
static void take_devices(struct keeper *k)
{
    const uint32_t slot =
        rng_percent(&k->g->rng, 30) ? R4_INIT_SLOT_IRQ_CONTROL : own(k, OWN_SHARED);

    (void)say(k, make_call(R4_CALL_CAP_REVOKE, slot, 0, 0, 0, 0, 0));
}

static void take_something(struct keeper *k)
{
    struct rng *rng = &k->g->rng;
    const uint32_t s = rng_below(rng, SUBJECTS);
    const uint32_t what = rng_below(rng, TAKE_SHARES);

    if (what < 2) {
        take_all(k);
    } else if (what < 6) {
        take_window(k, s);
    } else if (what < 8) {
        const uint32_t slot = of(k, s, OF_TABLE + rng_below(rng, OF_END - OF_TABLE));

        (void)say(k, make_call(R4_CALL_CAP_REVOKE, slot, 0, 0, 0, 0, 0));
    } else if (what < 9) {
        take_devices(k);
    } else {
        (void)say(k, make_call(R4_CALL_CAP_TABLE_DELETE, of(k, s, OF_TABLE),
                               1u + rng_below(rng, 255), 0, 0, 0, 0));
    }
}

struct model_call keeper_next(struct generator *g)
{
    struct keeper k = {.g = g, .m = &g->world->model};

    k.table = model_own_table(k.m, world_thread_on(g->world, 0));
    if (g->has_keeper_failed) {
        /* Memory or ASIDs have run out, most likely. */
        g->has_keeper_failed = false;
        take_all(&k);
        return k.call;
    }
    if (rng_percent(&g->rng, TAKE_PERCENT)) {
        take_something(&k);
        return k.call;
    }
    g->is_keeper_needed = true;
    if (need_common(&k)) {
        return k.call;
    }
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        if (need_subject(&k, s)) {
            return k.call;
        }
    }
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        if (need_peers(&k, s)) {
            return k.call;
        }
    }
    if (!need_gift(&k, rng_below(&g->rng, SUBJECTS))) {
        g->is_keeper_needed = false;
        k.call = make_call(R4_CALL_CAP_IDENTIFY, own(&k, rng_below(&g->rng, OWN_SUBJECTS)), 0, 0, 0,
                           0, 0);
    }
    return k.call;
}
