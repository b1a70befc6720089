/* SPDX-License-Identifier: MIT */
/* Owns: what the root task does for proxies: memory behind the windows, marks, peers. */
#include "keeper_parts.h"

#define PEER_SLOT     230u /* end i of a subject's table stands at this number + i */
#define RENEW_PERCENT 5u

static const struct model_space *space_of(const struct keeper *k, uint32_t s)
{
    return &object_in(k, of(k, s, OF_PD))->space;
}

/* The page table stands where its capability says. */
static bool is_installed(const struct keeper *k, uint32_t s, const struct model_cap *table)
{
    const struct model_entry *e =
        model_entry_at(space_of(k, s), (uint8_t)(table->level + 1u), table->address);

    return table->is_mapped && e != NULL && e->is_table && e->physical == table->physical;
}

static bool need_tables(struct keeper *k, uint32_t s)
{
    if (model_missing_level(space_of(k, s), 1, KEEPER_WINDOW) == 0) {
        return false;
    }
    for (uint32_t i = 0; i < TABLES; i++) {
        const uint32_t slot = of(k, s, OF_TABLES + i);

        if (need_objects(k, slot, of(k, s, OF_INFRA), R4_TYPE_PAGE_TABLE, 0)) {
            return true;
        }
        if (!cap_in(k, slot)->is_mapped) {
            return say(k, make_call(R4_CALL_PAGE_TABLE_MAP, slot, of(k, s, OF_PD), KEEPER_WINDOW, 0,
                                    0, 0));
        }
        if (!is_installed(k, s, cap_in(k, slot))) {
            return say(k, make_call(R4_CALL_PAGE_TABLE_UNMAP, slot, 0, 0, 0, 0, 0));
        }
    }
    return false;
}

static bool need_page(struct keeper *k, uint32_t s, uint32_t i)
{
    const uint32_t slot = of(k, s, OF_PAGES + i);
    const uint64_t address = KEEPER_WINDOW + i * MODEL_PAGE_BYTES;

    if (need_objects(k, slot, of(k, s, OF_INFRA), R4_TYPE_FRAME, 12)) {
        return true;
    }
    if (model_entry_at(space_of(k, s), 1, address) == NULL) {
        return cap_in(k, slot)->is_mapped
                   ? say(k, make_call(R4_CALL_FRAME_UNMAP, slot, 0, 0, 0, 0, 0))
                   : say(k, make_call(R4_CALL_FRAME_MAP, slot, of(k, s, OF_PD), address,
                                      R4_RIGHT_READ | R4_RIGHT_WRITE, 0, 0));
    }
    return i == 0 && cap_in(k, slot)->is_mapped && !cap_in(k, slot)->is_marked &&
           rng_percent(&k->g->rng, 50) &&
           say(k, make_call(R4_CALL_FRAME_MARK, slot, 0, 0, 0, 0, 0));
}

bool need_window(struct keeper *k, uint32_t s)
{
    if (need_tables(k, s)) {
        return true;
    }
    for (uint32_t i = 0; i < PAGES; i++) {
        if (need_page(k, s, i)) {
            return true;
        }
    }
    return false;
}

static uint32_t table_of(const struct keeper *k, uint32_t s)
{
    return cap_in(k, of(k, s, OF_TABLE))->object;
}

/* An end that leads nowhere any more: a tombstone, or to a domain that is gone. */
static bool is_useless(const struct keeper *k, uint32_t table, uint32_t slot)
{
    const uint32_t cap = model_at(k->m, table, slot);

    return cap != 0 && (k->m->cap[cap].type != R4_TYPE_PEER || k->m->cap[cap].badge == 0 ||
                        model_pd_of_asid(k->m, (uint32_t)r4_peer_asid(k->m->cap[cap].badge)) == 0);
}

/* The end of subject `s` for `other`; with itself it has two. */
static uint32_t end_of(uint32_t s, uint32_t other, uint32_t side)
{
    return PEER_SLOT + other + (s == other && side == 1 ? SUBJECTS : 0);
}

static bool need_peer(struct keeper *k, uint32_t s, uint32_t other)
{
    const uint32_t slot = end_of(s, other, 0);
    const uint32_t other_slot = end_of(other, s, 1);

    if (is_useless(k, table_of(k, s), slot)) {
        return rng_percent(&k->g->rng, RENEW_PERCENT) &&
               say(k, make_call(R4_CALL_CAP_TABLE_DELETE, of(k, s, OF_TABLE), slot, 0, 0, 0, 0));
    }
    if (is_useless(k, table_of(k, other), other_slot)) {
        return rng_percent(&k->g->rng, RENEW_PERCENT) &&
               say(k, make_call(R4_CALL_CAP_TABLE_DELETE, of(k, other, OF_TABLE), other_slot, 0, 0,
                                0, 0));
    }
    if (model_at(k->m, table_of(k, s), slot) != 0 ||
        model_at(k->m, table_of(k, other), other_slot) != 0) {
        return false;
    }
    return need_objects(k, of(k, s, OF_PEER), of(k, s, OF_INFRA), R4_TYPE_PEER, 0) ||
           say(k, make_call(R4_CALL_PEER_BIND, of(k, s, OF_PEER), of(k, s, OF_PD), slot,
                            of(k, other, OF_PD), other_slot, 0));
}

bool need_peers(struct keeper *k, uint32_t s)
{
    for (uint32_t other = s; other < SUBJECTS; other++) {
        if (need_peer(k, s, other)) {
            return true;
        }
    }
    return false;
}

void take_window(struct keeper *k, uint32_t s)
{
    static const uint16_t calls[] = {R4_CALL_FRAME_UNMARK, R4_CALL_FRAME_UNMAP};
    struct rng *rng = &k->g->rng;
    const uint32_t what = rng_below(rng, 6);

    if (what < 3) {
        (void)say(k, make_call(R4_CALL_CAP_TABLE_DELETE, of(k, s, OF_TABLE),
                               PEER_SLOT + rng_below(rng, 2 * SUBJECTS), 0, 0, 0, 0));
    } else if (what < 5) {
        (void)say(k, make_call(calls[rng_below(rng, 2)], of(k, s, OF_PAGES), 0, 0, 0, 0, 0));
    } else {
        (void)say(k, make_call(R4_CALL_PAGE_TABLE_UNMAP, of(k, s, OF_TABLES + rng_below(rng, 3)), 0,
                               0, 0, 0, 0));
    }
}
