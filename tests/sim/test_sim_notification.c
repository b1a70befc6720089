/* SPDX-License-Identifier: MIT */
/* Directed scenarios: notifications, inside a cluster and across the link between two. */
#include "sim_test.h"

#include <r4/abi/limits.h>

#define LINK_TO(peer) (R4_INIT_SLOT_LINKS + (peer))
#define WAITERS       3u

static struct thread *root(void)
{
    return sim.of[0].root;
}

/* A thread on core 1 that runs and is told apart from the others by its priority. */
static struct thread *make(uint8_t priority, uint32_t *slot)
{
    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, priority);
    sim_settle();
    return sim_thread_at(root(), *slot);
}

static void test_T17_signal_before_wait_is_not_lost(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t badged = sim_slots_take(0, 2);

    (void)state;
    expect_ok(root(), CAP_MINT, n, 0, badged, 2);
    expect_ok(root(), CAP_MINT, n, 0, badged + 1u, 0x100);
    expect_ok(root(), NOTIFICATION_SIGNAL, badged, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, badged + 1u, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, badged, 0);
    assert_int_equal(SIM_CALL(root(), NOTIFICATION_WAIT, n, 0).word[0], 0x102);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
}

static void test_D28_each_signal_wakes_one_waiter_in_order(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *t[WAITERS];
    uint32_t slot[WAITERS];

    (void)state;
    for (uint32_t i = 0; i < WAITERS; i++) {
        t[i] = make((uint8_t)(50 - i), &slot[i]);
        expect_waiting(t[i], NOTIFICATION_WAIT, n);
    }
    for (uint32_t i = 0; i < WAITERS; i++) {
        expect_ok(root(), NOTIFICATION_SIGNAL, n, 0);
        for (uint32_t j = 0; j < WAITERS; j++) {
            assert_int_equal(t[j]->state == R4_THREAD_STATE_WAITING, j > i);
        }
        assert_int_equal(sim_reply_of(t[i]).err, R4_OK);
        assert_int_equal(sim_reply_of(t[i]).word[0], 1);
    }
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
}

static void test_a_broken_off_wait_says_so(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct thread *t[WAITERS];
    uint32_t slot[WAITERS];

    (void)state;
    for (uint32_t i = 0; i < WAITERS; i++) {
        t[i] = make((uint8_t)(50 - i), &slot[i]);
        expect_waiting(t[i], NOTIFICATION_WAIT, n);
    }
    for (uint32_t i = 0; i < 2; i++) {
        expect_ok(root(), THREAD_SUSPEND, slot[i], 0);
        expect_ok(root(), THREAD_RESUME, slot[i], 0);
        assert_int_equal(sim_reply_of(t[i]).err, R4_E_CANCELED);
    }
    expect_ok(root(), NOTIFICATION_SIGNAL, n, 0);
    assert_int_equal(sim_reply_of(t[2]).err, R4_OK);
}

static void test_T10_waiters_are_released_when_the_notification_dies(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t copy = sim_slots_take(0, 1);
    struct thread *t[WAITERS];
    uint32_t slot[WAITERS];

    (void)state;
    for (uint32_t i = 0; i < WAITERS; i++) {
        t[i] = make((uint8_t)(50 - i), &slot[i]);
        expect_waiting(t[i], NOTIFICATION_WAIT, n);
    }
    expect_ok(root(), CAP_COPY, n, 0, copy);
    expect_ok(root(), CAP_DELETE, n, 0);
    assert_int_equal(t[0]->state, R4_THREAD_STATE_WAITING);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    expect_ok(root(), CAP_DELETE, copy, 0);
    sim_settle();
    for (uint32_t i = 0; i < WAITERS; i++) {
        assert_int_equal(sim_reply_of(t[i]).err, R4_E_DEAD);
        assert_true(t[i]->state == R4_THREAD_STATE_READY || sim_is_running(t[i]));
    }
    assert_true(sim_is_running(t[0]));
}

/* ------------------------------------------------------------------------------------------------
 * Between clusters
 */

/* Binds a notification of cluster `c` to the link from `peer`; returns its slot. */
static uint32_t bind_link(uint32_t c, uint32_t peer)
{
    const uint32_t n = sim_make(c, R4_TYPE_NOTIFICATION, 0, 1);

    SIM_ROOT(c, LINK_BIND, LINK_TO(peer), n);
    return n;
}

static void test_D55_a_signal_crosses_to_the_other_cluster(void **state)
{
    const uint32_t n = bind_link(1, 0);
    struct thread *receiver = sim.of[1].root;

    (void)state;
    expect_waiting(receiver, NOTIFICATION_WAIT, n);
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 0x30);
    assert_int_equal(receiver->state, R4_THREAD_STATE_WAITING);
    sim_settle();
    assert_true(sim_is_running(receiver));
    assert_int_equal(sim_reply_of(receiver).word[0], 0x30);
    assert_int_equal(SIM_CALL(root(), LINK_INFO, LINK_TO(1), 0).word[2], 1);
    assert_int_equal(SIM_CALL(receiver, LINK_INFO, LINK_TO(0), 0).word[3], 1);
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_DOORBELLS_SENT], 1);
    assert_int_equal(sim.of[1].cluster->counters[R4_COUNTER_DOORBELLS_RECEIVED], 1);
}

static void test_D55_signals_that_meet_need_one_doorbell(void **state)
{
    const uint32_t n = bind_link(1, 0);

    (void)state;
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 1);
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 2);
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 4);
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_DOORBELLS_SENT], 1);
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_SIGNALS_MERGED], 2);
    sim_settle();
    assert_int_equal(SIM_CALL(sim.of[1].root, NOTIFICATION_POLL, n, 0).word[0], 7);
}

static void test_X10_a_lost_doorbell_costs_only_time(void **state)
{
    const uint32_t n = bind_link(1, 0);
    const uint64_t before = host.logged_of[HOST_EVENT_IPI];

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_DOORBELL_IPI, FAULT_ACTION_DROP, 1);
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 8);
    sim_settle();
    assert_int_equal(host.logged_of[HOST_EVENT_IPI], before);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 8);
    /* Any entry of the other cluster that takes the lock finds it. */
    SIM_ROOT(1, NULL_LOCKED, 0, 0);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 0);
    assert_int_equal(SIM_CALL(sim.of[1].root, NOTIFICATION_POLL, n, 0).word[0], 8);
}

static void test_bits_of_an_unbound_link_stay_pending(void **state)
{
    (void)state;
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 0x10);
    sim_settle();
    SIM_ROOT(1, NULL_LOCKED, 0, 0);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 0x10);
    const uint32_t n = bind_link(1, 0);

    assert_int_equal(SIM_CALL(sim.of[1].root, NOTIFICATION_POLL, n, 0).word[0], 0x10);
    expect_refused(sim.of[1].root, R4_E_STATE, 0, LINK_BIND, LINK_TO(0), n);
}

/*
 * The bound notification dies by its untyped going; the link can be bound anew and loses nothing.
 */
static void test_a_link_outlives_its_notification(void **state)
{
    const uint32_t u = sim_make(1, R4_TYPE_UNTYPED, 12, 1);
    const uint32_t n = sim_slots_take(1, 2);
    struct thread *receiver = sim.of[1].root;

    (void)state;
    SIM_ROOT(1, UNTYPED_RETYPE, u, R4_TYPE_NOTIFICATION, 0, 0, n, 1);
    SIM_ROOT(1, LINK_BIND, LINK_TO(0), n);
    sim_destroy_children(1, sim_slot(receiver, u));
    SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), 0x21);
    sim_settle();
    SIM_ROOT(1, NULL_LOCKED, 0, 0);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 0x21);
    SIM_ROOT(1, UNTYPED_RETYPE, u, R4_TYPE_NOTIFICATION, 0, 0, n, 1);
    SIM_ROOT(1, LINK_BIND, LINK_TO(0), n);
    assert_int_equal(SIM_CALL(receiver, NOTIFICATION_POLL, n, 0).word[0], 0x21);
}

static void test_X21_a_link_obeys_rights_and_badge(void **state)
{
    const uint32_t to = sim_slots_take(0, 3);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    (void)state;
    expect_ok(root(), CAP_DERIVE, LINK_TO(1), 0, to, R4_RIGHT_LINK | R4_RIGHT_SIGNAL);
    expect_ok(root(), CAP_MINT, to, 0, to + 1u, 6);
    expect_refused(root(), R4_E_RIGHTS, 0, LINK_BIND, to, n);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, to, 0);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, to + 1u, 8);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, to + 1u, 7);
    expect_ok(root(), LINK_SIGNAL, to + 1u, 6);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 6);
    expect_ok(root(), CAP_DERIVE, LINK_TO(1), 0, to + 2u, R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, LINK_SIGNAL, to + 2u, 1);
}

/* Neither cluster touches the other's lock, whatever goes between them. */
static void test_D48_a_signal_takes_only_the_own_lock(void **state)
{
    const uint64_t before = sim.of[1].cluster->counters[R4_COUNTER_LOCK_TAKES];

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        SIM_ROOT(0, LINK_SIGNAL, LINK_TO(1), UINT64_C(1) << i % 64);
    }
    assert_int_equal(sim.of[1].cluster->counters[R4_COUNTER_LOCK_TAKES], before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_T17_signal_before_wait_is_not_lost),
        SIM_TEST(test_D28_each_signal_wakes_one_waiter_in_order),
        SIM_TEST(test_a_broken_off_wait_says_so),
        SIM_TEST(test_T10_waiters_are_released_when_the_notification_dies),
        SIM_TEST(test_D55_a_signal_crosses_to_the_other_cluster),
        SIM_TEST(test_D55_signals_that_meet_need_one_doorbell),
        SIM_TEST(test_X10_a_lost_doorbell_costs_only_time),
        SIM_TEST(test_bits_of_an_unbound_link_stay_pending),
        SIM_TEST(test_a_link_outlives_its_notification),
        SIM_TEST(test_X21_a_link_obeys_rights_and_badge),
        SIM_TEST(test_D48_a_signal_takes_only_the_own_lock),
    };

    return cmocka_run_group_tests_name("notification", tests, NULL, NULL);
}
