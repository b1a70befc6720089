/* SPDX-License-Identifier: MIT */
/*
 * The thread that is handed the core without passing through the queue (sched I4), and what may
 * happen to it between its wake-up and the choice at the end of the same entry.
 */
#include "hand_over_stage.h"

/* ------------------------------------------------------------------------------------------------
 * Who is handed the core
 */

static void test_next__passes_no_queue(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    assert_ptr_equal(core()->next, high);
    assert_int_equal(core()->runq.count, 0);
    assert_int_equal(high->state, R4_THREAD_STATE_READY);
    audit_in_between();
    leave();
    assert_true(sim_is_running(high));
    assert_int_equal(core()->runq.count, 1);
    assert_ptr_equal(core()->fpu_owner, high);
}

static void test_next__only_above_the_running_thread(void **state)
{
    struct thread *equal = sleeper_of(ROOT);
    struct thread *low = sleeper_of(ROOT - 1);

    (void)state;
    enter();
    wake(low);
    assert_null(core()->next);
    wake(equal);
    assert_null(core()->next);
    leave();
    assert_true(sim_is_running(root()));
    assert_true(core()->timer_armed);
    expect_behind(equal);
    expect_behind(low);
}

/* A wake-up whose interrupt was lost left a thread in the queue that comes first. */
static void test_next__only_above_the_queue(void **state)
{
    struct thread *first = sleeper_of(ROOT + 2);
    struct thread *equal = sleeper_of(ROOT + 2);
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_WAKE_IPI, FAULT_ACTION_DROP, 1);
    sim_begin_entry(sim_core(0, 1));
    sched_ready(sim_core(0, 1), first);
    sim_end_entry();
    assert_true(sim_is_running(root()));
    enter();
    wake(equal);
    wake(high);
    assert_null(core()->next);
    leave();
    assert_true(sim_is_running(first));
    expect_behind(equal);
    expect_behind(high);
    expect_behind(root());
}

static void test_next__of_an_idle_core(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *low = sleeper_of(1);
    struct thread *equal = sleeper_of(1);

    (void)state;
    expect_waiting(root(), NOTIFICATION_WAIT, n);
    assert_null(core()->current);
    enter();
    wake(low);
    assert_ptr_equal(core()->next, low);
    wake(equal);
    assert_ptr_equal(core()->next, low);
    audit_in_between();
    leave();
    assert_true(sim_is_running(low));
    assert_true(core()->timer_armed);
    expect_behind(equal);
}

/* From another core it goes through the queue, and an interrupt tells. */
static void test_next__not_from_another_core(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    sim_begin_entry(sim_core(0, 1));
    sched_ready(sim_core(0, 1), high);
    assert_null(core()->next);
    assert_null(sim_core(0, 1)->next);
    assert_int_equal(core()->runq.count, 1);
    sim_end_entry();
    assert_true(sim_is_running(root()));
    sim_settle();
    assert_true(sim_is_running(high));
    expect_behind(root());
}

/* ------------------------------------------------------------------------------------------------
 * Several in one entry
 */

static void test_displaced__by_a_higher_one(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);
    struct thread *higher = sleeper_of(ROOT + 2);

    (void)state;
    enter();
    wake(high);
    wake(higher);
    assert_ptr_equal(core()->next, higher);
    audit_in_between();
    leave();
    assert_true(sim_is_running(higher));
    expect_behind(high);
    expect_behind(root());
}

/* Equals run in the order in which they were woken, whoever displaced the first. */
static void test_displaced__stays_before_its_equals(void **state)
{
    struct thread *first = sleeper_of(ROOT + 1);
    struct thread *second = sleeper_of(ROOT + 1);
    struct thread *low = sleeper_of(ROOT - 1);
    struct thread *third = sleeper_of(ROOT + 1);
    struct thread *higher = sleeper_of(ROOT + 2);

    (void)state;
    enter();
    wake(first);
    wake(second);
    wake(low);
    assert_ptr_equal(core()->next, first);
    wake(higher);
    wake(third);
    leave();
    assert_true(sim_is_running(higher));
    expect_behind(first);
    expect_behind(second);
    expect_behind(third);
    expect_behind(root());
    expect_behind(low);
}

static void test_equals__take_turns(void **state)
{
    struct thread *first = sleeper_of(ROOT + 1);
    struct thread *second = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(first);
    wake(second);
    leave();
    assert_true(sim_is_running(first));
    assert_true(core()->arch.timer_is_armed);
    sim_advance(SLICE_NS - 1);
    assert_true(sim_is_running(first));
    sim_advance(1);
    assert_true(sim_is_running(second));
}

/* ------------------------------------------------------------------------------------------------
 * What happens to it before the choice
 */

static void test_before_the_choice__stopped(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    thread_stop(core(), high, R4_THREAD_STATE_STOPPED);
    assert_null(core()->next);
    audit_in_between();
    leave();
    assert_true(sim_is_running(root()));
    assert_int_equal(core()->runq.count, 0);
}

static void test_before_the_choice__moved(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    sched_set_core(core(), high, 1);
    assert_null(core()->next);
    audit_in_between();
    leave();
    assert_true(sim_is_running(root()));
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, high);
}

static void test_before_the_choice__lowered(void **state)
{
    struct thread *high = sleeper_of(ROOT + 2);
    struct thread *middle = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    wake(middle);
    sched_set_priority(core(), high, ROOT - 1);
    audit_in_between();
    leave();
    assert_true(sim_is_running(middle));
    expect_behind(root());
    expect_behind(high);
}

/* A priority that is set puts a thread behind its equals, even if it is the same one. */
static void test_before_the_choice__same_priority_set(void **state)
{
    struct thread *first = sleeper_of(ROOT + 1);
    struct thread *second = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(first);
    wake(second);
    sched_set_priority(core(), first, ROOT + 1);
    leave();
    assert_true(sim_is_running(second));
    expect_behind(first);
}

static void test_before_the_choice__running_one_raised(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    sched_set_priority(core(), root(), ROOT + 1);
    audit_in_between();
    leave();
    assert_true(sim_is_running(root()));
    assert_true(core()->timer_armed);
    expect_behind(high);
}

static void test_before_the_choice__queued_one_raised(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);
    struct thread *low = sleeper_of(ROOT - 1);

    (void)state;
    enter();
    wake(low);
    wake(high);
    sched_set_priority(core(), low, ROOT + 2);
    audit_in_between();
    leave();
    assert_true(sim_is_running(low));
    expect_behind(high);
    expect_behind(root());
}

static void test_before_the_choice__running_one_stops(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    thread_stop(core(), root(), R4_THREAD_STATE_STOPPED);
    leave();
    assert_true(sim_is_running(high));
    assert_int_equal(root()->state, R4_THREAD_STATE_STOPPED);
    assert_int_equal(core()->runq.count, 0);
}

static void test_before_the_choice__running_one_moves(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(high);
    sched_set_core(core(), root(), 1);
    leave();
    assert_true(sim_is_running(high));
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, root());
}

static void test_before_the_choice__running_one_yields(void **state)
{
    struct thread *equal = sleeper_of(ROOT);
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(equal);
    wake(high);
    sched_rotate(core());
    leave();
    assert_true(sim_is_running(high));
    expect_behind(equal);
    expect_behind(root());
}

/* ------------------------------------------------------------------------------------------------
 * Who yields
 */

/* The thread takes the place of the equal that is handed the core. */
static void test_yield__exchanges_places(void **state)
{
    struct thread *first = sleeper_of(ROOT);
    struct thread *second = sleeper_of(ROOT);

    (void)state;
    enter();
    wake(first);
    wake(second);
    leave();
    sim_advance(SLICE_NS / 2);
    enter();
    sched_rotate(core());
    assert_ptr_equal(core()->next, first);
    assert_int_equal(core()->runq.count, 2);
    assert_int_equal(root()->slice_left_ns, SLICE_NS);
    leave();
    assert_true(sim_is_running(first));
    sim_advance(SLICE_NS / 2);
    expect_behind(second);
    expect_behind(root());
}

/* A wake-up whose interrupt was lost left a higher thread in the queue. */
static void test_yield__lets_a_higher_one_first(void **state)
{
    struct thread *equal = sleeper_of(ROOT);
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_WAKE_IPI, FAULT_ACTION_DROP, 2);
    sim_begin_entry(sim_core(0, 1));
    sched_ready(sim_core(0, 1), equal);
    sched_ready(sim_core(0, 1), high);
    sim_end_entry();
    assert_true(sim_is_running(root()));
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(high));
    expect_behind(equal);
    expect_behind(root());
}

static void test_yield__without_an_equal(void **state)
{
    struct thread *low = sleeper_of(ROOT - 1);

    (void)state;
    enter();
    wake(low);
    leave();
    sim_advance(SLICE_NS / 2);
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(root()));
    assert_int_equal(core()->slice_end_ns, arch_now_ns(core()) + SLICE_NS);
    assert_int_equal(core()->runq.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_next__passes_no_queue),
        SIM_TEST(test_next__only_above_the_running_thread),
        SIM_TEST(test_next__only_above_the_queue),
        SIM_TEST(test_next__of_an_idle_core),
        SIM_TEST(test_next__not_from_another_core),
        SIM_TEST(test_displaced__by_a_higher_one),
        SIM_TEST(test_displaced__stays_before_its_equals),
        SIM_TEST(test_equals__take_turns),
        SIM_TEST(test_before_the_choice__stopped),
        SIM_TEST(test_before_the_choice__moved),
        SIM_TEST(test_before_the_choice__lowered),
        SIM_TEST(test_before_the_choice__same_priority_set),
        SIM_TEST(test_before_the_choice__running_one_raised),
        SIM_TEST(test_before_the_choice__queued_one_raised),
        SIM_TEST(test_before_the_choice__running_one_stops),
        SIM_TEST(test_before_the_choice__running_one_moves),
        SIM_TEST(test_before_the_choice__running_one_yields),
        SIM_TEST(test_yield__exchanges_places),
        SIM_TEST(test_yield__lets_a_higher_one_first),
        SIM_TEST(test_yield__without_an_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
