/* SPDX-License-Identifier: MIT */
/* Directed scenarios: the end of objects, of those in use above all. */
#include "sim_test.h"

#include <kernel/derive.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/points.h>

static struct thread *root(void)
{
    return sim.of[0].root;
}

static void expect_same(struct sim_count a, struct sim_count b)
{
    assert_int_equal(a.slots, b.slots);
    assert_int_equal(a.threads, b.threads);
    assert_int_equal(a.asids, b.asids);
}

/*
 * Another PD with a thread on core 1 that runs and holds its own capabilities at the slots of a
 * root task.
 */
struct task {
    uint32_t pd;
    uint32_t table;
    uint32_t slot;
    struct thread *thread;
};

static struct task make_task(uint32_t core, uint8_t priority)
{
    struct task task;

    task.pd = sim_make_pd(0);
    task.table = task.pd + 1u;
    task.slot = sim_make_thread(0, task.pd, core, priority);
    task.thread = sim_thread_at(root(), task.slot);
    SIM_ROOT(0, CAP_COPY, task.table, task.table, R4_INIT_SLOT_CAP_TABLE);
    SIM_ROOT(0, CAP_COPY, task.pd, task.table, R4_INIT_SLOT_PD);
    SIM_ROOT(0, CAP_COPY, task.slot, task.table, R4_INIT_SLOT_THREAD);
    sim_settle();
    assert_true(sim_is_running(task.thread));
    return task;
}

/* Gives the task the only capabilities for itself. */
static void let_go(struct task task)
{
    SIM_ROOT(0, CAP_DELETE, task.slot, 0);
    SIM_ROOT(0, CAP_DELETE, task.pd, 0);
    SIM_ROOT(0, CAP_DELETE, task.table, 0);
}

static void test_T25_delete_of_a_thread_that_runs_elsewhere(void **state)
{
    const struct sim_count before = sim_count(0);
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);

    (void)state;
    sim_settle();
    assert_true(sim_is_running(sim_thread_at(root(), slot)));
    expect_ok(root(), CAP_DELETE, slot, 0);
    assert_null(sim_core(0, 1)->current);
    expect_same(sim_count(0), before);
    sim_settle();
    assert_null(sim_core(0, 1)->current);
}

static void test_T25_a_thread_deletes_itself(void **state)
{
    const struct sim_count before = sim_count(0);
    struct task task = make_task(1, 50);

    (void)state;
    SIM_ROOT(0, CAP_DELETE, task.slot, 0);
    assert_false(SIM_CALL(task.thread, CAP_DELETE, R4_INIT_SLOT_THREAD, 0).is_done);
    assert_null(sim_core(0, 1)->current);
    SIM_ROOT(0, CAP_DELETE, task.table, 0);
    SIM_ROOT(0, CAP_DELETE, task.pd, 0);
    /* The table holds capabilities for itself and for its PD: nobody reaches them any more. */
    assert_true(sim_destroy_children(0, sim_slot(root(), sim.of[0].untyped)) > 0);
    expect_same(sim_count(0), before);
}

/*
 * The rest of the PD goes on: a thread that loses its PD stops for good, the others' calls find no
 * table.
 */
static void test_T25_a_task_deletes_its_pd(void **state)
{
    const struct sim_count before = sim_count(0);
    struct task task = make_task(1, 50);
    struct sim_reply reply;

    (void)state;
    SIM_ROOT(0, CAP_DELETE, task.pd, 0);
    reply = SIM_CALL(task.thread, CAP_DELETE, R4_INIT_SLOT_PD, 0);
    assert_true(reply.is_done);
    /* Its thread still holds one. */
    assert_true(sim_is_running(task.thread));
    SIM_ROOT(0, CAP_DELETE, task.slot, 0);
    SIM_ROOT(0, CAP_TABLE_DELETE, task.table, R4_INIT_SLOT_THREAD);
    assert_null(sim_core(0, 1)->current);
    SIM_ROOT(0, CAP_TABLE_DELETE, task.table, R4_INIT_SLOT_CAP_TABLE);
    SIM_ROOT(0, CAP_DELETE, task.table, 0);
    expect_same(sim_count(0), before);
}

static void test_T25_threads_die_with_a_pd_that_is_taken_away(void **state)
{
    struct task task = make_task(1, 50);
    uint32_t second = sim_make_thread(0, task.pd, 0, 5);
    uint32_t third = sim_make_thread(0, task.pd, 1, 60);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    (void)state;
    sim_settle();
    expect_ok(root(), CAP_COPY, n, task.table, 9);
    expect_waiting(sim_thread_at(root(), third), NOTIFICATION_WAIT, 9);
    /* What a revoke of the PD's capability does. */
    sim_destroy_children(0, sim_slot(root(), task.pd));
    assert_int_equal(task.thread->state, R4_THREAD_STATE_DEAD);
    assert_int_equal(SIM_CALL(root(), THREAD_STATE, second, 0).word[0], R4_THREAD_STATE_DEAD);
    assert_int_equal(SIM_CALL(root(), THREAD_STATE, third, 0).word[0], R4_THREAD_STATE_DEAD);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, third, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, second, SIM_USER_ENTRY, SIM_USER_STACK);
    expect_ok(root(), NOTIFICATION_SIGNAL, n, 0);
    expect_ok(root(), NOTIFICATION_POLL, n, 0);
    sim_settle();
    assert_null(sim_core(0, 1)->current);
}

static void test_T25_a_task_without_a_table_gets_index_errors(void **state)
{
    struct task task = make_task(1, 50);

    (void)state;
    SIM_ROOT(0, CAP_TABLE_DELETE, task.table, R4_INIT_SLOT_CAP_TABLE);
    sim_destroy_children(0, sim_slot(root(), task.table));
    assert_true(sim_is_running(task.thread));
    expect_refused(task.thread, R4_E_INDEX, 0, CAP_DELETE, R4_INIT_SLOT_THREAD, 0);
    expect_refused(task.thread, R4_E_INDEX, 0, CAP_COPY, 1, 0, 1);
    expect_ok(task.thread, YIELD, 0, 0);
}

/* A task that lets go of everything, itself included, in one call. */
static void test_T25_the_table_under_ones_feet(void **state)
{
    const struct sim_count before = sim_count(0);
    struct task task = make_task(1, 50);
    struct task other = make_task(1, 60);

    (void)state;
    SIM_ROOT(0, THREAD_SUSPEND, other.slot, 0);
    SIM_ROOT(0, CAP_MOVE, other.slot, task.table, 20);
    SIM_ROOT(0, CAP_MOVE, other.pd, task.table, 21);
    SIM_ROOT(0, CAP_MOVE, other.table, task.table, 22);
    let_go(task);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    sim_destroy_children(0, sim_slot(root(), sim.of[0].untyped));
    sim_settle();
    assert_null(sim_core(0, 1)->current);
    expect_same(sim_count(0), before);
}

/*
 * A chain of tables, each the only thing in the one before it: taken apart without recursion,
 * interrupted at every step.
 */
static void test_D17_deep_chains_come_apart_in_steps(void **state)
{
    const struct sim_count before = sim_count(0);
    const uint32_t depth = 40;
    const uint32_t tables = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, depth);
    const uint64_t restarts = sim.restarts;

    (void)state;
    for (uint32_t i = depth - 1u; i > 0; i--) {
        expect_ok(root(), CAP_MOVE, tables + i, tables + i - 1u, 1 + i);
    }
    assert_int_equal(sim_count(0).slots, before.slots + depth);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    expect_ok(root(), CAP_DELETE, tables, 0);
    assert_true(sim.restarts - restarts >= depth);
    expect_same(sim_count(0), before);
}

/*
 * Between two steps anybody may call; retype and copy of the untyped above finish the destruction
 * first.
 */
static void test_D17_memory_of_a_dying_object_is_not_reused(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 15, 1);
    const uint32_t to = sim_slots_take(0, 3);
    const uint32_t notification = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *other;

    (void)state;
    expect_ok(root(), UNTYPED_RETYPE, u, R4_TYPE_CAP_TABLE, 15, 0, to, 1);
    for (uint64_t i = 1; i < 511; i++) {
        expect_ok(root(), CAP_COPY, notification, to, i);
    }
    other = sim_thread_at(root(), sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50));
    sim_settle();
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
    sim_load_call(root(), R4_CALL_CAP_DELETE | (uint64_t)to << 32, (const uint64_t[6]){0});
    assert_false(sim_enter_call(root()));
    assert_true(derive_has_children(sim_slot(root(), u)));
    assert_true(slot_is_empty(sim_slot(root(), to)));
    expect_ok(other, UNTYPED_RETYPE, u, R4_TYPE_FRAME, R4_PAGE_BITS, 0, to, 3);
    assert_true(sim_must_repeat(root()));
    while (!sim_enter_call(root())) {
    }
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    assert_int_equal(slot_type(sim_slot(root(), to)), R4_TYPE_FRAME);
}

static void test_a_dying_thread_signals_and_lets_go(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const struct sim_count before = sim_count(0);

    (void)state;
    expect_ok(root(), THREAD_CONFIGURE, slot, R4_INIT_SLOT_PD, 1, 5);
    expect_ok(root(), THREAD_BIND_FAULT, slot, n);
    assert_int_equal(sim_count(0).slots, before.slots + 2);
    expect_ok(root(), CAP_DELETE, slot, 0);
    assert_int_equal(sim_count(0).slots, before.slots - 1);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_POLL, n, 0).word[0], 1);
}

/*
 * The last capability for the notification is the thread's own: both go, and whoever waited is
 * told.
 */
static void test_a_dying_thread_takes_its_notification_along(void **state)
{
    const struct sim_count before = sim_count(0);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t waiter_slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
    struct thread *waiter = sim_thread_at(root(), waiter_slot);

    (void)state;
    sim_settle();
    expect_ok(root(), THREAD_CONFIGURE, slot, R4_INIT_SLOT_PD, 1, 5);
    expect_ok(root(), THREAD_BIND_FAULT, slot, n);
    expect_waiting(waiter, NOTIFICATION_WAIT, n);
    expect_ok(root(), CAP_DELETE, n, 0);
    assert_int_equal(waiter->state, R4_THREAD_STATE_WAITING);
    expect_ok(root(), CAP_DELETE, slot, 0);
    sim_settle();
    assert_true(sim_is_running(waiter));
    assert_int_equal(sim_reply_of(waiter).err, R4_OK);
    expect_ok(root(), CAP_DELETE, waiter_slot, 0);
    expect_same(sim_count(0), before);
}

/* An error is the first of the ABI's list, whether or not something is being destroyed. */
static void test_derive_is_refused_alike_while_something_ends(void **state)
{
    struct thread *root = sim.of[0].root;
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 17, 1);
    const uint32_t table = sim_slots_take(0, 1);

    (void)state;
    expect_refused(root, R4_E_RANGE, 2, CAP_DERIVE, u, 0, 0, 0x800);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_CAP_TABLE, 17, 0, table, 1);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
    sim_load_call(root, r4_call_with_index(R4_CALL_CAP_DELETE, table), (const uint64_t[6]){0});
    (void)sim_enter_call(root); /* stops half-way, and its thread calls something else */
    assert_non_null(sim.of[0].cluster->zombies);
    expect_refused(root, R4_E_RANGE, 2, CAP_DERIVE, u, 0, 0, 0x800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_derive_is_refused_alike_while_something_ends),
        SIM_TEST(test_T25_delete_of_a_thread_that_runs_elsewhere),
        SIM_TEST(test_T25_a_thread_deletes_itself),
        SIM_TEST(test_T25_a_task_deletes_its_pd),
        SIM_TEST(test_T25_threads_die_with_a_pd_that_is_taken_away),
        SIM_TEST(test_T25_a_task_without_a_table_gets_index_errors),
        SIM_TEST(test_T25_the_table_under_ones_feet),
        SIM_TEST(test_D17_deep_chains_come_apart_in_steps),
        SIM_TEST(test_D17_memory_of_a_dying_object_is_not_reused),
        SIM_TEST(test_a_dying_thread_signals_and_lets_go),
        SIM_TEST(test_a_dying_thread_takes_its_notification_along),
    };

    return cmocka_run_group_tests_name("destroy", tests, NULL, NULL);
}
