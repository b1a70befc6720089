/* SPDX-License-Identifier: MIT */
/* Owns: random words: what a place of a call is filled with. */
#include "draft.h"

#include <r4/abi/layout.h>

#define HOSTILE_PERCENT 2u /* a place is filled with any bits */

/* ------------------------------------------------------------------------------------------------
 * Words
 */

uint64_t hostile_word(struct rng *rng)
{
    static const uint64_t words[] = {
        0,
        1,
        UINT64_C(0x7fffffffffffffff),
        UINT64_C(0xffffffffffffffff),
        UINT64_C(0x8000000000000000),
        UINT64_C(0xffffffff),
        UINT64_C(0x100000000),
        UINT64_C(0xffff800000000000),
        R4_USER_TOP,
        UINT64_C(0x800000),
    };

    return rng_percent(rng, 50) ? words[rng_below(rng, 10)] : rng_next(rng) >> rng_below(rng, 64);
}

/* Mostly not where the root task maps pages of windows; views may cross to another page table. */
uint64_t mapping_address(struct rng *rng)
{
    static const uint64_t bases[] = {
        UINT64_C(0x20002000),
        UINT64_C(0x20004000),
        UINT64_C(0x20200000),
        UINT64_C(0x201fe000),
        UINT64_C(0x60000000),
        UINT64_C(0x8000000000),
        R4_USER_TOP - 4 * MODEL_PAGE_BYTES,
    };
    const uint64_t base = rng_percent(rng, 4) ? UINT64_C(0x20000000) : bases[rng_below(rng, 7)];

    return base + rng_below(rng, 4) * MODEL_PAGE_BYTES;
}

/* An address for a frame of that size, mostly aligned to it. */
static uint64_t frame_address(struct rng *rng, uint8_t size_bits)
{
    static const uint64_t bases[] = {UINT64_C(0x40000000), UINT64_C(0x80000000),
                                     UINT64_C(0x8000000000)};

    if (size_bits == 30) {
        return bases[rng_below(rng, 3)];
    }
    return mapping_address(rng) & ~((UINT64_C(1) << size_bits) - 1u);
}

static uint64_t address_for(struct rng *rng, const struct model_cap *c)
{
    if (c->type == R4_TYPE_FRAME && rng_percent(rng, 80)) {
        return frame_address(rng, c->size_bits);
    }
    return mapping_address(rng) + (c->type == R4_TYPE_CAP_TABLE && rng_percent(rng, 5) ? 16 : 0);
}

static uint64_t bits_of(struct rng *rng, uint64_t type, bool is_device)
{
    static const uint8_t frames[] = {21, 21, 30, 13};

    switch (type) {
    case R4_TYPE_UNTYPED:
        return is_device ? 12u + rng_below(rng, 19) : 5u + rng_below(rng, 13);
    case R4_TYPE_FRAME:
        return rng_percent(rng, is_device ? 50 : 95) ? 12 : frames[rng_below(rng, 4)];
    case R4_TYPE_CAP_TABLE:
        return 14u + (rng_percent(rng, 20) ? rng_below(rng, 3) : 0);
    case R4_TYPE_NOTIFICATION:
        return rng_percent(rng, 90) ? 0 : 5;
    default:
        return 0;
    }
}

/* Of device memory only the first six can be made. */
static uint64_t random_type(struct rng *rng, bool is_device)
{
    static const uint8_t types[] = {
        R4_TYPE_UNTYPED, R4_TYPE_UNTYPED, R4_TYPE_UNTYPED,      R4_TYPE_FRAME,
        R4_TYPE_FRAME,   R4_TYPE_FRAME,   R4_TYPE_PAGE_TABLE,   R4_TYPE_CAP_TABLE,
        R4_TYPE_PD,      R4_TYPE_PD,      R4_TYPE_PEER,         R4_TYPE_PEER,
        R4_TYPE_THREAD,  R4_TYPE_THREAD,  R4_TYPE_NOTIFICATION,
    };

    return rng_percent(rng, 3) ? rng_below(rng, 18)
                               : types[rng_below(rng, is_device ? 6 : sizeof(types))];
}

static uint64_t random_window(struct rng *rng)
{
    return rng_percent(rng, 90) ? mapping_address(rng) : mapping_address(rng) + rng_below(rng, 9);
}

static uint64_t random_window_bytes(struct rng *rng)
{
    static const uint64_t sizes[] = {100, UINT64_C(0x4000000), UINT64_C(0x4001000),
                                     UINT64_C(1) << 47};

    return rng_percent(rng, 85) ? rng_below(rng, 4) * MODEL_PAGE_BYTES : sizes[rng_below(rng, 4)];
}

/* ------------------------------------------------------------------------------------------------
 * Places
 */

/* The table that the word before names as destination. */
static uint32_t table_before(const struct draft *d, unsigned at)
{
    struct model_ref ref;
    const struct model_refusal refusal =
        model_resolve(d->m, d->thread, 0, d->call.word[at - 1u], R4_TYPE_CAP_TABLE, 0, 0, &ref);

    return refusal.error == R4_OK ? d->m->cap[ref.cap].object : d->own;
}

/* The table of the domain that the word before names, or one's own. */
static uint32_t table_of_pd_before(const struct draft *d, unsigned at)
{
    struct model_ref ref;
    uint32_t table_cap = 0;

    if (model_resolve(d->m, d->thread, 0, d->call.word[at - 1u], R4_TYPE_PD, 0, 0, &ref).error ==
        R4_OK) {
        table_cap = d->m->object[d->m->cap[ref.cap].object].table_cap;
    }
    return table_cap != 0 ? d->m->cap[table_cap].object : d->own;
}

static uint64_t destination(struct draft *d, uint32_t table)
{
    if (rng_percent(&d->g->rng, WRONG_PERCENT)) {
        return any_slot(d, table);
    }
    return look_for(d, table, pick_is_empty, 0);
}

/* A slot of the table that is invoked. */
static uint64_t inside(struct draft *d)
{
    const uint32_t cap = d->cap;
    const uint32_t table =
        cap != 0 && d->m->cap[cap].type == R4_TYPE_CAP_TABLE ? d->m->cap[cap].object : d->own;

    if (rng_percent(&d->g->rng, 2 * WRONG_PERCENT)) {
        return any_slot(d, table);
    }
    return look_for(d, table, pick_is_of_type, R4_TYPE_ANY);
}

static uint64_t carrier(struct draft *d)
{
    const uint32_t slot =
        rng_percent(&d->g->rng, 70) ? look_for(d, d->own, pick_is_carrier, R4_TYPE_FRAME) : 0;

    return slot != 0 ? slot : name_one(d, R4_TYPE_FRAME);
}

static uint64_t random_offset(struct rng *rng)
{
    return rng_below(rng, rng_percent(rng, 90) ? 61 : 70) * R4_PART_ALIGN +
           (rng_percent(rng, 5) ? 8 : 0);
}

/* Mostly one that is free. */
static uint64_t random_line(struct draft *d)
{
    const uint32_t start = rng_below(&d->g->rng, R4_IRQ_LINES + 2u);

    if (rng_percent(&d->g->rng, 85)) {
        for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
            const uint32_t line = (start + i) % R4_IRQ_LINES;

            if ((d->m->lines >> line & 1u) != 0 && d->m->handler[line] == 0) {
                return line;
            }
        }
    }
    return start;
}

static uint64_t random_port(struct draft *d)
{
    const uint64_t range = d->m->cap[d->cap].badge;
    const uint32_t beyond = rng_percent(&d->g->rng, 85) ? 0 : 2;

    return r4_io_range_first(range) + rng_below(&d->g->rng, r4_io_range_count(range) + beyond + 1u);
}

static uint64_t random_ports(struct draft *d, uint64_t first)
{
    const uint64_t range = d->m->cap[d->cap].badge;
    const uint64_t left = r4_io_range_first(range) + r4_io_range_count(range) - first;

    return rng_below(&d->g->rng, left < 64 ? (uint32_t)left + 2u : 64);
}

uint64_t fill(struct draft *d, enum place place, unsigned at)
{
    static const uint16_t accesses[] = {
        R4_RIGHT_READ,
        R4_RIGHT_READ | R4_RIGHT_WRITE,
        R4_RIGHT_READ | R4_RIGHT_WRITE,
        R4_RIGHT_READ | R4_RIGHT_EXEC,
        R4_RIGHT_WRITE | R4_RIGHT_EXEC,
        R4_RIGHT_WRITE,
    };
    struct rng *rng = &d->g->rng;

    if (rng_percent(rng, HOSTILE_PERCENT)) {
        return hostile_word(rng);
    }
    switch (place) {
    case PLACE_NONE:
        return rng_next(rng);
    case PLACE_TABLE:
        return rng_percent(rng, 65) ? 0 : name_one(d, R4_TYPE_CAP_TABLE);
    case PLACE_DEST:
        return destination(d, table_before(d, at));
    case PLACE_OWN:
        return destination(d, d->own);
    case PLACE_INSIDE:
        return inside(d);
    case PLACE_ANY:
        return name_one(d, R4_TYPE_ANY);
    case PLACE_PD:
        return name_pd(d);
    case PLACE_OF_PD:
        return destination(d, table_of_pd_before(d, at));
    case PLACE_NAMED_TABLE:
        return name_one(d, R4_TYPE_CAP_TABLE);
    case PLACE_NOTIFICATION:
        return name_one(d, R4_TYPE_NOTIFICATION);
    case PLACE_RIGHTS:
        return rng_percent(rng, 60) ? R4_RIGHTS_DEFINED & ~(1u << rng_below(rng, 12))
                                    : rng_next(rng) & R4_RIGHTS_MASK;
    case PLACE_ACCESS:
        return accesses[rng_below(rng, 6)];
    case PLACE_BADGE:
        return rng_percent(rng, 90) ? UINT64_C(1) << rng_below(rng, 8) : rng_below(rng, 2) << 31;
    case PLACE_TYPE:
        return random_type(rng, d->m->cap[d->cap].is_device);
    case PLACE_BITS:
        return bits_of(rng, d->call.word[at - 1u], d->m->cap[d->cap].is_device);
    case PLACE_COUNT:
        return rng_percent(rng, 92) ? 1u + rng_below(rng, 4) : rng_below(rng, 260);
    case PLACE_ADDRESS:
        return address_for(rng, &d->m->cap[d->cap]);
    case PLACE_WINDOW:
        return random_window(rng);
    case PLACE_WINDOW_BYTES:
        return random_window_bytes(rng);
    case PLACE_CORE:
        return 1u + rng_below(rng, rng_percent(rng, 90) ? WORLD_CORES - 1u : 10u);
    case PLACE_PRIORITY:
        return rng_percent(rng, 95) ? 20 : 18 + rng_below(rng, 5);
    case PLACE_CARRIER:
        return carrier(d);
    case PLACE_OFFSET:
        return random_offset(rng);
    case PLACE_LINE:
        return random_line(d);
    case PLACE_MODE:
        return rng_below(rng, rng_percent(rng, 90) ? 2 : 4);
    case PLACE_PORT:
        return random_port(d);
    case PLACE_PORTS:
        return random_ports(d, d->call.word[at - 1u]);
    }
    return 0;
}
