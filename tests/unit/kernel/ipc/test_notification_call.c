/* SPDX-License-Identifier: MIT */
/* Signal, wait, poll: bits stick, waiters leave in order, and each way in which a wait can end. */
#include "sim_test.h"

#include <r4/abi/layout.h>

static struct thread *root(void)
{
    return sim.of[0].root;
}

static uint32_t make_notification(void)
{
    return sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
}

static uint32_t mint(uint32_t n, uint64_t badge)
{
    const uint32_t slot = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_MINT, n, 0, slot, badge);
    return slot;
}

/* A thread of higher priority than the root task, which waits at `n`. */
static uint32_t make_waiter(uint32_t n)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, SIM_ROOT_PRIORITY + 1);

    expect_waiting(sim_thread_at(root(), slot), NOTIFICATION_WAIT, n);
    return slot;
}

/*
 * The woken thread runs now, on core 0, before the root task; it says what it got and waits for
 * something else.
 */
static void expect_woken(uint32_t slot, enum r4_err err, uint64_t bits, uint32_t parking)
{
    struct thread *t = sim_thread_at(sim.of[0].root, slot);
    const struct sim_reply reply = sim_reply_of(t);

    assert_true(sim_is_running(t));
    assert_int_equal(reply.err, err);
    assert_int_equal(reply.detail, 0);
    if (err == R4_OK) {
        assert_int_equal(reply.word[0], bits);
    }
    expect_waiting(t, NOTIFICATION_WAIT, parking);
}

static void test_poll__takes_all_bits_once(void **state)
{
    const uint32_t n = make_notification();

    (void)state;
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 0x10), 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 0x12), 0);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 0x13);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
}

static void test_wait__does_not_wait_for_bits_that_are_set(void **state)
{
    const uint32_t n = make_notification();

    (void)state;
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 6), 0);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_WAIT, n, 0), 6);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
}

static void test_signal__wakes_the_longest_waiting_one(void **state)
{
    const uint32_t n = make_notification();
    const uint32_t parking = make_notification();
    const uint32_t first = make_waiter(n);
    const uint32_t second = make_waiter(n);
    const uint32_t third = make_waiter(n);

    (void)state;
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 1), 0);
    expect_woken(first, R4_OK, 1, parking);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 2), 0);
    expect_woken(second, R4_OK, 2, parking);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 4), 0);
    expect_woken(third, R4_OK, 4, parking);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 1);
}

static void test_suspend__takes_a_waiter_out_of_the_middle(void **state)
{
    const uint32_t n = make_notification();
    const uint32_t parking = make_notification();
    const uint32_t first = make_waiter(n);
    const uint32_t second = make_waiter(n);
    const uint32_t third = make_waiter(n);

    (void)state;
    SIM_ROOT(0, THREAD_SUSPEND, second, 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    expect_woken(first, R4_OK, 1, parking);
    SIM_ROOT(0, THREAD_RESUME, second, 0);
    expect_woken(second, R4_E_CANCELED, 0, parking);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    expect_woken(third, R4_OK, 1, parking);
}

static void test_suspend__first_and_last_waiter(void **state)
{
    const uint32_t n = make_notification();
    const uint32_t first = make_waiter(n);
    const uint32_t second = make_waiter(n);

    (void)state;
    SIM_ROOT(0, THREAD_SUSPEND, first, 0);
    SIM_ROOT(0, THREAD_SUSPEND, second, 0);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, n, 0);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 1);
}

static void test_delete__wakes_all_waiters_with_dead(void **state)
{
    const uint32_t n = make_notification();
    const uint32_t parking = make_notification();
    const uint32_t waiters[3] = {make_waiter(n), make_waiter(n), make_waiter(n)};

    (void)state;
    sim_load_call(root(), r4_call_with_index(R4_CALL_CAP_DELETE, n), (const uint64_t[6]){0});
    while (!sim_enter_call(root())) {
        sim_settle();
    }
    for (unsigned i = 0; i < 3; i++) {
        expect_woken(waiters[i], R4_E_DEAD, 0, parking);
    }
    assert_true(sim_is_running(root()));
}

/* A waiter on another core is told to run there. */
static void test_signal__wakes_on_another_core(void **state)
{
    const uint32_t n = make_notification();
    struct thread *t = sim_thread_at(root(), sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5));

    (void)state;
    sim_settle();
    expect_waiting(t, NOTIFICATION_WAIT, n);
    assert_null(sim_core(0, 1)->current);
    SIM_ROOT(0, NOTIFICATION_SIGNAL, mint(n, 0x40), 0);
    assert_int_equal(t->state, R4_THREAD_STATE_READY);
    sim_settle();
    assert_ptr_equal(sim_core_of(t), sim_core(0, 1));
    assert_int_equal(sim_reply_of(t).word[0], 0x40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_poll__takes_all_bits_once),
        SIM_TEST(test_wait__does_not_wait_for_bits_that_are_set),
        SIM_TEST(test_signal__wakes_the_longest_waiting_one),
        SIM_TEST(test_suspend__takes_a_waiter_out_of_the_middle),
        SIM_TEST(test_suspend__first_and_last_waiter),
        SIM_TEST(test_delete__wakes_all_waiters_with_dead),
        SIM_TEST(test_signal__wakes_on_another_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
