/* SPDX-License-Identifier: MIT */
/* Directed scenarios: threads, cores, scheduling. */
#include "sim_test.h"

#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define SLICE_NS UINT64_C(1000000)

static struct thread *root(void)
{
    return sim.of[0].root;
}

/* A started thread of the root task's PD. */
static struct thread *make(uint32_t core, uint8_t priority, uint32_t *slot)
{
    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, core, priority);
    return sim_thread_at(root(), *slot);
}

static void test_D52_configure_errors_are_exact(void **state)
{
    const uint32_t t = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t bare = sim_make(0, R4_TYPE_PD, 0, 1);

    (void)state;
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, t, SIM_USER_ENTRY, SIM_USER_STACK);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SUSPEND, t, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, t, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SET_PRIORITY, t, 5);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SET_CORE, t, 1);
    expect_refused(root(), R4_E_STATE, 1, THREAD_CONFIGURE, t, bare, 0, 5);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_CONFIGURE, t, t, 0, 5);
    expect_refused(root(), R4_E_INDEX, 1, THREAD_CONFIGURE, t, 0, 0, 5);
    expect_refused(root(), R4_E_RANGE, 2, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, sim.cores, 5);
    expect_refused(root(), R4_E_RANGE, 3, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 0, 256);
    expect_ok(root(), THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 1, 5);
    expect_refused(root(), R4_E_STATE, 0, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 1, 5);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, t, 0);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_START, t, R4_USER_TOP, SIM_USER_STACK);
    expect_refused(root(), R4_E_RANGE, 2, THREAD_START, t, SIM_USER_ENTRY, UINT64_C(1) << 63);
    expect_ok(root(), THREAD_START, t, SIM_USER_ENTRY, SIM_USER_STACK, 7, 8);
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, t, SIM_USER_ENTRY, SIM_USER_STACK);
    expect_refused(root(), R4_E_STATE, 0, THREAD_REGISTERS, t, 0);
}

static void test_D52_threads_stay_in_their_cluster(void **state)
{
    uint32_t slot;
    struct thread *t = make(0, 50, &slot);

    (void)state;
    for (uint32_t core = 0; core < sim.cores; core++) {
        expect_ok(root(), THREAD_SET_CORE, slot, core);
        assert_int_equal(t->core, core);
    }
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, sim.cores);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, sim_core(1, 0)->hardware_id);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_SET_CORE, slot, UINT64_C(1) << 32);
    assert_int_equal(t->core, sim.cores - 1);
}

static void test_a_higher_thread_runs_at_once(void **state)
{
    uint32_t low_slot;
    uint32_t high_slot;
    struct thread *low = make(0, SIM_ROOT_PRIORITY - 1, &low_slot);
    struct thread *high = make(0, SIM_ROOT_PRIORITY + 1, &high_slot);

    (void)state;
    assert_true(sim_is_running(high));
    assert_false(sim_is_running(low));
    /* The preempted root thread goes first among its equals again. */
    expect_ok(high, THREAD_SUSPEND, high_slot, 0);
    assert_true(sim_is_running(root()));
    expect_ok(root(), THREAD_SET_PRIORITY, low_slot, SIM_ROOT_PRIORITY + 1);
    assert_true(sim_is_running(low));
    expect_ok(low, THREAD_SET_PRIORITY, low_slot, 1);
    assert_true(sim_is_running(root()));
}

static void test_equals_take_turns_by_the_timer(void **state)
{
    uint32_t slot;
    struct thread *t = make(0, SIM_ROOT_PRIORITY, &slot);

    (void)state;
    assert_true(sim_is_running(root()));
    for (unsigned round = 0; round < 3; round++) {
        sim_advance(SLICE_NS);
        assert_true(sim_is_running(t));
        sim_advance(SLICE_NS);
        assert_true(sim_is_running(root()));
    }
    expect_ok(root(), YIELD, 0, 0);
    assert_true(sim_is_running(t));
    expect_ok(t, THREAD_SUSPEND, R4_INIT_SLOT_THREAD, 0);
    assert_int_equal(root()->state, R4_THREAD_STATE_STOPPED);
    sim_advance(10 * SLICE_NS);
    assert_true(sim_is_running(t));
}

/* Nobody waits: no timer interrupt comes. */
static void test_no_timer_without_an_equal(void **state)
{
    uint32_t slot;

    (void)state;
    make(0, SIM_ROOT_PRIORITY - 1, &slot);
    const struct core *core = sim_core(0, 0);
    const uint64_t before = core->counters[R4_COUNTER_TIMER_INTERRUPTS - CORE_COUNTER_BASE];

    sim_advance(100 * SLICE_NS);
    assert_int_equal(core->counters[R4_COUNTER_TIMER_INTERRUPTS - CORE_COUNTER_BASE], before);
}

static void test_an_idle_core_is_woken_by_an_interrupt(void **state)
{
    uint32_t slot;
    const uint64_t before = host.logged_of[HOST_EVENT_IPI];
    struct thread *t = make(1, 10, &slot);

    (void)state;
    assert_int_equal(t->state, R4_THREAD_STATE_READY);
    assert_int_equal(host.logged_of[HOST_EVENT_IPI], before + 1);
    sim_settle();
    assert_true(sim_is_running(t));
    assert_ptr_equal(sim_core_of(t), sim_core(0, 1));
}

/* The thread is late, not lost: the next one that is readied for the core brings it along. */
static void test_a_lost_wake_interrupt_costs_only_time(void **state)
{
    uint32_t slot;
    uint32_t second_slot;
    struct thread *t;

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_WAKE_IPI, FAULT_ACTION_DROP, 1);
    t = make(1, 20, &slot);
    sim_settle();
    assert_int_equal(t->state, R4_THREAD_STATE_READY);
    make(1, 10, &second_slot);
    sim_settle();
    assert_true(sim_is_running(t));
}

static void test_D70_suspend_of_a_thread_on_another_core(void **state)
{
    uint32_t slot;
    struct thread *t = make(1, 50, &slot);
    struct sim_reply reply;

    (void)state;
    sim_settle();
    t->context.regs.reg[R4_REGISTER_R15] = 4711;
    expect_ok(root(), THREAD_SUSPEND, slot, 0);
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
    assert_null(sim_core(0, 1)->current);
    assert_int_equal(sim_core(0, 1)->arch.root, sim.of[0].cluster->kernel_root.a);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SUSPEND, slot, 0);
    reply = SIM_CALL(root(), THREAD_REGISTERS, slot, 12);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[5], 4711);
    expect_ok(root(), THREAD_RESUME, slot, 0);
    sim_settle();
    assert_true(sim_is_running(t));
    assert_int_equal(t->context.regs.reg[R4_REGISTER_R15], 4711);
}

static void test_D70_moving_a_running_thread(void **state)
{
    uint32_t slot;
    uint32_t other_slot;
    struct thread *t = make(1, 50, &slot);
    struct thread *other = make(1, 40, &other_slot);

    (void)state;
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, t);
    expect_ok(root(), THREAD_SET_CORE, slot, 0);
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, other);
    assert_int_equal(t->state, R4_THREAD_STATE_READY);
    /* Oneself: gone from here when the call is over. */
    expect_ok(root(), THREAD_SET_CORE, R4_INIT_SLOT_THREAD, 1);
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->current, root());
    assert_ptr_equal(sim_core(0, 0)->current, t);
    expect_ok(t, NULL_LOCKED, 0, 0);
}

/* ------------------------------------------------------------------------------------------------
 * A thread that is stopped while it waits for the lock
 */

/* The thread signals; while it waits for the lock the other thing happens. */
static void signal_contended(struct thread *t, uint32_t notification, void (*meanwhile)(void))
{
    sim_load_call(t, R4_CALL_NOTIFICATION_SIGNAL | (uint64_t)notification << R4_CALL_INDEX_LO,
                  (const uint64_t[6]){0});
    sim_enter_call_contended(t, meanwhile);
}

static uint32_t victim_slot;

static void suspend_victim(void)
{
    SIM_CALL(root(), THREAD_SUSPEND, victim_slot, 0);
}

static void move_victim(void)
{
    SIM_CALL(root(), THREAD_SET_CORE, victim_slot, 0);
}

static void destroy_victim(void)
{
    SIM_CALL(root(), CAP_DELETE, victim_slot, 0);
}

static void test_D70_a_call_of_a_thread_that_was_stopped_meanwhile_is_made_later(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *t = make(1, 50, &victim_slot);

    (void)state;
    sim_settle();
    signal_contended(t, n, suspend_victim);
    sim_check();
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
    assert_true(sim_must_repeat(t));
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
    assert_true(sim.of[0].cluster->counters[R4_COUNTER_LOCK_CONTENDED] >= 1);
    expect_ok(root(), THREAD_RESUME, victim_slot, 0);
    sim_settle();
    assert_true(sim_enter_call(t));
    assert_int_equal(sim_reply_of(t).err, R4_OK);
    expect_ok(root(), NOTIFICATION_POLL, n, 0);
}

static void test_D70_a_call_of_a_thread_that_was_moved_meanwhile_is_made_there(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *t = make(1, SIM_ROOT_PRIORITY + 1, &victim_slot);

    (void)state;
    sim_settle();
    signal_contended(t, n, move_victim);
    sim_check();
    sim_settle();
    assert_ptr_equal(sim_core(0, 0)->current, t);
    assert_true(sim_must_repeat(t));
    assert_true(sim_enter_call(t));
    expect_ok(t, NOTIFICATION_POLL, n, 0);
}

static void pass(void)
{
    SIM_CALL(root(), NULL_LOCKED, 0, 0);
}

/* The interrupt waits for the lock while the other thing happens. */
static void interrupt_contended(struct core *core, void (*meanwhile)(void))
{
    sim.meanwhile = meanwhile;
    core->cluster->lock.next++;
    host_raise(core, HOST_INTERRUPT_WAKE);
    assert_true(sim_deliver(core));
    assert_null(sim.meanwhile);
}

/* What waited for the lock in an interrupt goes on where it was, though its last call waited as well. */
static void test_D70_a_thread_that_was_stopped_in_an_interrupt_repeats_nothing(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *t = make(1, 50, &victim_slot);

    (void)state;
    sim_settle();
    signal_contended(t, n, pass);
    sim_check();
    assert_int_equal(sim_reply_of(t).err, R4_OK);
    assert_true(sim_is_running(t));
    interrupt_contended(sim_core(0, 1), suspend_victim);
    sim_check();
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
    assert_null(sim_core(0, 1)->current);
    assert_false(sim_must_repeat(t));
    expect_ok(root(), NOTIFICATION_POLL, n, 0);
    expect_ok(root(), THREAD_RESUME, victim_slot, 0);
    sim_settle();
    assert_true(sim_is_running(t));
}

static void test_T25_a_thread_destroyed_while_it_waits_for_the_lock(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const struct sim_count before = sim_count(0);
    struct thread *t = make(1, 50, &victim_slot);

    (void)state;
    sim_settle();
    signal_contended(t, n, destroy_victim);
    sim_check();
    assert_int_equal(sim_count(0).slots, before.slots);
    assert_int_equal(sim_count(0).threads, before.threads);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
}

static void test_calls_without_the_lock_take_none(void **state)
{
    const uint64_t before = sim.of[0].cluster->counters[R4_COUNTER_LOCK_TAKES];

    (void)state;
    sim_call(root(), R4_CALL_NULL, 0, (const uint64_t[6]){0});
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_LOCK_TAKES], before);
    expect_ok(root(), NULL_LOCKED, 0, 0);
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_LOCK_TAKES], before + 1);
    assert_int_equal(sim.of[1].cluster->counters[R4_COUNTER_LOCK_TAKES], sim.cores);
}

static void test_faults_stop_the_thread_and_signal(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t badged = sim_slots_take(0, 1);
    uint32_t slot;
    struct thread *t = make(1, 50, &slot);
    struct sim_reply reply;

    (void)state;
    expect_ok(root(), CAP_MINT, n, 0, badged, 0x40);
    expect_ok(root(), THREAD_BIND_FAULT, slot, badged);
    expect_refused(root(), R4_E_STATE, 0, THREAD_BIND_FAULT, slot, badged);
    sim_settle();
    sim_fault(t, R4_FAULT_CAUSE_PAGE, 0x1234);
    reply = SIM_CALL(root(), THREAD_STATE, slot, 0);
    assert_int_equal(reply.word[0], R4_THREAD_STATE_FAULTED);
    assert_int_equal(reply.word[1], R4_FAULT_CAUSE_PAGE);
    assert_int_equal(reply.word[2], 0x1234);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_POLL, n, 0).word[0], 0x40);
    expect_ok(root(), THREAD_RESUME, slot, 0);
    sim_settle();
    assert_true(sim_is_running(t));
    assert_int_equal(SIM_CALL(root(), THREAD_STATE, slot, 0).word[1], R4_FAULT_CAUSE_NONE);
    expect_ok(root(), CAP_DELETE, slot, 0);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_POLL, n, 0).word[0], 0x40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D52_configure_errors_are_exact),
        SIM_TEST(test_D52_threads_stay_in_their_cluster),
        SIM_TEST(test_a_higher_thread_runs_at_once),
        SIM_TEST(test_equals_take_turns_by_the_timer),
        SIM_TEST(test_no_timer_without_an_equal),
        SIM_TEST(test_an_idle_core_is_woken_by_an_interrupt),
        SIM_TEST(test_a_lost_wake_interrupt_costs_only_time),
        SIM_TEST(test_D70_suspend_of_a_thread_on_another_core),
        SIM_TEST(test_D70_moving_a_running_thread),
        SIM_TEST(test_D70_a_call_of_a_thread_that_was_stopped_meanwhile_is_made_later),
        SIM_TEST(test_D70_a_call_of_a_thread_that_was_moved_meanwhile_is_made_there),
        SIM_TEST(test_D70_a_thread_that_was_stopped_in_an_interrupt_repeats_nothing),
        SIM_TEST(test_T25_a_thread_destroyed_while_it_waits_for_the_lock),
        SIM_TEST(test_calls_without_the_lock_take_none),
        SIM_TEST(test_faults_stop_the_thread_and_signal),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
