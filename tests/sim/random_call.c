/* SPDX-License-Identifier: MIT */
#include "random_call.h"

#include <kernel/derive.h>
#include <kernel/table.h>
#include <kernel/vspace.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define HOSTILE_PERCENT 8u
#define MAPPING_PERCENT 12u
#define VIEWS_PERCENT   30u /* of the mappings for which the page tables are there */
#define PART_PERCENT    5u
#define SLOTS_MIN       (UINT64_C(1) << (R4_CAP_TABLE_MIN_BITS - TABLE_SLOT_SHARE_BITS))

/* What a place of a call is filled with. */
enum place {
    PLACE_NONE,
    PLACE_TABLE,  /* index of a capability table; mostly 0, one's own */
    PLACE_DEST,   /* number of an empty slot */
    PLACE_FILLED, /* number of a filled slot */
    PLACE_PD,
    PLACE_OWN_TABLE, /* index of a capability table that is named */
    PLACE_NOTIFICATION,
    PLACE_PEER,  /* slot of a peer, or 0 */
    PLACE_INDEX, /* a word or a slot */
    PLACE_FRAME,
    PLACE_OFFSET, /* of a user part */
    PLACE_RIGHTS,
    PLACE_ACCESS,
    PLACE_BADGE,
    PLACE_TYPE,
    PLACE_BITS, /* fits the type in the word before */
    PLACE_COUNT,
    PLACE_ADDRESS,
    PLACE_WINDOW_BYTES,
    PLACE_CORE,
    PLACE_PRIORITY,
    PLACE_SMALL,
    PLACE_BOOL,
    PLACE_LINE,
    PLACE_PORT,
    PLACE_PORT_BYTES,
    PLACE_WORD,
};

struct form {
    uint16_t call;
    uint8_t weight;
    uint8_t type; /* of the invoked capability; R4_TYPE_ANY, R4_TYPE_NONE */
    uint8_t place[6];
};

static const struct form forms[] = {
    {R4_CALL_NULL, 1, R4_TYPE_NONE, {0}},
    {R4_CALL_NULL_LOCKED, 1, R4_TYPE_NONE, {0}},
    {R4_CALL_YIELD, 2, R4_TYPE_NONE, {0}},
    {R4_CALL_REAP, 1, R4_TYPE_NONE, {0}},
    {R4_CALL_CAP_COPY, 8, R4_TYPE_ANY, {PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_CAP_MINT, 4, R4_TYPE_NOTIFICATION, {PLACE_TABLE, PLACE_DEST, PLACE_BADGE}},
    {R4_CALL_CAP_MINT, 1, R4_TYPE_ANY, {PLACE_TABLE, PLACE_DEST, PLACE_BADGE}},
    {R4_CALL_CAP_DERIVE, 5, R4_TYPE_ANY, {PLACE_TABLE, PLACE_DEST, PLACE_RIGHTS}},
    {R4_CALL_CAP_MOVE, 4, R4_TYPE_ANY, {PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_CAP_DELETE, 10, R4_TYPE_ANY, {0}},
    {R4_CALL_CAP_REVOKE, 2, R4_TYPE_ANY, {0}},
    {R4_CALL_CAP_REVOKE, 3, R4_TYPE_ANY, {0}},
    {R4_CALL_CAP_IDENTIFY, 3, R4_TYPE_ANY, {0}},
    {R4_CALL_CAP_COMPARE, 3, R4_TYPE_ANY, {PLACE_FILLED}},
    {R4_CALL_UNTYPED_RETYPE,
     24,
     R4_TYPE_UNTYPED,
     {PLACE_TYPE, PLACE_BITS, PLACE_TABLE, PLACE_DEST, PLACE_COUNT}},
    {R4_CALL_CAP_TABLE_TAKE, 3, R4_TYPE_CAP_TABLE, {PLACE_FILLED, PLACE_DEST}},
    {R4_CALL_CAP_TABLE_DELETE, 3, R4_TYPE_CAP_TABLE, {PLACE_FILLED}},
    {R4_CALL_CAP_TABLE_IDENTIFY, 2, R4_TYPE_CAP_TABLE, {PLACE_FILLED}},
    {R4_CALL_CAP_TABLE_MAP_VIEW, 3, R4_TYPE_CAP_TABLE, {PLACE_PD, PLACE_ADDRESS}},
    {R4_CALL_CAP_TABLE_UNMAP_VIEW, 2, R4_TYPE_CAP_TABLE, {0}},
    {R4_CALL_PD_CONFIGURE, 3, R4_TYPE_PD, {PLACE_OWN_TABLE, PLACE_ADDRESS, PLACE_WINDOW_BYTES}},
    {R4_CALL_PAGE_TABLE_MAP, 10, R4_TYPE_PAGE_TABLE, {PLACE_PD, PLACE_ADDRESS}},
    {R4_CALL_PAGE_TABLE_UNMAP, 2, R4_TYPE_PAGE_TABLE, {0}},
    {R4_CALL_FRAME_MAP, 10, R4_TYPE_FRAME, {PLACE_PD, PLACE_ADDRESS, PLACE_ACCESS}},
    {R4_CALL_FRAME_UNMAP, 4, R4_TYPE_FRAME, {0}},
    {R4_CALL_FRAME_MARK, 6, R4_TYPE_FRAME, {0}},
    {R4_CALL_FRAME_UNMARK, 3, R4_TYPE_FRAME, {0}},
    {R4_CALL_PEER_BIND, 6, R4_TYPE_PEER, {PLACE_PD, PLACE_DEST, PLACE_PD, PLACE_DEST}},
    {R4_CALL_FENCE, 1, R4_TYPE_NONE, {0}},
    {R4_CALL_CAP_LINK, 1, R4_TYPE_ANY, {PLACE_DEST}},
    {R4_CALL_THREAD_CONFIGURE, 4, R4_TYPE_THREAD, {PLACE_PD, PLACE_CORE, PLACE_PRIORITY}},
    {R4_CALL_THREAD_START,
     4,
     R4_TYPE_THREAD,
     {PLACE_ADDRESS, PLACE_ADDRESS, PLACE_WORD, PLACE_WORD}},
    {R4_CALL_THREAD_SUSPEND, 3, R4_TYPE_THREAD, {0}},
    {R4_CALL_THREAD_RESUME, 6, R4_TYPE_THREAD, {0}},
    {R4_CALL_THREAD_SET_PRIORITY, 2, R4_TYPE_THREAD, {PLACE_PRIORITY}},
    {R4_CALL_THREAD_SET_CORE, 3, R4_TYPE_THREAD, {PLACE_CORE}},
    {R4_CALL_THREAD_BIND_FAULT, 2, R4_TYPE_THREAD, {PLACE_NOTIFICATION}},
    {R4_CALL_THREAD_STATE, 1, R4_TYPE_THREAD, {0}},
    {R4_CALL_THREAD_REGISTERS, 1, R4_TYPE_THREAD, {PLACE_SMALL}},
    {R4_CALL_THREAD_SET_NAME, 1, R4_TYPE_THREAD, {PLACE_WORD, PLACE_WORD}},
    {R4_CALL_THREAD_ATTACH, 8, R4_TYPE_THREAD, {PLACE_FRAME, PLACE_OFFSET}},
    {R4_CALL_THREAD_DETACH, 1, R4_TYPE_THREAD, {0}},
    {R4_CALL_THREAD_SAVE, 4, R4_TYPE_THREAD, {0}},
    {R4_CALL_THREAD_LOAD, 4, R4_TYPE_THREAD, {0}},
    {R4_CALL_NOTIFICATION_SIGNAL, 8, R4_TYPE_NOTIFICATION, {0}},
    {R4_CALL_NOTIFICATION_WAIT, 3, R4_TYPE_NOTIFICATION, {0}},
    {R4_CALL_NOTIFICATION_POLL, 3, R4_TYPE_NOTIFICATION, {0}},
    {R4_CALL_MONITOR_CONSOLE_WRITE, 1, R4_TYPE_MONITOR, {PLACE_SMALL, PLACE_WORD}},
    {R4_CALL_MONITOR_CHANNEL_WRITE, 1, R4_TYPE_MONITOR, {PLACE_SMALL, PLACE_WORD}},
    {R4_CALL_MONITOR_COUNTER, 2, R4_TYPE_MONITOR, {PLACE_SMALL, PLACE_CORE}},
    {R4_CALL_MONITOR_MEMORY, 1, R4_TYPE_MONITOR, {0}},
    {R4_CALL_MONITOR_CORE, 1, R4_TYPE_MONITOR, {PLACE_CORE}},
    {R4_CALL_MONITOR_THREAD, 1, R4_TYPE_MONITOR, {PLACE_SMALL}},
    {R4_CALL_MONITOR_AUDIT, 1, R4_TYPE_MONITOR, {0}},
    {R4_CALL_MONITOR_DERIVATION, 2, R4_TYPE_MONITOR, {PLACE_TABLE, PLACE_FILLED, PLACE_SMALL}},
    {R4_CALL_MONITOR_WORD, 2, R4_TYPE_MONITOR, {PLACE_PD, PLACE_SMALL}},
    {R4_CALL_MONITOR_RESOLVE, 2, R4_TYPE_MONITOR, {PLACE_PD, PLACE_PEER, PLACE_INDEX, PLACE_BOOL}},
    {R4_CALL_MONITOR_TIME, 1, R4_TYPE_MONITOR, {0}},
    {R4_CALL_MONITOR_EXIT, 1, R4_TYPE_MONITOR, {PLACE_WORD}},
    {R4_CALL_LINK_SIGNAL, 4, R4_TYPE_CLUSTER_LINK, {PLACE_BADGE}},
    {R4_CALL_LINK_BIND, 1, R4_TYPE_CLUSTER_LINK, {PLACE_NOTIFICATION}},
    {R4_CALL_LINK_INFO, 1, R4_TYPE_CLUSTER_LINK, {0}},
    {R4_CALL_ASID_ASSIGN, 4, R4_TYPE_ASID_CONTROL, {PLACE_PD}},
    {R4_CALL_IO_READ, 1, R4_TYPE_IO_PORT, {PLACE_PORT, PLACE_PORT_BYTES}},
    {R4_CALL_IO_WRITE, 1, R4_TYPE_IO_PORT, {PLACE_PORT, PLACE_PORT_BYTES, PLACE_SMALL}},
    {R4_CALL_IO_NARROW,
     1,
     R4_TYPE_IO_PORT,
     {PLACE_TABLE, PLACE_DEST, PLACE_PORT, PLACE_PORT_BYTES}},
    {R4_CALL_IRQ_GET, 3, R4_TYPE_IRQ_CONTROL, {PLACE_LINE, PLACE_BOOL, PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_IRQ_BIND, 3, R4_TYPE_IRQ_HANDLER, {PLACE_NOTIFICATION}},
    {R4_CALL_IRQ_ACK, 3, R4_TYPE_IRQ_HANDLER, {0}},
    {R4_CALL_IRQ_MASK, 1, R4_TYPE_IRQ_HANDLER, {0}},
    {R4_CALL_IRQ_UNMASK, 1, R4_TYPE_IRQ_HANDLER, {0}},
    {R4_CALL_IRQ_STATE, 1, R4_TYPE_IRQ_HANDLER, {0}},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static const struct form *pick_form(struct rng *rng)
{
    uint32_t sum = 0;
    uint32_t at;

    for (size_t i = 0; i < FORMS; i++) {
        sum += forms[i].weight;
    }
    at = rng_below(rng, sum);
    for (size_t i = 0;; i++) {
        if (at < forms[i].weight) {
            return &forms[i];
        }
        at -= forms[i].weight;
    }
}

/*
 * A slot of the table that holds `type` (NONE: an empty one), found from a random place on; any
 * number below the last if there is none.
 */
static uint32_t find_slot(struct rng *rng, struct cap_table *t, uint8_t type)
{
    const uint32_t from = rng_below(rng, t->last);

    for (uint32_t i = 0; i < t->last; i++) {
        const uint32_t n = (from + i) % t->last;

        if (n == 0) {
            continue;
        }
        const uint8_t found = slot_type(table_slot(t, n));

        if (type == R4_TYPE_ANY ? found != R4_TYPE_NONE : found == type) {
            return n;
        }
    }
    return from;
}

uint64_t random_address(struct rng *rng)
{
    static const uint64_t bases[] = {
        UINT64_C(0x10000000), UINT64_C(0x10000000),   UINT64_C(0x10200000),
        UINT64_C(0x50000000), UINT64_C(0x8000000000), R4_USER_TOP - 4 * R4_PAGE_BYTES,
    };

    return bases[rng_below(rng, 6)] + rng_below(rng, 4) * R4_PAGE_BYTES;
}

static uint64_t hostile_word(struct rng *rng)
{
    static const uint64_t words[] = {
        0,
        1,
        SLOTS_MIN - 1u, /* the last number of most tables */
        UINT64_C(0x7fffffffffffffff),
        UINT64_C(0xffffffffffffffff),
        UINT64_C(0x8000000000000000),
        UINT64_C(0xffffffff),
        UINT64_C(0x100000000),
        UINT64_C(0xffff800000000000),
        R4_USER_TOP,
        UINT64_C(0x800000),
    };

    return rng_percent(rng, 50) ? words[rng_below(rng, 11)] : rng_next(rng) >> rng_below(rng, 64);
}

/* Sizes that a few of fit into the untypeds there are. */
static uint64_t bits_of(struct rng *rng, uint64_t type)
{
    switch (type) {
    case R4_TYPE_UNTYPED:
        return 5u + rng_below(rng, 12);
    case R4_TYPE_FRAME:
        return rng_percent(rng, 95) ? R4_PAGE_BITS : 21;
    case R4_TYPE_CAP_TABLE:
        return rng_percent(rng, 95) ? R4_CAP_TABLE_MIN_BITS : 15;
    default:
        return 0;
    }
}

/* A frame of RAM in the table that is mapped, if a few tries find one. */
static uint32_t find_mapped_frame(struct rng *rng, struct cap_table *t)
{
    const uint64_t flags = SLOT_MAPPED | SLOT_DEVICE | SLOT_SHARED;
    uint32_t n = find_slot(rng, t, R4_TYPE_FRAME);

    for (unsigned tries = 0; tries < 8 && (table_slot(t, n)->meta & flags) != SLOT_MAPPED;
         tries++) {
        n = find_slot(rng, t, R4_TYPE_FRAME);
    }
    return n;
}

static uint64_t fill(struct rng *rng, struct cap_table *own, uint8_t place, uint64_t before)
{
    static const uint16_t accesses[] = {R4_RIGHT_READ, R4_RIGHT_READ | R4_RIGHT_WRITE,
                                        R4_RIGHT_READ | R4_RIGHT_EXEC,
                                        R4_RIGHT_WRITE | R4_RIGHT_EXEC};

    if (rng_percent(rng, HOSTILE_PERCENT)) {
        return hostile_word(rng);
    }
    switch ((enum place)place) {
    case PLACE_NONE:
    case PLACE_WORD:
        return rng_next(rng);
    case PLACE_TABLE:
        return rng_percent(rng, 70) ? 0 : find_slot(rng, own, R4_TYPE_CAP_TABLE);
    case PLACE_DEST:
        return find_slot(rng, own, R4_TYPE_NONE);
    case PLACE_FILLED:
        return find_slot(rng, own, R4_TYPE_ANY);
    case PLACE_PD:
        return find_slot(rng, own, R4_TYPE_PD);
    case PLACE_OWN_TABLE:
        return find_slot(rng, own, R4_TYPE_CAP_TABLE);
    case PLACE_NOTIFICATION:
        return find_slot(rng, own, R4_TYPE_NOTIFICATION);
    case PLACE_PEER:
        return rng_percent(rng, 50) ? 0 : find_slot(rng, own, R4_TYPE_PEER);
    case PLACE_INDEX:
        return rng_percent(rng, 20) ? find_slot(rng, own, R4_TYPE_ANY)
                                    : R4_INDEX_WORD | rng_below(rng, 1025);
    case PLACE_FRAME:
        return find_mapped_frame(rng, own);
    case PLACE_OFFSET:
        return rng_below(rng, 68) * R4_PART_ALIGN;
    case PLACE_RIGHTS:
        return rng_next(rng) & R4_RIGHTS_DEFINED;
    case PLACE_ACCESS:
        return accesses[rng_below(rng, 4)];
    case PLACE_BADGE:
        return UINT64_C(1) << rng_below(rng, 8);
    case PLACE_TYPE:
        return rng_percent(rng, 90) ? 1u + rng_below(rng, 7) : R4_TYPE_PEER;
    case PLACE_BITS:
        return bits_of(rng, before);
    case PLACE_COUNT:
        return rng_percent(rng, 90) ? 1u + rng_below(rng, 3) : rng_below(rng, 260);
    case PLACE_ADDRESS:
        return random_address(rng);
    case PLACE_WINDOW_BYTES:
        return rng_below(rng, 3) * R4_PAGE_BYTES;
    case PLACE_CORE:
        return rng_below(rng, sim.cores);
    case PLACE_PRIORITY:
        return 20u + rng_below(rng, 4);
    case PLACE_SMALL:
        return rng_below(rng, 45);
    case PLACE_BOOL:
        return rng_below(rng, 2);
    case PLACE_LINE:
        return rng_below(rng, 8);
    case PLACE_PORT:
        return SIM_PORT + rng_below(rng, SIM_PORTS);
    case PLACE_PORT_BYTES:
        return UINT64_C(1) << rng_below(rng, 3);
    }
    return 0;
}

/* Whether the capability can be mapped in a single page: a frame, a page table, views. */
static bool is_mappable(const struct slot *s)
{
    if (slot_has(s, SLOT_MAPPED | SLOT_DEVICE)) {
        return false;
    }
    if (slot_type(s) == R4_TYPE_CAP_TABLE) {
        return (slot_rights(s) & R4_RIGHT_READ) != 0;
    }
    return slot_size_bits(s) == R4_PAGE_BITS && (slot_rights(s) & R4_RIGHT_MODIFY) != 0 &&
           !(slot_type(s) == R4_TYPE_PAGE_TABLE && derive_has_relatives(s));
}

/* One of this type that can be mapped; 0: none found. */
static uint32_t find_unmapped(struct rng *rng, struct cap_table *t, uint8_t type)
{
    for (unsigned tries = 0; tries < 8; tries++) {
        const uint32_t n = find_slot(rng, t, type);

        if (n != 0 && slot_type(table_slot(t, n)) == type && is_mappable(table_slot(t, n))) {
            return n;
        }
    }
    return 0;
}

static uint16_t map_call(uint8_t type)
{
    switch (type) {
    case R4_TYPE_FRAME:
        return R4_CALL_FRAME_MAP;
    case R4_TYPE_PAGE_TABLE:
        return R4_CALL_PAGE_TABLE_MAP;
    default:
        return R4_CALL_CAP_TABLE_MAP_VIEW;
    }
}

/*
 * The next step towards something at a random address: one more page table, a frame, views, or the
 * memory for one of these. Mappings need too many steps to come about by chance.
 */
static struct random_call step_to_mapping(struct rng *rng, struct cap_table *own)
{
    const uint32_t pd_slot = find_slot(rng, own, R4_TYPE_PD);
    const uint64_t va = random_address(rng);
    const struct slot *pd = table_slot(own, pd_slot);
    uint8_t type = rng_percent(rng, VIEWS_PERCENT) ? R4_TYPE_CAP_TABLE : R4_TYPE_FRAME;
    uint32_t n;

    if (pd_slot != 0 && slot_type(pd) == R4_TYPE_PD && pd_of(pd)->asid != 0 &&
        vspace_walk(pd_of(pd), va, 1).level > 1) {
        type = R4_TYPE_PAGE_TABLE;
    }
    n = find_unmapped(rng, own, type);
    if (n == 0) {
        return (struct random_call){
            .call_register =
                r4_call_with_number(r4_call_with_index(0, find_slot(rng, own, R4_TYPE_UNTYPED)),
                                    R4_CALL_UNTYPED_RETYPE),
            .word = {type, type == R4_TYPE_CAP_TABLE ? R4_CAP_TABLE_MIN_BITS : R4_PAGE_BITS, 0,
                     find_slot(rng, own, R4_TYPE_NONE), 1}};
    }
    return (struct random_call){.call_register =
                                    r4_call_with_number(r4_call_with_index(0, n), map_call(type)),
                                .word = {pd_slot, va, R4_RIGHT_READ | R4_RIGHT_WRITE}};
}

/*
 * The next step towards registers that go through a user part and back: a thread that is stopped, a
 * record, a save or a load.
 */
static struct random_call step_to_part(struct rng *rng, struct cap_table *own)
{
    const uint32_t n = find_slot(rng, own, R4_TYPE_THREAD);
    const uint32_t frame = find_mapped_frame(rng, own);
    uint16_t number = R4_CALL_THREAD_SUSPEND;

    if (n == 0 || slot_type(table_slot(own, n)) != R4_TYPE_THREAD) {
        return step_to_mapping(rng, own);
    }
    const struct thread *t = thread_of(table_slot(own, n));

    if (!part_is_attached(&t->part) || rng_percent(rng, 5)) {
        number = R4_CALL_THREAD_ATTACH;
    } else if (thread_is_at_rest(t)) {
        number = rng_percent(rng, 50) ? R4_CALL_THREAD_SAVE : R4_CALL_THREAD_LOAD;
    }
    return (struct random_call){.call_register =
                                    r4_call_with_number(r4_call_with_index(0, n), number),
                                .word = {frame, rng_below(rng, 61) * R4_PART_ALIGN}};
}

struct random_call random_call_make(struct rng *rng, const struct thread *caller)
{
    const struct form *form = pick_form(rng);
    struct cap_table *own = pd_table(thread_pd(caller));
    struct random_call call = {0};
    uint32_t index = 0;

    if (own == NULL || rng_percent(rng, 1)) {
        call.call_register = hostile_word(rng);
        return call;
    }
    if (rng_percent(rng, MAPPING_PERCENT)) {
        return step_to_mapping(rng, own);
    }
    if (rng_percent(rng, PART_PERCENT)) {
        return step_to_part(rng, own);
    }
    if (form->type != R4_TYPE_NONE) {
        index = rng_percent(rng, HOSTILE_PERCENT) ? (uint32_t)hostile_word(rng)
                                                  : find_slot(rng, own, form->type);
    }
    call.call_register = r4_call_with_number(r4_call_with_index(0, index), form->call);
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        call.word[i] = fill(rng, own, form->place[i], i == 0 ? 0 : call.word[i - 1u]);
    }
    return call;
}
