/* SPDX-License-Identifier: MIT */
/*
 * Who runs where and when, seen by real calls. The simulation checks FPU state, page tables and the
 * auditor's rules after each.
 */
#include "sim_test.h"

#define SLICE_NS (sim.of[0].cluster->slice_ns)
#define HIGHER   (SIM_ROOT_PRIORITY + 1u)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct core *core(uint32_t index)
{
    return sim_core(0, index);
}

/* Starts a thread of the root task's PD. The interrupts that this causes wait. */
static uint32_t start(uint32_t on_core, uint8_t priority)
{
    return sim_make_thread(0, R4_INIT_SLOT_PD, on_core, priority);
}

static struct thread *at(uint32_t slot)
{
    return sim_thread_at(root(), slot);
}

static uint64_t core_counter(uint32_t index, enum r4_counter counter)
{
    return core(index)->counters[(uint32_t)counter - CORE_COUNTER_BASE];
}

/* ------------------------------------------------------------------------------------------------
 * One core
 */

static void test_ready__higher_preempts_lower_waits(void **state)
{
    struct thread *low = at(start(0, SIM_ROOT_PRIORITY - 1));

    (void)state;
    assert_true(sim_is_running(root()));
    assert_int_equal(low->state, R4_THREAD_STATE_READY);
    const uint32_t slot = start(0, HIGHER);
    assert_true(sim_is_running(at(slot)));
    assert_int_equal(root()->state, R4_THREAD_STATE_READY);
}

/* The preempted thread goes on before its equals. */
static void test_preempted__goes_to_the_front(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *equal = at(start(0, SIM_ROOT_PRIORITY));
    struct thread *high = at(start(0, HIGHER));

    (void)state;
    assert_true(sim_is_running(high));
    expect_waiting(high, NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(root()));
    assert_int_equal(equal->state, R4_THREAD_STATE_READY);
}

static void test_yield__goes_behind_equals(void **state)
{
    struct thread *first = at(start(0, SIM_ROOT_PRIORITY));
    struct thread *second = at(start(0, SIM_ROOT_PRIORITY));

    (void)state;
    const uint64_t switches = core_counter(0, R4_COUNTER_SWITCHES);
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(first));
    assert_int_equal(core_counter(0, R4_COUNTER_SWITCHES), switches + 1);
    expect_ok(first, YIELD, 0, 0);
    assert_true(sim_is_running(second));
    expect_ok(second, YIELD, 0, 0);
    assert_true(sim_is_running(root()));
}

static void test_yield__alone_goes_on(void **state)
{
    (void)state;
    start(0, SIM_ROOT_PRIORITY - 1);
    const uint64_t switches = core_counter(0, R4_COUNTER_SWITCHES);
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(root()));
    assert_int_equal(core_counter(0, R4_COUNTER_SWITCHES), switches);
}

/* No timer while nobody competes. */
static void test_slice__no_timer_for_one_thread(void **state)
{
    (void)state;
    start(0, SIM_ROOT_PRIORITY - 1);
    assert_false(core(0)->arch.timer_is_armed);
    sim_advance(100 * SLICE_NS);
    assert_true(sim_is_running(root()));
    assert_int_equal(core_counter(0, R4_COUNTER_TIMER_INTERRUPTS), 0);
}

static void test_slice__round_robin(void **state)
{
    struct thread *other = at(start(0, SIM_ROOT_PRIORITY));

    (void)state;
    assert_true(core(0)->arch.timer_is_armed);
    for (int i = 0; i < 4; i++) {
        sim_advance(SLICE_NS - 1);
        assert_true(sim_is_running(i % 2 == 0 ? root() : other));
        sim_advance(1);
        assert_true(sim_is_running(i % 2 == 0 ? other : root()));
    }
    assert_int_equal(core_counter(0, R4_COUNTER_TIMER_INTERRUPTS), 4);
}

/* One that ran alone for long gets a whole slice when somebody comes. */
static void test_slice__starts_when_an_equal_comes(void **state)
{
    struct thread *other;

    (void)state;
    sim_advance(10 * SLICE_NS);
    other = at(start(0, SIM_ROOT_PRIORITY));
    sim_advance(SLICE_NS - 1);
    assert_true(sim_is_running(root()));
    sim_advance(1);
    assert_true(sim_is_running(other));
}

/* What a higher thread takes is not taken from the slice, and does not give a new one. */
static void test_slice__rest_after_preemption(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *high = at(start(0, HIGHER));
    struct thread *other;

    (void)state;
    expect_waiting(high, NOTIFICATION_WAIT, n);
    other = at(start(0, SIM_ROOT_PRIORITY));
    sim_advance(SLICE_NS / 4);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    assert_true(sim_is_running(high));
    sim_advance(3 * SLICE_NS);
    expect_waiting(high, NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(root()));
    sim_advance(SLICE_NS / 4 * 3 - 1);
    assert_true(sim_is_running(root()));
    sim_advance(1);
    assert_true(sim_is_running(other));
}

/* Preempted when its slice is over anyway: the timer's interrupt still waits. */
static void test_slice__over_at_preemption(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *high = at(start(0, HIGHER));
    struct thread *other;

    (void)state;
    expect_waiting(high, NOTIFICATION_WAIT, n);
    other = at(start(0, SIM_ROOT_PRIORITY));
    host_advance(SLICE_NS);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    expect_waiting(high, NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(other));
}

/* The timer that was armed for one thread's slice fires in the middle of the next one's. */
static void test_slice__early_timer(void **state)
{
    struct thread *other = at(start(0, SIM_ROOT_PRIORITY));

    (void)state;
    sim_advance(SLICE_NS / 2);
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(other));
    sim_advance(SLICE_NS / 2);
    assert_int_equal(core_counter(0, R4_COUNTER_TIMER_INTERRUPTS), 1);
    assert_true(sim_is_running(other));
    sim_advance(SLICE_NS / 2 - 1);
    assert_true(sim_is_running(other));
    sim_advance(1);
    assert_true(sim_is_running(root()));
}

static void test_idle__stops_the_timer(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *other = at(start(0, SIM_ROOT_PRIORITY));

    (void)state;
    expect_waiting(root(), NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(other));
    expect_waiting(other, NOTIFICATION_WAIT, n);
    assert_null(core(0)->current);
    assert_null(core(0)->active_pd);
    assert_false(core(0)->arch.timer_is_armed);
}

/* ------------------------------------------------------------------------------------------------
 * Several cores
 */

static void test_wake__idle_core(void **state)
{
    struct thread *t = at(start(1, 3));

    (void)state;
    assert_int_equal(core(1)->arch.pending, 1u << HOST_INTERRUPT_WAKE);
    sim_settle();
    assert_ptr_equal(core(1)->current, t);
    assert_int_equal(core_counter(1, R4_COUNTER_WAKE_INTERRUPTS), 1);
}

static void test_wake__only_if_it_matters(void **state)
{
    struct thread *t = at(start(1, 50));

    (void)state;
    sim_settle();
    start(1, 49);
    assert_int_equal(core(1)->arch.pending, 0);
    /* The first equal needs a timer; with the timer armed the next one needs nothing. */
    start(1, 50);
    assert_int_equal(core(1)->arch.pending, 1u << HOST_INTERRUPT_WAKE);
    sim_settle();
    assert_ptr_equal(core(1)->current, t);
    assert_true(core(1)->arch.timer_is_armed);
    start(1, 50);
    assert_int_equal(core(1)->arch.pending, 0);
    struct thread *higher = at(start(1, 51));
    sim_settle();
    assert_ptr_equal(core(1)->current, higher);
}

/* Two threads are readied before the core looks: one interrupt. */
static void test_wake__one_interrupt_for_two(void **state)
{
    const uint64_t sent = host.logged_of[HOST_EVENT_IPI];

    (void)state;
    start(1, 5);
    struct thread *t = at(start(1, 6));
    assert_int_equal(host.logged_of[HOST_EVENT_IPI], sent + 1);
    sim_settle();
    assert_ptr_equal(core(1)->current, t);
}

/*
 * A lost interrupt costs time, nothing else: the next thread that is readied there wakes the core
 * for both.
 */
static void test_wake__lost_interrupt(void **state)
{
    struct cluster *cl = sim.of[0].cluster;

    (void)state;
    cl->faults.count = 1;
    cl->faults.entry[0].point = R4_FAULT_POINT_WAKE_IPI;
    cl->faults.entry[0].action = FAULT_ACTION_DROP;
    cl->faults.entry[0].remaining = 1;
    struct thread *lost = at(start(1, 6));
    sim_settle();
    assert_null(core(1)->current);
    start(1, 5);
    sim_settle();
    assert_ptr_equal(core(1)->current, lost);
}

/* ------------------------------------------------------------------------------------------------
 * Priority and core
 */

static void test_set_priority__of_a_ready_thread(void **state)
{
    const uint32_t slot = start(0, 1);

    (void)state;
    SIM_ROOT(0, THREAD_SET_PRIORITY, slot, HIGHER);
    assert_true(sim_is_running(at(slot)));
}

static void test_set_priority__lowering_oneself(void **state)
{
    struct thread *other = at(start(0, 50));

    (void)state;
    expect_ok(root(), THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, 49);
    assert_true(sim_is_running(other));
}

static void test_set_priority__lowering_one_that_runs_elsewhere(void **state)
{
    const uint32_t slot = start(1, 60);

    (void)state;
    sim_settle();
    struct thread *other = at(start(1, 50));
    SIM_ROOT(0, THREAD_SET_PRIORITY, slot, 49);
    sim_settle();
    assert_ptr_equal(core(1)->current, other);
    assert_int_equal(at(slot)->state, R4_THREAD_STATE_READY);
}

static void test_set_core__running_elsewhere(void **state)
{
    const uint32_t slot = start(1, 50);
    struct thread *next;

    (void)state;
    sim_settle();
    next = at(start(1, 40));
    SIM_ROOT(0, THREAD_SET_CORE, slot, 0);
    assert_null(core(1)->current);
    assert_int_equal(at(slot)->state, R4_THREAD_STATE_READY);
    assert_int_equal(at(slot)->core, 0);
    sim_settle();
    assert_ptr_equal(core(1)->current, next);
    expect_ok(root(), THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, 1);
    assert_ptr_equal(core(0)->current, at(slot));
}

static void test_set_core__oneself(void **state)
{
    (void)state;
    expect_ok(root(), THREAD_SET_CORE, R4_INIT_SLOT_THREAD, 1);
    assert_null(core(0)->current);
    sim_settle();
    assert_ptr_equal(core(1)->current, root());
    expect_ok(root(), THREAD_SET_CORE, R4_INIT_SLOT_THREAD, 0);
    sim_settle();
    assert_ptr_equal(core(0)->current, root());
}

/*
 * Each state a thread can be in; there and back, so that state left in a core's FPU would be old.
 */
static void test_set_core__in_every_state(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = start(0, HIGHER);
    struct thread *t = at(slot);

    (void)state;
    expect_waiting(t, NOTIFICATION_WAIT, n);
    SIM_ROOT(0, THREAD_SET_CORE, slot, 1);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    sim_settle();
    assert_ptr_equal(core(1)->current, t);
    expect_waiting(t, NOTIFICATION_WAIT, n);
    SIM_ROOT(0, THREAD_SET_CORE, slot, 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    assert_ptr_equal(core(0)->current, t);
    expect_waiting(t, NOTIFICATION_WAIT, n);
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    SIM_ROOT(0, THREAD_SET_CORE, slot, 1);
    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    SIM_ROOT(0, THREAD_SET_CORE, slot, 0);
    assert_ptr_equal(core(0)->current, t);
}

static void test_set_core__never_outside_the_cluster(void **state)
{
    const uint32_t slot = start(0, 1);

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, 2);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, UINT32_MAX);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, UINT64_C(1) << 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_ready__higher_preempts_lower_waits),
        SIM_TEST(test_preempted__goes_to_the_front),
        SIM_TEST(test_yield__goes_behind_equals),
        SIM_TEST(test_yield__alone_goes_on),
        SIM_TEST(test_slice__no_timer_for_one_thread),
        SIM_TEST(test_slice__round_robin),
        SIM_TEST(test_slice__starts_when_an_equal_comes),
        SIM_TEST(test_slice__rest_after_preemption),
        SIM_TEST(test_slice__over_at_preemption),
        SIM_TEST(test_slice__early_timer),
        SIM_TEST(test_idle__stops_the_timer),
        SIM_TEST(test_wake__idle_core),
        SIM_TEST(test_wake__only_if_it_matters),
        SIM_TEST(test_wake__one_interrupt_for_two),
        SIM_TEST(test_wake__lost_interrupt),
        SIM_TEST(test_set_priority__of_a_ready_thread),
        SIM_TEST(test_set_priority__lowering_oneself),
        SIM_TEST(test_set_priority__lowering_one_that_runs_elsewhere),
        SIM_TEST(test_set_core__running_elsewhere),
        SIM_TEST(test_set_core__oneself),
        SIM_TEST(test_set_core__in_every_state),
        SIM_TEST(test_set_core__never_outside_the_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
