/* SPDX-License-Identifier: MIT */
/* The hand-over of the core (sched I4) in calls that do something else, and what it leaves of slices. */
#include "hand_over_stage.h"

/* ------------------------------------------------------------------------------------------------
 * By calls: a doorbell of the other cluster that was lost is made up for in front of the call
 */

/* A higher thread waits for the doorbell, whose bits are there when this returns. */
static struct thread *ring(uint32_t *slot)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, ROOT + 1);
    struct thread *t = sim_thread_at(root(), *slot);

    expect_waiting(t, NOTIFICATION_WAIT, n);
    expect_ok(root(), LINK_BIND, R4_INIT_SLOT_LINKS + 1u, n);
    *sim.of[0].cluster->links[1].incoming = 4;
    return t;
}

static void test_call__that_does_nothing(void **state)
{
    uint32_t slot;
    struct thread *t = ring(&slot);

    (void)state;
    expect_ok(root(), NULL_LOCKED, 0, 0);
    assert_true(sim_is_running(t));
    assert_int_equal(sim_reply_of(t).word[0], 4);
    expect_behind(root());
}

static void test_call__that_audits(void **state)
{
    uint32_t slot;
    struct thread *t = ring(&slot);
    const struct sim_reply reply = SIM_CALL(root(), MONITOR_AUDIT, R4_INIT_SLOT_MONITOR, 0);

    (void)state;
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], 0);
    assert_true(sim_is_running(t));
}

/* The thread that the core will be handed to counts as ready. */
static void test_call__that_counts(void **state)
{
    uint32_t slot;
    struct thread *t = ring(&slot);
    const struct sim_reply reply = SIM_CALL(root(), MONITOR_CORE, R4_INIT_SLOT_MONITOR, 0);

    (void)state;
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[3], 1);
    assert_true(sim_is_running(t));
}

static void test_call__that_destroys_it(void **state)
{
    uint32_t slot;
    const uint32_t threads = sim_count(0).threads;

    (void)state;
    (void)ring(&slot);
    expect_ok(root(), CAP_DELETE, slot, 0);
    assert_true(sim_is_running(root()));
    assert_int_equal(sim_count(0).threads, threads);
    assert_int_equal(core()->runq.count, 0);
}

static void test_call__that_suspends_it(void **state)
{
    uint32_t slot;
    struct thread *t = ring(&slot);

    (void)state;
    expect_ok(root(), THREAD_SUSPEND, slot, 0);
    assert_true(sim_is_running(root()));
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
    expect_ok(root(), THREAD_RESUME, slot, 0);
    assert_true(sim_is_running(t));
    assert_int_equal(sim_reply_of(t).word[0], 4);
}

static void test_call__that_waits(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    uint32_t slot;
    struct thread *t = ring(&slot);

    (void)state;
    expect_waiting(root(), NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(t));
    expect_ok(t, NOTIFICATION_SIGNAL, n, 0);
    assert_true(sim_is_running(t));
    expect_behind(root());
}

/* ------------------------------------------------------------------------------------------------
 * Slices
 */

/* The preempted thread keeps the rest of its slice and its place before its equals. */
static void test_slice__of_the_preempted_thread(void **state)
{
    struct thread *equal = sleeper_of(ROOT);
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(equal);
    leave();
    sim_advance(SLICE_NS / 4);
    enter();
    wake(high);
    leave();
    sim_advance(2 * SLICE_NS);
    assert_true(sim_is_running(high));
    expect_behind(root());
    sim_advance(SLICE_NS / 4 * 3 - 1);
    assert_true(sim_is_running(root()));
    sim_advance(1);
    assert_true(sim_is_running(equal));
}

static void test_slice__used_up_at_preemption(void **state)
{
    struct thread *equal = sleeper_of(ROOT);
    struct thread *high = sleeper_of(ROOT + 1);

    (void)state;
    enter();
    wake(equal);
    leave();
    host_advance(SLICE_NS);
    enter();
    wake(high);
    leave();
    assert_true(sim_is_running(high));
    expect_behind(equal);
    expect_behind(root());
}

/* A woken thread has a whole slice, also one that was displaced. */
static void test_slice__of_the_woken_threads(void **state)
{
    struct thread *high = sleeper_of(ROOT + 1);
    struct thread *equal = sleeper_of(ROOT + 1);
    struct thread *higher = sleeper_of(ROOT + 2);

    (void)state;
    high->slice_left_ns = 1;
    enter();
    wake(high);
    wake(equal);
    wake(higher);
    leave();
    expect_behind(high);
    sim_advance(SLICE_NS - 1);
    assert_true(sim_is_running(high));
    sim_advance(1);
    assert_true(sim_is_running(equal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_call__that_does_nothing),
        SIM_TEST(test_call__that_audits),
        SIM_TEST(test_call__that_counts),
        SIM_TEST(test_call__that_destroys_it),
        SIM_TEST(test_call__that_suspends_it),
        SIM_TEST(test_call__that_waits),
        SIM_TEST(test_slice__of_the_preempted_thread),
        SIM_TEST(test_slice__used_up_at_preemption),
        SIM_TEST(test_slice__of_the_woken_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
