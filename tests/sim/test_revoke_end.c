/* SPDX-License-Identifier: MIT */
/*
 * Directed scenarios: a revoke whose thread is destroyed half-way, from outside or by the revoke itself.
 */
#include "revoke_stage.h"

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
    assert_int_equal(SIM_CALL(revoker, CAP_IDENTIFY, task.area, 0).word[4], UINT64_C(1)
                                                                                << AREA_BITS);
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

/* The capability itself goes with the table: the call, made again, finds no table. */
static void test_T25_the_capability_goes_with_its_table(void **state)
{
    const uint32_t outer = sim.of[0].untyped;
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    struct thread *t;

    (void)state;
    sim.of[0].untyped = area;
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    sim.of[0].untyped = outer;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, table, 0, 0);
    t = sim_thread_at(revoker, sim_make_thread(0, pd, 1, 60));
    SIM_ROOT(0, CAP_MOVE, area, table, OWN_AREA);
    sim_settle();
    sim.audit_every = 1;
    expect_refused(t, R4_E_INDEX, 0, CAP_REVOKE, OWN_AREA, 0);
    assert_true(slot_is_empty(slot_at(table)));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(test_D17_a_killed_revoker),
        RACE_TEST(test_T25_a_task_revokes_itself),
        RACE_TEST(test_T25_the_table_one_stands_in),
        RACE_TEST(test_T25_the_capability_goes_with_its_table),
        RACE_TEST(test_T25_the_untyped_one_is_made_of),
    };

    return cmocka_run_group_tests_name("revoke end", tests, NULL, NULL);
}
