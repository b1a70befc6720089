/* SPDX-License-Identifier: MIT */
/* Directed scenarios: what revoke takes away and what it leaves, undisturbed. */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/table.h>
#include <r4/abi/limits.h>
#include <string.h>

#define VA         UINT64_C(0x10000000)
#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define CHILDREN   300u
#define PAIRS      100000u
#define AREA_BITS  19u

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(root(), n);
}

static bool is_empty(uint32_t n)
{
    return slot_is_empty(slot_at(n));
}

static void expect_same(struct sim_count a, struct sim_count b)
{
    assert_int_equal(a.slots, b.slots);
    assert_int_equal(a.threads, b.threads);
    assert_int_equal(a.asids, b.asids);
}

static uint32_t copy(uint32_t from)
{
    const uint32_t to = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_COPY, from, 0, to);
    return to;
}

/* Everything that is made until end_area is made of an untyped of its own, whose slot it returns. */
static uint32_t begin_area(uint32_t *outer)
{
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);

    *outer = sim.of[0].untyped;
    sim.of[0].untyped = area;
    return area;
}

static void end_area(uint32_t outer)
{
    sim.of[0].untyped = outer;
}

static uint64_t free_bytes(uint32_t untyped)
{
    return SIM_CALL(root(), CAP_IDENTIFY, untyped, 0).word[4];
}

static void test_T1_copies_die_with_the_revoke_of_the_root(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const struct sim_count before = sim_count(0);
    const uint32_t child = copy(n);
    const uint32_t grandchild = copy(child);
    const uint32_t badged = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_MINT, grandchild, 0, badged, 7);
    SIM_ROOT(0, CAP_DERIVE, child, table, 254, R4_RIGHT_SIGNAL);
    SIM_ROOT(0, CAP_MOVE, grandchild, table, 1);
    expect_ok(root(), CAP_REVOKE, n, 0);
    assert_true(is_empty(child) && is_empty(grandchild) && is_empty(badged));
    assert_int_equal(SIM_CALL(root(), CAP_TABLE_IDENTIFY, table, 254).word[0], 0);
    assert_int_equal(SIM_CALL(root(), CAP_TABLE_IDENTIFY, table, 1).word[0], 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, n, 0);
    expect_same(sim_count(0), before);
}

static void test_T1_only_what_is_below_goes(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t elder = copy(n);
    const uint32_t middle = copy(n);
    const uint32_t younger = copy(n);
    const uint32_t below[] = {copy(elder), copy(middle), copy(younger)};

    (void)state;
    expect_ok(root(), CAP_REVOKE, middle, 0);
    assert_true(is_empty(below[1]));
    assert_false(is_empty(n) || is_empty(elder) || is_empty(middle) || is_empty(younger));
    assert_false(is_empty(below[0]) || is_empty(below[2]));
    SIM_ROOT(0, CAP_COPY, middle, 0, below[1]);
}

static void test_T2_slots_are_empty_and_reusable(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t first = sim_slots_take(0, CHILDREN);

    (void)state;
    sim.audit_every = 50;
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < CHILDREN; i++) {
            SIM_ROOT(0, CAP_COPY, i % 3 == 2 ? first + i - 1u : n, 0, first + i);
        }
        expect_ok(root(), CAP_REVOKE, n, 0);
        for (uint32_t i = 0; i < CHILDREN; i++) {
            expect_refused(root(), R4_E_EMPTY, 0, CAP_IDENTIFY, first + i, 0);
        }
        assert_false(slot_has(slot_at(n), SLOT_REVOKING | SLOT_FROZEN));
    }
    expect_ok(root(), CAP_REVOKE, n, 0);
}

static void test_T3_the_right_slot_of_two_tables(void **state)
{
    const uint32_t tables = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 2);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 2);
    struct cap_table *t[2];

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        t[i] = sim_table_at(root(), tables + i);
        for (uint32_t k = 0; k < 4; k++) {
            SIM_ROOT(0, CAP_COPY, n + (i + k) % 2, tables + i, 100 + k);
        }
    }
    expect_ok(root(), CAP_REVOKE, n, 0);
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t k = 0; k < 4; k++) {
            const struct slot *s = table_slot(t[i], 100 + k);

            assert_int_equal(slot_is_empty(s), (i + k) % 2 == 0);
            assert_true(slot_is_empty(s) || s->object == slot_at(n + 1u)->object);
        }
    }
}

static void test_D18_an_untyped_is_whole_again(void **state)
{
    uint32_t outer;
    const uint32_t area = begin_area(&outer);
    const struct sim_count before = sim_count(0);
    uint32_t pd;
    uint32_t frame;

    (void)state;
    pd = sim_make_pd(0);
    (void)sim_make_thread(0, pd, 1, 50);
    frame = sim_map_frame(0, pd, R4_PAGE_BITS, VA, READ_WRITE);
    (void)sim_make(0, R4_TYPE_NOTIFICATION, 0, 3);
    (void)copy(sim_make(0, R4_TYPE_UNTYPED, 14, 1));
    memset(arch_dmap_ptr((struct paddr){slot_at(frame)->object}), 0xee, R4_PAGE_BYTES);
    sim_settle();
    assert_non_null(sim_core(0, 1)->current);
    expect_ok(root(), CAP_REVOKE, area, 0);
    assert_null(sim_core(0, 1)->current);
    expect_same(sim_count(0), before);
    assert_int_equal(free_bytes(area), UINT64_C(1) << AREA_BITS);
    /* The same bytes, now clean. */
    frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 64);
    for (uint32_t i = 0; i < 64; i++) {
        const char *bytes = arch_dmap_ptr((struct paddr){slot_at(frame + i)->object});

        assert_int_equal(bytes[0], 0);
        assert_memory_equal(bytes, bytes + 1, R4_PAGE_BYTES - 1u);
    }
    end_area(outer);
}

static void test_T4_pairs_leave_memory_as_it_was(void **state)
{
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);
    const uint32_t to = sim_slots_take(0, 2);
    const struct sim_count before = sim_count(0);

    (void)state;
    sim.audit_every = 5000;
    for (uint32_t i = 0; i < PAIRS; i++) {
        const enum r4_type type = i % 2 == 0 ? R4_TYPE_NOTIFICATION : R4_TYPE_THREAD;

        SIM_ROOT(0, UNTYPED_RETYPE, area, (uint64_t)type, 0, 0, to, 1);
        SIM_ROOT(0, CAP_COPY, to, 0, to + 1u);
        if (i % 4 == 3) {
            SIM_ROOT(0, CAP_DELETE, to, 0);
            SIM_ROOT(0, CAP_DELETE, to + 1u, 0);
        } else {
            SIM_ROOT(0, CAP_REVOKE, area, 0);
        }
    }
    expect_same(sim_count(0), before);
    assert_int_equal(free_bytes(area), UINT64_C(1) << AREA_BITS);
}

static void test_mappings_go_on_all_cores(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, READ_WRITE);
    struct paddr pa;

    (void)state;
    (void)sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
    sim_settle();
    for (uint32_t i = 1; i < 40; i++) {
        SIM_ROOT(0, FRAME_MAP, copy(frame), R4_INIT_SLOT_PD, VA + i * R4_PAGE_BYTES, R4_RIGHT_READ);
    }
    for (uint32_t i = 0; i < 40; i++) {
        assert_true(host_translate(sim_core(0, 1), VA + i * R4_PAGE_BYTES, R4_RIGHT_READ, &pa));
    }
    expect_ok(root(), CAP_REVOKE, frame, 0);
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(host_translate(sim_core(0, 1), VA + i * R4_PAGE_BYTES, R4_RIGHT_READ, &pa),
                         i == 0);
    }
}

static void test_bindings_go(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t t = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t handler = sim_slots_take(0, 1);
    const struct sim_count before = sim_count(0);

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, R4_IRQ_MODE_EDGE, 0, handler);
        SIM_ROOT(0, THREAD_BIND_FAULT, t, n);
        SIM_ROOT(0, LINK_BIND, R4_INIT_SLOT_LINKS + 1u, n);
        SIM_ROOT(0, IRQ_BIND, handler, n);
        expect_ok(root(), CAP_REVOKE, n, 0);
        assert_int_equal(sim_count(0).slots, before.slots + 1u);
        expect_ok(root(), CAP_REVOKE, R4_INIT_SLOT_IRQ_CONTROL, 0);
        assert_true(is_empty(handler));
    }
    expect_same(sim_count(0), before);
}

static void test_errors_of_the_call(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t weak = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, n, 0, weak, R4_RIGHTS_DEFINED & ~(uint64_t)R4_RIGHT_MODIFY);
    SIM_ROOT(0, CAP_COPY, weak, 0, weak + 1u);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_REVOKE, weak, 0);
    assert_false(is_empty(weak + 1u));
    expect_refused(root(), R4_E_INDEX, 0, CAP_REVOKE, 0, 0);
    expect_refused(root(), R4_E_INDEX, 0, CAP_REVOKE, SIM_TABLE_LAST, 0);
    expect_refused(root(), R4_E_EMPTY, 0, CAP_REVOKE, sim_slots_take(0, 1), 0);
}

/* A childless capability of each type: nothing to do, and nothing is done. */
static void test_every_type_can_be_revoked(void **state)
{
    uint32_t seen = 0;

    (void)state;
    (void)sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    (void)sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    (void)sim_make(0, R4_TYPE_UNTYPED, 12, 1);
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, R4_IRQ_MODE_EDGE, 0, sim_slots_take(0, 1));
    for (uint32_t i = 1, end = sim.of[0].next_slot; i < end; i++) {
        const uint8_t type = slot_type(slot_at(i));

        if (is_empty(i) || (seen >> type & 1u) != 0 ||
            (type == R4_TYPE_UNTYPED && derive_has_children(slot_at(i)))) {
            continue;
        }
        const uint32_t to = copy(i);
        const struct sim_count before = sim_count(0);

        expect_ok(root(), CAP_REVOKE, to, 0);
        expect_same(sim_count(0), before);
        SIM_ROOT(0, CAP_DELETE, to, 0);
        seen |= UINT32_C(1) << type;
    }
    /* Nothing can be made of a peer, and it has no right to be revoked with. */
    const uint32_t peer = sim_make(0, R4_TYPE_PEER, 0, 1);

    expect_refused(root(), R4_E_RIGHTS, 0, CAP_REVOKE, peer, 0);
    seen |= UINT32_C(1) << R4_TYPE_PEER;
    assert_int_equal(seen, (UINT32_C(2) << R4_OBJECT_COUNT) - 2u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_T1_copies_die_with_the_revoke_of_the_root),
        SIM_TEST(test_T1_only_what_is_below_goes),
        SIM_TEST(test_T2_slots_are_empty_and_reusable),
        SIM_TEST(test_T3_the_right_slot_of_two_tables),
        SIM_TEST(test_D18_an_untyped_is_whole_again),
        SIM_TEST(test_T4_pairs_leave_memory_as_it_was),
        SIM_TEST(test_mappings_go_on_all_cores),
        SIM_TEST(test_bindings_go),
        SIM_TEST(test_errors_of_the_call),
        SIM_TEST(test_every_type_can_be_revoked),
    };

    return cmocka_run_group_tests_name("revoke", tests, NULL, NULL);
}
