/* SPDX-License-Identifier: MIT */
/*
 * Directed scenarios: a revoke that is interrupted at every preemption point, while others create, move, delete
 * and revoke in the same tree.
 */
#include "revoke_stage.h"

/* ------------------------------------------------------------------------------------------------
 * What is refused while it runs
 */

static void test_D16_creating_is_refused(void **state)
{
    const uint32_t outer = sim.of[0].untyped;
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t t = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);
    const uint32_t handler = sim_slots_take(0, 2);
    const uint32_t free = handler + 1u;

    (void)state;
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, R4_IRQ_MODE_EDGE, 0, handler);
    sim.of[0].untyped = area;
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 12, 1);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t inner_pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t page_table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    const uint32_t last = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    sim.of[0].untyped = outer;
    stop_deleting(area);
    assert_true(slot_is_empty(slot_at(last)));
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t memory = i == 0 ? area : u;

        expect_refused(other, R4_E_REVOKING, 0, CAP_COPY, memory, 0, free);
        expect_refused(other, R4_E_REVOKING, 0, CAP_DERIVE, memory, 0, free, R4_RIGHT_LINK);
        expect_refused(other, R4_E_REVOKING, 0, UNTYPED_RETYPE, memory, R4_TYPE_NOTIFICATION, 0, 0,
                       free, 1);
    }
    expect_refused(other, R4_E_REVOKING, 0, CAP_MINT, n, 0, free, 1);
    expect_refused(other, R4_E_REVOKING, 1, PD_CONFIGURE, pd, table, 0, 0);
    expect_refused(other, R4_E_REVOKING, 1, THREAD_CONFIGURE, t, inner_pd, 0, 5);
    expect_refused(other, R4_E_REVOKING, 1, THREAD_BIND_FAULT, t, n);
    expect_refused(other, R4_E_REVOKING, 1, LINK_BIND, R4_INIT_SLOT_LINKS + 1u, n);
    expect_refused(other, R4_E_REVOKING, 1, IRQ_BIND, handler, n);
    expect_refused(other, R4_E_REVOKING, 0, FRAME_MAP, frame, R4_INIT_SLOT_PD, 0x10000000,
                   R4_RIGHT_READ);
    expect_refused(other, R4_E_REVOKING, 0, PAGE_TABLE_MAP, page_table, R4_INIT_SLOT_PD,
                   0x10000000);
    /* What creates nothing below goes on. */
    expect_ok(other, NOTIFICATION_SIGNAL, n, 0);
    expect_ok(other, CAP_IDENTIFY, frame, 0);
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(area);
}

/* Parts of the machine, of which no untyped is made. */
static void test_D16_creating_parts_is_refused(void **state)
{
    const uint32_t ports = sim_slots_take(0, 45);
    const uint32_t lines = ports + 20u;
    const uint32_t free = ports + 44u;

    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_SERIAL_PORTS, 0, ports + i);
        SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_IRQ_CONTROL, 0, lines + i);
    }
    stop_deleting(R4_INIT_SLOT_SERIAL_PORTS);
    expect_refused(other, R4_E_REVOKING, 0, IO_NARROW, ports, 0, free, SIM_PORT, 1);
    expect_refused(other, R4_E_REVOKING, 0, IO_NARROW, R4_INIT_SLOT_SERIAL_PORTS, 0, free, SIM_PORT,
                   1);
    assert_int_equal(finish(revoker), R4_OK);
    stop_deleting(R4_INIT_SLOT_IRQ_CONTROL);
    expect_refused(other, R4_E_REVOKING, 0, IRQ_GET, lines, 4, R4_IRQ_MODE_EDGE, 0, free);
    assert_int_equal(finish(revoker), R4_OK);
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, R4_IRQ_MODE_EDGE, 0, free);
}

/* Nobody knows yet what is below: the call helps with the freezing and is made again. */
static void test_D17_creating_waits_for_the_freezing(void **state)
{
    const uint32_t n = make_family(MANY);
    const uint32_t unrelated = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t free = sim_slots_take(0, 2);
    const uint32_t oldest = n + 1u;

    (void)state;
    stop_freezing(n);
    assert_false(slot_has(slot_at(oldest), SLOT_FROZEN));
    load(other, R4_CALL_CAP_COPY, oldest, (const uint64_t[6]){0, free});
    assert_false(sim_enter_call(other));
    assert_int_equal(finish(other), R4_E_REVOKING);
    assert_null(freezing()->top);
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(n);
    stop_freezing(make_family(MANY));
    load(other, R4_CALL_CAP_COPY, unrelated, (const uint64_t[6]){0, free});
    assert_false(sim_enter_call(other));
    assert_int_equal(finish(other), R4_OK);
    assert_int_equal(finish(revoker), R4_OK);
}

/* As a copy does. */
static void test_D17_a_retype_waits_for_the_freezing(void **state)
{
    const uint32_t outer = sim.of[0].untyped;
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);
    const uint32_t free = sim_slots_take(0, 1);
    uint32_t u;

    (void)state;
    sim.of[0].untyped = area;
    u = sim_make(0, R4_TYPE_UNTYPED, R4_PAGE_BITS, 1);
    (void)make_family(MANY);
    sim.of[0].untyped = outer;
    stop_freezing(area);
    assert_false(slot_has(slot_at(u), SLOT_FROZEN));
    load(other, R4_CALL_UNTYPED_RETYPE, u,
         (const uint64_t[6]){R4_TYPE_NOTIFICATION, 0, 0, free, 1});
    assert_false(sim_enter_call(other));
    assert_int_equal(finish(other), R4_E_REVOKING);
    assert_null(freezing()->top);
    assert_true(slot_is_empty(slot_at(free)));
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(area);
}

/* ------------------------------------------------------------------------------------------------
 * Others in the same tree
 */

static void test_D17_interrupted_at_every_point(void **state)
{
    const uint32_t outer = sim.of[0].untyped;
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);
    const struct sim_count before = sim_count(0);
    const uint64_t restarts = sim.restarts;
    uint32_t pd;

    (void)state;
    sim.of[0].untyped = area;
    for (unsigned i = 0; i < 3; i++) {
        pd = sim_make_pd(0);
        (void)sim_make_thread(0, pd, i % 2, (uint8_t)(10 + i));
        (void)sim_map_frame(0, pd, R4_PAGE_BITS, 0x10000000, R4_RIGHT_READ);
        (void)make_family(40);
    }
    sim.of[0].untyped = outer;
    stop_freezing(area);
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(area);
    assert_true(sim.restarts - restarts > 15);
    assert_int_equal(sim_count(0).slots, before.slots);
    assert_int_equal(sim_count(0).threads, before.threads);
    assert_int_equal(sim_count(0).asids, before.asids);
}

/* Copies as fast as it can, of the newest copy that it has. */
static void test_D16_cannot_be_outrun(void **state)
{
    const uint32_t n = make_family(MANY);
    const uint32_t first = sim_slots_take(0, MANY);
    uint32_t source = n + MANY;
    uint32_t made = 0;
    uint32_t refused = 0;
    bool is_done = false;

    (void)state;
    interrupt_always();
    while (!is_done) {
        load(other, R4_CALL_CAP_COPY, source, (const uint64_t[6]){0, first + made});
        if (sim_enter_call(other) || finish(other) == R4_OK) {
            made += sim_reply_of(other).err == R4_OK;
            refused += sim_reply_of(other).err == R4_E_REVOKING;
        }
        if (made == 5 && refused == 0 && !sim_must_repeat(revoker)) {
            load_revoke(revoker, n);
        }
        is_done = made >= 5 && sim_enter_call(revoker);
        source = slot_is_empty(slot_at(source)) ? n + 1u : source;
        assert_true(made < MANY - 1u);
    }
    assert_int_equal(made, 5);
    assert_true(refused > 0);
    expect_whole(n);
}

/* Both revoke: one below the other, in every order of entries that the seeds give. */
static void test_overlapping_revokes(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
        const uint32_t below = sim_slots_take(0, 1);
        const uint32_t copies = sim_slots_take(0, MANY / 2);
        bool is_done[2] = {false, false};

        SIM_ROOT(0, CAP_COPY, n, 0, below);
        for (uint32_t i = 0; i < MANY / 2; i++) {
            SIM_ROOT(0, CAP_COPY, i % 3 == 0 ? n : below, 0, copies + i);
        }
        interrupt_always();
        load_revoke(revoker, round == 2 ? below : n);
        load_revoke(other, round == 0 ? below : n);
        while (!is_done[0] || !is_done[1]) {
            const unsigned who = is_done[0] || (!is_done[1] && rng_percent(&sim.rng, 50)) ? 1 : 0;

            is_done[who] = sim_enter_call(who == 0 ? revoker : other);
        }
        const enum r4_err err = sim_reply_of(round == 2 ? revoker : other).err;

        assert_int_equal(sim_reply_of(round == 2 ? other : revoker).err, R4_OK);
        assert_true(err == R4_OK || (round != 1 && err == R4_E_EMPTY));
        expect_whole(n);
        sim_no_fault_points(0);
    }
}

/* Frozen capabilities may be carried about and deleted, those where the freezing stands too. */
static void test_moves_and_deletions_meanwhile(void **state)
{
    const uint32_t n = make_family(MANY);
    const uint32_t free = sim_slots_take(0, MANY);
    uint32_t next = free;

    (void)state;
    sim.audit_every = 1;
    interrupt_always();
    load_revoke(revoker, n);
    while (!sim_enter_call(revoker)) {
        for (uint32_t i = 1; i <= MANY; i++) {
            const struct slot *s = slot_at(n + i);
            const bool is_here = freezing()->top != NULL &&
                                 (freezing()->at & ~UINT64_C(15)) == (uint64_t)(uintptr_t)s;

            if (is_here && next < free + 2u) {
                expect_ok(other, CAP_MOVE, n + i, 0, next++);
                expect_ok(other, CAP_DELETE, next - 1u, 0);
            }
        }
        if (next < free + MANY && !slot_is_empty(slot_at(n + 1u))) {
            expect_ok(other, CAP_MOVE, n + 1u, 0, next);
            expect_ok(other, CAP_MOVE, next, 0, n + 1u);
        }
    }
    assert_true(next > free);
    assert_int_equal(sim_reply_of(revoker).err, R4_OK);
    expect_whole(n);
    for (uint32_t i = 1; i <= MANY; i++) {
        assert_true(slot_is_empty(slot_at(n + i)));
    }
}

/* The object dies at whose only capability the freezing stands. */
static void test_the_freezing_stands_at_a_grave(void **state)
{
    const uint32_t outer = sim.of[0].untyped;
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);
    uint32_t met = 0;

    (void)state;
    sim.of[0].untyped = area;
    const uint32_t first = sim_make(0, R4_TYPE_NOTIFICATION, 0, MANY);
    sim.of[0].untyped = outer;
    sim.audit_every = 1;
    stop_freezing(area);
    for (uint32_t i = 0; i < MANY; i++) {
        const uint64_t at = freezing()->at & ~UINT64_C(15);

        if (at == (uint64_t)(uintptr_t)slot_at(first + i)) {
            expect_ok(other, CAP_DELETE, first + i, 0);
            met++;
        }
    }
    assert_true(met > 0);
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(area);
}

/* The revoked capability goes elsewhere: its revoke ends there, whoever makes it. */
static void test_the_top_is_moved(void **state)
{
    const uint32_t n = make_family(MANY);
    const uint32_t to = sim_slots_take(0, 2);

    (void)state;
    stop_freezing(n);
    expect_ok(other, CAP_MOVE, n, 0, to);
    assert_ptr_equal(freezing()->top, slot_at(to));
    assert_int_equal(finish(revoker), R4_E_EMPTY);
    expect_refused(other, R4_E_REVOKING, 0, CAP_COPY, to, 0, to + 1u);
    expect_ok(other, CAP_REVOKE, to, 0);
    expect_whole(to);
    expect_ok(other, CAP_COPY, to, 0, to + 1u);
}

/* What it had is its parent's, and stays frozen until the parent is revoked. */
static void test_the_top_is_deleted(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
        const uint32_t top = sim_slots_take(0, 1);
        const uint32_t copies = sim_slots_take(0, MANY);
        const uint32_t free = sim_slots_take(0, 1);

        SIM_ROOT(0, CAP_COPY, n, 0, top);
        for (uint32_t i = 0; i < MANY; i++) {
            SIM_ROOT(0, CAP_COPY, top, 0, copies + i);
        }
        if (round == 0) {
            stop_freezing(top);
        } else {
            stop_deleting(top);
        }
        expect_ok(other, CAP_DELETE, top, 0);
        assert_null(freezing()->top);
        assert_int_equal(finish(revoker), R4_E_EMPTY);
        expect_ok(other, CAP_COPY, n, 0, free);
        expect_refused(other, R4_E_REVOKING, 0, CAP_COPY, copies + (round == 0 ? MANY - 1u : 0), 0,
                       top);
        sim_no_fault_points(0);
        SIM_ROOT(0, CAP_REVOKE, n, 0);
        expect_whole(n);
    }
}

/* The first one stops in the middle of its freezing; the second one begins somewhere else. */
static void test_D16_a_second_revoke_ends_the_freezing_of_the_first(void **state)
{
    const uint32_t first = make_family(MANY);
    const uint32_t second = make_family(MANY);
    const uint32_t free = sim_slots_take(0, 1);
    const uint32_t oldest = first + 1u;

    (void)state;
    stop_freezing(first);
    assert_false(slot_has(slot_at(oldest), SLOT_FROZEN));
    load_revoke(other, second);
    for (uint32_t i = 0; i < ENTRIES && !sim_enter_call(other); i++) {
        if (slot_has(slot_at(second), SLOT_REVOKING) && !slot_is_empty(slot_at(oldest))) {
            assert_true(slot_has(slot_at(oldest), SLOT_FROZEN));
        }
    }
    sim_no_fault_points(0);
    expect_refused(other, R4_E_REVOKING, 0, CAP_COPY, oldest, 0, free);
    assert_int_equal(finish(revoker), R4_OK);
    expect_whole(first);
    expect_whole(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(test_D16_creating_is_refused),
        RACE_TEST(test_D16_creating_parts_is_refused),
        RACE_TEST(test_D17_creating_waits_for_the_freezing),
        RACE_TEST(test_D17_a_retype_waits_for_the_freezing),
        RACE_TEST(test_D17_interrupted_at_every_point),
        RACE_TEST(test_D16_cannot_be_outrun),
        RACE_TEST(test_D16_a_second_revoke_ends_the_freezing_of_the_first),
        RACE_TEST(test_overlapping_revokes),
        RACE_TEST(test_moves_and_deletions_meanwhile),
        RACE_TEST(test_the_freezing_stands_at_a_grave),
        RACE_TEST(test_the_top_is_moved),
        RACE_TEST(test_the_top_is_deleted),
    };

    return cmocka_run_group_tests_name("revoke race", tests, NULL, NULL);
}
