/* SPDX-License-Identifier: MIT */
/* The trace points at their places, and the calls that turn them on and read what they recorded. */
#include "sim_test.h"

#include <r4/abi/points.h>

#define MONITOR R4_INIT_SLOT_MONITOR
#define TO_1    (R4_INIT_SLOT_LINKS + 1u)
#define FROM_0  (R4_INIT_SLOT_LINKS + 0u)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static void turn(uint32_t cluster, bool is_on)
{
    SIM_ROOT(cluster, MONITOR_TRACE_CONTROL, MONITOR, is_on);
}

/* The ring itself: reading by call is recorded, too. */
static const struct trace_ring *ring(uint32_t cluster, uint32_t core)
{
    return &sim_core(cluster, core)->trace;
}

/* The last record of this point on the core. */
static struct trace_record last(uint32_t cluster, uint32_t core, enum r4_trace_point point)
{
    const struct trace_ring *r = ring(cluster, core);
    struct trace_record record;

    for (uint64_t number = r->written; number > 0; number--) {
        uint64_t found = number - 1;

        assert_true(trace_ring_find(r, &found, &record));
        if (found == number - 1 && record.point == point) {
            return record;
        }
    }
    fail_msg("no record of point %u", point);
    return record;
}

static void assert_last(uint32_t cluster, uint32_t core, enum r4_trace_point point, uint64_t first,
                        uint64_t second)
{
    const struct trace_record record = last(cluster, core, point);

    assert_int_equal(record.args[0], first);
    assert_int_equal(record.args[1], second);
    assert_int_equal(record.ns, host.now_ns);
}

static void test_control__says_what_was(void **state)
{
    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_TRACE_CONTROL, MONITOR, 2);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_TRACE_CONTROL, MONITOR, 256);
    assert_int_equal(SIM_ROOT(0, MONITOR_TRACE_CONTROL, MONITOR, 1), 0);
    assert_int_equal(SIM_ROOT(0, MONITOR_TRACE_CONTROL, MONITOR, 1), 1);
    assert_true(ring(0, 1)->is_on);
    assert_false(ring(1, 0)->is_on);
    assert_int_equal(SIM_ROOT(0, MONITOR_TRACE_CONTROL, MONITOR, 0), 1);
    assert_false(ring(0, 1)->is_on);
}

static void test_off__records_nothing(void **state)
{
    (void)state;
    SIM_ROOT(0, MONITOR_TIME, MONITOR, 0);
    sim_make_thread(0, R4_INIT_SLOT_PD, 1, 10);
    sim_settle();
    for (uint32_t core = 0; core < 2; core++) {
        assert_int_equal(ring(0, core)->written, 0);
    }
    expect_refused(root(), R4_E_AGAIN, 2, MONITOR_TRACE_READ, MONITOR, 0, 0);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_TRACE_READ, MONITOR, 2, 0);
}

static void test_read__record_by_record(void **state)
{
    struct sim_reply reply;

    (void)state;
    turn(0, true);
    host.now_ns = 5000;
    SIM_ROOT(0, MONITOR_TIME, MONITOR, 0);
    turn(0, false);
    reply = SIM_CALL(root(), MONITOR_TRACE_READ, MONITOR, 0, 0);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], 0);
    assert_int_equal(reply.word[1], 5000);
    assert_int_equal(reply.word[2], R4_TRACE_POINT_CALL);
    assert_int_equal(reply.word[3], root()->number);
    assert_int_equal(reply.word[4], R4_CALL_MONITOR_TIME);
    assert_int_equal(reply.word[5], 2);
    reply = SIM_CALL(root(), MONITOR_TRACE_READ, MONITOR, 0, 1);
    assert_int_equal(reply.word[4], R4_CALL_MONITOR_TRACE_CONTROL);
    expect_refused(root(), R4_E_AGAIN, 2, MONITOR_TRACE_READ, MONITOR, 0, 2);
    expect_refused(root(), R4_E_AGAIN, 2, MONITOR_TRACE_READ, MONITOR, 0, UINT64_MAX);
}

static void test_read__what_is_lost(void **state)
{
    struct sim_reply reply;

    (void)state;
    turn(0, true);
    for (unsigned i = 0; i < SIM_TRACE_RECORDS + 4; i++) {
        SIM_ROOT(0, MONITOR_TIME, MONITOR, 0);
    }
    turn(0, false);
    reply = SIM_CALL(root(), MONITOR_TRACE_READ, MONITOR, 0, 2);
    assert_int_equal(reply.word[0], 5);
    assert_int_equal(reply.word[5], SIM_TRACE_RECORDS + 5);
}

static void test_null__is_not_recorded(void **state)
{
    (void)state;
    turn(0, true);
    SIM_ROOT(0, NULL, 0, 0);
    SIM_ROOT(0, NULL_LOCKED, 0, 0);
    assert_int_equal(ring(0, 0)->written, 0);
}

static void test_call__refused_ones_too(void **state)
{
    (void)state;
    turn(0, true);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_CORE, MONITOR, 9);
    assert_last(0, 0, R4_TRACE_POINT_CALL, root()->number, R4_CALL_MONITOR_CORE);
}

static void test_switch__from_idle_and_back(void **state)
{
    struct thread *t;
    uint32_t slot;

    (void)state;
    turn(0, true);
    slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 10);
    sim_settle();
    t = sim_thread_at(root(), slot);
    assert_true(sim_is_running(t));
    assert_last(0, 1, R4_TRACE_POINT_SWITCH, 0, t->number);
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    sim_settle();
    assert_last(0, 1, R4_TRACE_POINT_SWITCH, t->number, 0);
}

/* A thread that ran when tracing began is known when it goes. */
static void test_switch__begun_in_the_middle(void **state)
{
    struct thread *t;
    uint32_t slot;

    (void)state;
    slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 10);
    sim_settle();
    t = sim_thread_at(root(), slot);
    turn(0, true);
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    sim_settle();
    assert_last(0, 1, R4_TRACE_POINT_SWITCH, t->number, 0);
    assert_int_equal(ring(0, 1)->written, 1);
}

static void test_fault(void **state)
{
    struct thread *t;
    uint32_t slot;

    (void)state;
    slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 10);
    sim_settle();
    t = sim_thread_at(root(), slot);
    turn(0, true);
    sim_fault(t, R4_FAULT_CAUSE_DIVIDE, 0x1234);
    assert_last(0, 1, R4_TRACE_POINT_FAULT, t->number, R4_FAULT_CAUSE_DIVIDE);
    assert_last(0, 1, R4_TRACE_POINT_SWITCH, t->number, 0);
}

static void test_doorbell__at_the_receiver(void **state)
{
    (void)state;
    SIM_ROOT(1, LINK_BIND, FROM_0, sim_make(1, R4_TYPE_NOTIFICATION, 0, 1));
    turn(0, true);
    turn(1, true);
    SIM_ROOT(0, LINK_SIGNAL, TO_1, 0x50);
    sim_settle();
    assert_last(1, 0, R4_TRACE_POINT_DOORBELL, 0, 0x50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_control__says_what_was),
        SIM_TEST(test_off__records_nothing),
        SIM_TEST(test_read__record_by_record),
        SIM_TEST(test_read__what_is_lost),
        SIM_TEST(test_null__is_not_recorded),
        SIM_TEST(test_call__refused_ones_too),
        SIM_TEST(test_switch__from_idle_and_back),
        SIM_TEST(test_switch__begun_in_the_middle),
        SIM_TEST(test_fault),
        SIM_TEST(test_doorbell__at_the_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
