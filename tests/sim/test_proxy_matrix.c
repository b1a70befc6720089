/* SPDX-License-Identifier: MIT */
/*
 * Every call of the ABI's table on every type that has it, by a slot, by a USE word, by (peer,
 * index): with all rights, and with each right that the call needs missing in each place. A call
 * that is new in the ABI is in the matrix at once; so is a right.
 */
#include "proxy_world.h"

#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/notification.h>
#include <r4/abi/names.h>
#include <setjmp.h>

#define ALL   ((uint16_t)R4_RIGHTS_DEFINED)
#define THING 20u /* of domain 0's table */
#define GRANT word_index(MARKED_PAGE, 0)
#define USE   word_index(PLAIN_PAGE, 3)

/* How the caller names the thing. */
enum way {
    OWN_SLOT, /* domain 0's */
    BY_USE,   /* domain 1's */
    BY_PEER,  /* domain 1's */
    FAR_AWAY, /* domain 2's, through domain 1 */
    WAYS,
};

/* ------------------------------------------------------------------------------------------------
 * Things
 */

static uint32_t derived(uint32_t slot)
{
    const uint32_t to = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_COPY, slot, 0, to);
    return to;
}

static uint32_t handler(void)
{
    const uint32_t to = sim_slots_take(0, 1);

    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 5, R4_IRQ_MODE_EDGE, 0, to);
    return to;
}

static uint32_t minted(void)
{
    const uint32_t to = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), 0, to, 4);
    return to;
}

_Static_assert(R4_OBJECT_COUNT == 14, "make_thing knows every type");

/* A capability of the type with all rights, in the root task's table. */
static uint32_t make_thing(enum r4_type type)
{
    switch (type) {
    case R4_TYPE_ASID_CONTROL:
        return derived(R4_INIT_SLOT_ASID_CONTROL);
    case R4_TYPE_MONITOR:
        return derived(R4_INIT_SLOT_MONITOR);
    case R4_TYPE_CLUSTER_LINK:
        return derived(R4_INIT_SLOT_LINKS + 1u);
    case R4_TYPE_IO_PORT:
        return derived(R4_INIT_SLOT_SERIAL_PORTS);
    case R4_TYPE_IRQ_CONTROL:
        return derived(R4_INIT_SLOT_IRQ_CONTROL);
    case R4_TYPE_IRQ_HANDLER:
        return handler();
    case R4_TYPE_NOTIFICATION:
        return minted();
    case R4_TYPE_UNTYPED:
        return sim_make(0, type, 14, 1);
    case R4_TYPE_FRAME:
        return sim_make(0, type, R4_PAGE_BITS, 1);
    case R4_TYPE_CAP_TABLE:
        return sim_make(0, type, R4_CAP_TABLE_MIN_BITS, 1);
    default:
        return sim_make(0, type, 0, 1);
    }
}

/* Domain 0 has the thing and grants it to domain 1, which grants it to domain 2. */
static void start_with(enum r4_type type)
{
    sim_end();
    sim_start(2, 2);
    sim.audit_every = 0;
    sim.isolate_every = 0;
    proxy_world(3);
    SIM_ROOT(0, CAP_MOVE, make_thing(type), domain[0].table, THING);
    assert_int_equal(slot_type(domain_slot(0, THING)), type);
    domain[0].word[0] = grant(1, THING, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    domain[1].word[0] = grant(2, USE, ALL, 4);
    domain[2].word[PAGE_WORDS + 3u] = use(1, GRANT, 4);
    sim_settle();
    sim_keep();
}

/* ------------------------------------------------------------------------------------------------
 * Calls
 */

static jmp_buf ended;

static struct sim_reply call_by(enum way way, uint64_t number)
{
    static const uint64_t word[6];
    const uint32_t caller = way == OWN_SLOT ? 0 : way == FAR_AWAY ? 2 : 1;
    uint64_t call = r4_call_with_number(0, (uint16_t)number);

    call = r4_call_with_index(call, way == OWN_SLOT ? THING : way == BY_PEER ? GRANT : USE);
    if (way == BY_PEER) {
        call = r4_call_with_peer(call, PEER_SLOT(0));
    }
    run(caller);
    /* A call that ends the machine has been let through. */
    host.on_exit = &ended;
    if (setjmp(ended) != 0) {
        return (struct sim_reply){.err = R4_OK, .is_done = true};
    }
    return sim_call_raw(domain[caller].t, call, word);
}

/* Missing rights. */
struct missing {
    uint16_t slot;
    uint16_t grant; /* domain 0's */
    uint16_t use;   /* domain 1's */
    uint16_t far;   /* domain 1's GRANT */
};

static void take_rights(const struct missing *m)
{
    slot_set_flags(domain_slot(0, THING), 0, (uint64_t)m->slot << SLOT_RIGHTS_SHIFT);
    domain[0].word[0] &= ~((uint64_t)m->grant << R4_PROXY_RIGHTS_LO);
    domain[1].word[PAGE_WORDS + 3u] &= ~((uint64_t)m->use << R4_PROXY_RIGHTS_LO);
    domain[1].word[0] &= ~((uint64_t)m->far << R4_PROXY_RIGHTS_LO);
}

/* What must come of the rights alone: OK, if they do not stand in the way. */
static enum r4_err expected(const struct call_desc *desc, enum way way, uint16_t has,
                            const struct missing *m)
{
    const uint16_t needed = way == OWN_SLOT ? desc->rights : desc->chain_rights;
    const uint16_t near = way == OWN_SLOT  ? has & ~m->slot
                          : way == BY_USE  ? ALL & ~m->grant & ~m->use
                          : way == BY_PEER ? ALL & ~m->grant
                                           : ALL & ~m->far;
    const uint16_t all = near & has & ~m->slot &
                         (way == OWN_SLOT   ? ALL
                          : way == FAR_AWAY ? ALL & ~m->grant & ~m->use
                                            : ALL);

    if ((needed & ~near) != 0) {
        return R4_E_RIGHTS;
    }
    return (needed & ~all) == 0 ? R4_OK : R4_E_PROXY;
}

/* Errors that say nothing about what the operation itself found. */
static bool is_of_the_way(const struct sim_reply *reply)
{
    return reply->is_done && reply->detail == 0 &&
           (reply->err == R4_E_RIGHTS || reply->err == R4_E_PROXY || reply->err == R4_E_INDEX ||
            reply->err == R4_E_EMPTY || reply->err == R4_E_WORD || reply->err == R4_E_UNMAPPED ||
            reply->err == R4_E_CALL);
}

static uint32_t tried;
static uint32_t done_;
static uint32_t refused_;

static struct sim_reply try(uint64_t number, enum r4_type type, enum way way,
                            const struct missing *m)
{
    const struct call_desc *desc = &call_table[number];
    const enum r4_err want = expected(desc, way, r4_object_facts[type].rights, m);
    struct sim_reply reply;

    sim_return();
    take_rights(m);
    reply = call_by(way, number);
    tried++;
    if (want == R4_OK ? is_of_the_way(&reply)
                      : !reply.is_done || reply.err != want || reply.detail != 0) {
        fail_msg("%s on type %d, way %d, missing %#x %#x %#x %#x: %s, not %s", desc->name,
                 (int)type, (int)way, m->slot, m->grant, m->use, m->far, r4_err_name(reply.err),
                 want == R4_OK ? "its own answer" : r4_err_name(want));
    }
    refused_ += want != R4_OK;
    done_ += want == R4_OK && (!reply.is_done || reply.err == R4_OK);
    return reply;
}

/* One right away, in each place. */
static void try_without(uint64_t number, enum r4_type type, uint16_t right)
{
    const struct missing places[] = {
        {.slot = right}, {.grant = right}, {.use = right}, {.far = right}};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (enum way way = OWN_SLOT; way < WAYS; way++) {
            (void)try(number, type, way, &places[i]);
        }
    }
}

static void try_call(uint64_t number, enum r4_type type)
{
    const uint16_t needed = call_table[number].chain_rights;
    const struct missing none = {0};
    struct sim_reply by_use;
    struct sim_reply by_peer;

    (void)try(number, type, OWN_SLOT, &none);
    (void)try(number, type, FAR_AWAY, &none);
    by_use = try(number, type, BY_USE, &none);
    by_peer = try(number, type, BY_PEER, &none);
    assert_int_equal(by_use.is_done, by_peer.is_done);
    assert_int_equal(by_use.err, by_peer.err);
    assert_int_equal(by_use.detail, by_peer.detail);
    for (uint16_t right = 1; right != 0 && right <= ALL; right <<= 1) {
        if ((needed & right) != 0) {
            try_without(number, type, right);
        }
    }
}

static void test_D20_D15_every_call_by_every_way(void **state)
{
    uint32_t calls = 0;

    (void)state;
    for (enum r4_type type = 1; type < R4_TYPE_TABLE_SIZE; type++) {
        start_with(type);
        for (uint64_t number = 0; number < R4_CALL_TABLE_SIZE; number++) {
            const struct call_desc *desc = &call_table[number];

            if (desc->thunk != NULL && (desc->object == type || desc->object == R4_TYPE_ANY)) {
                try_call(number, type);
                calls++;
            }
        }
    }
    printf("matrix: %u calls on types, %u tries, %u were done, %u lacked a right\n", calls, tried,
           done_, refused_);
    assert_true(done_ > calls && refused_ > calls);
}

/* A call on a capability of another type says so, by every way. */
static void test_D20_every_call_on_a_wrong_type(void **state)
{
    uint32_t wrong = 0;

    (void)state;
    for (enum r4_type type = 1; type < R4_TYPE_TABLE_SIZE; type++) {
        start_with(type);
        for (uint64_t number = 0; number < R4_CALL_TABLE_SIZE; number++) {
            const struct call_desc *desc = &call_table[number];

            if (desc->thunk == NULL || desc->object == type || desc->object == R4_TYPE_ANY ||
                desc->object == R4_TYPE_NONE) {
                continue;
            }
            for (enum way way = OWN_SLOT; way < WAYS; way++) {
                const struct sim_reply reply = call_by(way, number);

                assert_int_equal(reply.err, R4_E_TYPE);
                assert_int_equal(reply.detail, 0);
                wrong++;
            }
        }
    }
    assert_true(wrong > 1000);
}

/* Calls without a capability take none. */
static void test_D20_calls_without_a_capability(void **state)
{
    static const uint64_t word[6];

    (void)state;
    start_with(R4_TYPE_NOTIFICATION);
    run(1);
    for (uint64_t number = 0; number < R4_CALL_TABLE_SIZE; number++) {
        const uint64_t call = r4_call_with_number(0, (uint16_t)number);

        if (call_table[number].thunk == NULL || call_table[number].object != R4_TYPE_NONE) {
            continue;
        }
        assert_int_equal(sim_call_raw(domain[1].t, r4_call_with_index(call, USE), word).err,
                         R4_E_INDEX);
        assert_int_equal(sim_call_raw(domain[1].t, r4_call_with_peer(call, PEER_SLOT(0)), word).err,
                         R4_E_INDEX);
    }
}

/* The rule of the design, beside the table: what makes a capability needs LINK, what changes it MODIFY. */
static void test_D15_what_multiplies_needs_link_and_what_changes_modify(void **state)
{
    static const uint16_t rule[R4_CALL_TABLE_SIZE] = {
        [R4_CALL_CAP_COPY] = R4_RIGHT_LINK,
        [R4_CALL_CAP_MINT] = R4_RIGHT_LINK,
        [R4_CALL_CAP_DERIVE] = R4_RIGHT_LINK,
        [R4_CALL_CAP_LINK] = R4_RIGHT_LINK,
        [R4_CALL_IO_NARROW] = R4_RIGHT_LINK,
        [R4_CALL_IRQ_GET] = R4_RIGHT_LINK,
        [R4_CALL_CAP_MOVE] = R4_RIGHT_MODIFY,
        [R4_CALL_CAP_DELETE] = R4_RIGHT_MODIFY,
        [R4_CALL_CAP_REVOKE] = R4_RIGHT_MODIFY,
        [R4_CALL_UNTYPED_RETYPE] = R4_RIGHT_MODIFY,
        [R4_CALL_CAP_TABLE_MAP_VIEW] = R4_RIGHT_MODIFY,
        [R4_CALL_CAP_TABLE_UNMAP_VIEW] = R4_RIGHT_MODIFY,
        [R4_CALL_PAGE_TABLE_MAP] = R4_RIGHT_MODIFY,
        [R4_CALL_PAGE_TABLE_UNMAP] = R4_RIGHT_MODIFY,
        [R4_CALL_FRAME_MAP] = R4_RIGHT_MODIFY,
        [R4_CALL_FRAME_UNMAP] = R4_RIGHT_MODIFY,
        [R4_CALL_FRAME_MARK] = R4_RIGHT_MODIFY,
        [R4_CALL_FRAME_UNMARK] = R4_RIGHT_MODIFY,
        [R4_CALL_PEER_BIND] = R4_RIGHT_MODIFY,
    };

    (void)state;
    for (uint32_t number = 0; number < R4_CALL_TABLE_SIZE; number++) {
        assert_int_equal(call_table[number].chain_rights & (R4_RIGHT_LINK | R4_RIGHT_MODIFY),
                         rule[number]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D20_D15_every_call_by_every_way),
        SIM_TEST(test_D20_every_call_on_a_wrong_type),
        SIM_TEST(test_D15_what_multiplies_needs_link_and_what_changes_modify),
        SIM_TEST(test_D20_calls_without_a_capability),
    };

    return cmocka_run_group_tests_name("proxy matrix", tests, NULL, NULL);
}
