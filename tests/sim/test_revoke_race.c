/* SPDX-License-Identifier: MIT */
/*
 * Directed scenarios: a revoke that is interrupted at every preemption point, while others create,
 * move, delete and revoke in the same tree, or end its thread. The revoker runs on core 0, the
 * others on core 1; both have the root task's table.
 */
#include "sim_test.h"

#include <kernel/derive.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/points.h>

#define MANY      200u /* copies; more brackets than one step of freezing takes */
#define AREA_BITS 19u
#define ENTRIES   10000u

static struct thread *revoker;
static struct thread *other;

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(sim.of[0].root, n);
}

static struct derive_walk *freezing(void)
{
    return &sim.of[0].cluster->freezing;
}

static int setup(void **state)
{
    const int failed = sim_setup(state);
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);

    revoker = sim.of[0].root;
    other = sim_thread_at(revoker, slot);
    sim_settle();
    sim.audit_every = 7;
    return failed;
}

static void interrupt_always(void)
{
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
}

/* A notification with `count` copies, every second one below the one before it. */
static uint32_t make_family(uint32_t count)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t first = sim_slots_take(0, count);

    for (uint32_t i = 0; i < count; i++) {
        SIM_ROOT(0, CAP_COPY, i % 2 == 1 ? first + i - 1u : n, 0, first + i);
    }
    return n;
}

static void load(struct thread *t, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    sim_load_call(t, r4_call_with_number(r4_call_with_index(0, cap), (uint16_t)call), word);
}

static void load_revoke(struct thread *t, uint32_t cap)
{
    load(t, R4_CALL_CAP_REVOKE, cap, (const uint64_t[6]){0});
}

/* Makes the loaded call until it is done. */
static enum r4_err finish(struct thread *t)
{
    for (uint32_t i = 0; i < ENTRIES; i++) {
        if (sim_enter_call(t)) {
            return sim_reply_of(t).err;
        }
    }
    sim_fail("a call does not end");
}

/* Interrupted for the first time while it freezes. */
static void stop_freezing(uint32_t cap)
{
    interrupt_always();
    load_revoke(revoker, cap);
    assert_false(sim_enter_call(revoker));
    assert_non_null(freezing()->top);
}

/* Interrupted for the first time when all is frozen and something is left. */
static void stop_deleting(uint32_t cap)
{
    interrupt_always();
    load_revoke(revoker, cap);
    do {
        assert_false(sim_enter_call(revoker));
    } while (freezing()->top != NULL);
    assert_true(derive_has_children(slot_at(cap)));
    assert_true(slot_has(slot_at(cap), SLOT_REVOKING));
}

static void expect_whole(uint32_t cap)
{
    assert_false(derive_has_children(slot_at(cap)));
    assert_false(slot_has(slot_at(cap), SLOT_REVOKING));
    assert_null(freezing()->top);
}

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
        expect_refused(other, R4_E_REVOKING, 0, CAP_COPY,
                       copies + (round == 0 ? MANY - 1u : 0), 0, top);
        sim_no_fault_points(0);
        SIM_ROOT(0, CAP_REVOKE, n, 0);
        expect_whole(n);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The end of the revoker
 */

/* The revoker is a thread on core 1 that is destroyed half-way; the root task goes on. */
static void test_D17_a_killed_revoker(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
        const uint32_t top = sim_slots_take(0, 1);
        const uint32_t copies = sim_slots_take(0, MANY / 2 + 60u);
        const uint32_t free = sim_slots_take(0, 1);
        const uint32_t victim = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 60);
        struct thread *t = sim_thread_at(sim.of[0].root, victim);

        SIM_ROOT(0, CAP_COPY, n, 0, top);
        for (uint32_t i = 0; i < MANY / 2 + 60u; i++) {
            SIM_ROOT(0, CAP_COPY, top, 0, copies + i);
        }
        sim_settle();
        interrupt_always();
        load_revoke(t, top);
        assert_false(sim_enter_call(t));
        while (round > 0 && freezing()->top != NULL) {
            assert_false(sim_enter_call(t));
        }
        SIM_ROOT(0, CAP_DELETE, victim, 0);
        sim_no_fault_points(0);
        expect_refused(revoker, R4_E_REVOKING, 0, CAP_COPY, copies, 0, free);
        assert_null(freezing()->top);
        expect_refused(revoker, R4_E_REVOKING, 0, CAP_COPY, top, 0, free);
        expect_ok(revoker, CAP_DELETE, copies, 0);
        expect_ok(revoker, CAP_COPY, n, 0, free);
        expect_ok(revoker, CAP_REVOKE, round == 2 ? n : top, 0);
        expect_whole(round == 2 ? n : top);
        assert_int_equal(slot_is_empty(slot_at(top)), round == 2);
        expect_ok(revoker, CAP_REVOKE, n, 0);
    }
}

#define OWN_AREA 20u /* of the task's table */

/* A task on core 1. Its table is made of `area`, the rest of `inner`, which is made of `area`. */
struct task {
    uint32_t area;
    uint32_t inner;
    uint32_t table;
    struct thread *thread;
};

static struct task make_task(uint32_t area, bool is_table_inside)
{
    const uint32_t outer = sim.of[0].untyped;
    struct task task = {.area = area};
    uint32_t pd;
    uint32_t slot;

    sim.of[0].untyped = area;
    task.inner = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS - 1u, 1);
    sim.of[0].untyped = is_table_inside ? task.inner : task.area;
    task.table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    sim.of[0].untyped = task.inner;
    pd = sim_make(0, R4_TYPE_PD, 0, 1);
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, task.table, 0, 0);
    slot = sim_make_thread(0, pd, 1, 60);
    (void)make_family(30);
    sim.of[0].untyped = outer;
    task.thread = sim_thread_at(sim.of[0].root, slot);
    SIM_ROOT(0, CAP_MOVE, pd, task.table, R4_INIT_SLOT_PD);
    SIM_ROOT(0, CAP_MOVE, slot, task.table, R4_INIT_SLOT_THREAD);
    SIM_ROOT(0, CAP_MOVE, task.inner, task.table, OWN_AREA);
    SIM_ROOT(0, CAP_MOVE, task.table, task.table, R4_INIT_SLOT_CAP_TABLE);
    sim_settle();
    assert_true(sim_is_running(task.thread));
    return task;
}

/* The task revokes that slot of its own; then the root task revokes all of it. */
static void revoke_oneself(uint32_t area, bool is_table_inside, uint32_t slot, bool is_interrupted)
{
    const struct sim_count before = sim_count(0);
    const struct task task = make_task(area, is_table_inside);
    const uint64_t number = task.thread->number;

    sim.audit_every = 1;
    if (is_interrupted) {
        interrupt_always();
    }
    load_revoke(task.thread, slot);
    for (uint32_t i = 0; task.thread->number == number && sim_is_running(task.thread); i++) {
        if (sim_enter_call(task.thread) || i == ENTRIES) {
            break;
        }
        sim_settle();
    }
    sim_settle();
    expect_ok(revoker, CAP_REVOKE, task.area, 0);
    sim_settle();
    expect_whole(task.area);
    assert_int_equal(SIM_CALL(revoker, CAP_IDENTIFY, task.area, 0).word[4],
                     UINT64_C(1) << AREA_BITS);
    sim_no_fault_points(0);
    assert_int_equal(sim_count(0).slots, before.slots);
    assert_int_equal(sim_count(0).threads, before.threads);
    assert_int_equal(sim_count(0).asids, before.asids);
}

static void test_T25_a_task_revokes_itself(void **state)
{
    static const uint32_t slots[] = {R4_INIT_SLOT_CAP_TABLE, R4_INIT_SLOT_PD, R4_INIT_SLOT_THREAD,
                                     OWN_AREA};

    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1);

    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        revoke_oneself(area, i % 2 == 1, slots[i / 4], i / 2 % 2 == 1);
    }
}

/* It goes on without a table: its calls find nothing any more. */
static void test_T25_the_table_one_stands_in(void **state)
{
    const struct task task = make_task(sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1), true);

    (void)state;
    expect_ok(task.thread, CAP_REVOKE, R4_INIT_SLOT_CAP_TABLE, 0);
    assert_true(sim_is_running(task.thread));
    expect_refused(task.thread, R4_E_INDEX, 0, CAP_REVOKE, R4_INIT_SLOT_CAP_TABLE, 0);
    expect_ok(revoker, CAP_REVOKE, task.area, 0);
    expect_whole(task.area);
}

/* The same end, interrupted or not: the task's PD is gone, and so is its thread. */
static void test_T25_the_untyped_one_is_made_of(void **state)
{
    const struct task task = make_task(sim_make(0, R4_TYPE_UNTYPED, AREA_BITS, 1), false);

    (void)state;
    assert_false(SIM_CALL(task.thread, CAP_REVOKE, OWN_AREA, 0).is_done);
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, other);
    expect_ok(other, CAP_REVOKE, task.area, 0);
    expect_whole(task.area);
}

#define RACE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(test_D16_creating_is_refused),
        RACE_TEST(test_D16_creating_parts_is_refused),
        RACE_TEST(test_D17_creating_waits_for_the_freezing),
        RACE_TEST(test_D17_interrupted_at_every_point),
        RACE_TEST(test_D16_cannot_be_outrun),
        RACE_TEST(test_overlapping_revokes),
        RACE_TEST(test_moves_and_deletions_meanwhile),
        RACE_TEST(test_the_top_is_moved),
        RACE_TEST(test_the_top_is_deleted),
        RACE_TEST(test_D17_a_killed_revoker),
        RACE_TEST(test_T25_a_task_revokes_itself),
        RACE_TEST(test_T25_the_table_one_stands_in),
        RACE_TEST(test_T25_the_untyped_one_is_made_of),
    };

    return cmocka_run_group_tests_name("revoke race", tests, NULL, NULL);
}
