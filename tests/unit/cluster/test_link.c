/* SPDX-License-Identifier: MIT */
/*
 * Signals between two clusters: delivered, merged, kept while nobody is bound, never lost with
 * their interrupt.
 */
#include "sim_test.h"

#include <kernel/delete.h>
#include <kernel/link.h>
#include <kernel/notification.h>
#include <r4/abi/layout.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */
#define TO_1   (R4_INIT_SLOT_LINKS + 1u)
#define FROM_0 (R4_INIT_SLOT_LINKS + 0u)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct thread *peer_root(void)
{
    return sim.of[1].root;
}

static uint64_t counter(uint32_t cluster, enum r4_counter number)
{
    return sim.of[cluster].cluster->counters[number];
}

/* A notification of cluster 1, bound to its link from cluster 0. */
static uint32_t bind(void)
{
    const uint32_t n = sim_make(1, R4_TYPE_NOTIFICATION, 0, 1);

    SIM_ROOT(1, LINK_BIND, FROM_0, n);
    return n;
}

/* What a revoke of the notification does to the link's capability. */
static void unbind(void)
{
    struct core *core = sim_core(1, 0);

    sim_begin_entry(core);
    delete_slot(core, &sim.of[1].cluster->links[0].notification_slot);
    sim_end_entry();
}

static void drop_doorbells(uint32_t nth)
{
    struct fault_plan *faults = &sim.of[0].cluster->faults;

    faults->count = 1;
    faults->entry[0].point = R4_FAULT_POINT_DOORBELL_IPI;
    faults->entry[0].action = FAULT_ACTION_DROP;
    faults->entry[0].remaining = nth;
}

static void test_signal__arrives_as_it_is(void **state)
{
    const uint32_t n = bind();
    struct sim_reply reply;

    (void)state;
    expect_ok(root(), LINK_SIGNAL, TO_1, UINT64_C(0x8000000000000011));
    sim_settle();
    assert_int_equal(SIM_ROOT(1, NOTIFICATION_POLL, n, 0), UINT64_C(0x8000000000000011));
    assert_int_equal(counter(0, R4_COUNTER_DOORBELLS_SENT), 1);
    assert_int_equal(counter(1, R4_COUNTER_DOORBELLS_RECEIVED), 1);
    reply = SIM_CALL(root(), LINK_INFO, TO_1, 0);
    assert_int_equal(reply.word[0], 1);
    assert_int_equal(reply.word[2], 1);
    assert_int_equal(reply.word[3], 0);
    reply = SIM_CALL(peer_root(), LINK_INFO, FROM_0, 0);
    assert_int_equal(reply.word[0], 0);
    assert_int_equal(reply.word[2], 0);
    assert_int_equal(reply.word[3], 1);
}

/* What meets bits that still wait needs no interrupt. */
static void test_signal__merges(void **state)
{
    const uint32_t n = bind();

    (void)state;
    expect_ok(root(), LINK_SIGNAL, TO_1, 1);
    expect_ok(root(), LINK_SIGNAL, TO_1, 2);
    expect_ok(root(), LINK_SIGNAL, TO_1, 2);
    assert_int_equal(counter(0, R4_COUNTER_DOORBELLS_SENT), 1);
    assert_int_equal(counter(0, R4_COUNTER_SIGNALS_MERGED), 2);
    sim_settle();
    assert_int_equal(SIM_ROOT(1, NOTIFICATION_POLL, n, 0), 3);
    expect_ok(root(), LINK_SIGNAL, TO_1, 4);
    assert_int_equal(counter(0, R4_COUNTER_DOORBELLS_SENT), 2);
}

static void test_signal__wakes_a_waiter(void **state)
{
    const uint32_t n = bind();

    (void)state;
    expect_waiting(peer_root(), NOTIFICATION_WAIT, n);
    assert_null(sim_core(1, 0)->current);
    expect_ok(root(), LINK_SIGNAL, TO_1, 0x20);
    sim_settle();
    assert_true(sim_is_running(peer_root()));
    assert_int_equal(sim_reply_of(peer_root()).word[0], 0x20);
}

static void test_signal__waits_until_somebody_is_bound(void **state)
{
    (void)state;
    expect_ok(root(), LINK_SIGNAL, TO_1, 5);
    sim_settle();
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 5);
    const uint32_t n = bind();
    assert_int_equal(notification_of(sim_slot(peer_root(), n))->bits, 5);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 0);
    assert_int_equal(SIM_ROOT(1, NOTIFICATION_POLL, n, 0), 5);
}

/* The interrupt is lost; any later entry of the peer that takes its lock finds the bits. */
static void test_signal__survives_a_lost_doorbell(void **state)
{
    const uint32_t n = bind();

    (void)state;
    drop_doorbells(1);
    expect_ok(root(), LINK_SIGNAL, TO_1, 9);
    sim_settle();
    assert_int_equal(counter(0, R4_COUNTER_DOORBELLS_SENT), 0);
    (void)sim_call_raw(peer_root(), R4_CALL_NULL, (const uint64_t[6]){0});
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 9);
    assert_int_equal(SIM_ROOT(1, NOTIFICATION_POLL, n, 0), 9);
}

/*
 * Cluster 2 has signals of two others; what the first one wakes takes long. An entry takes that one
 * and leaves the other.
 */
static void drain_two(bool is_dropped)
{
    struct notification *n[2];

    sim_end();
    sim_start(3, 2);
    sim.audit_every = 0; /* the waiter is made up */
    for (uint32_t from = 0; from < 2; from++) {
        const uint32_t slot = sim_make(2, R4_TYPE_NOTIFICATION, 0, 1);

        SIM_ROOT(2, LINK_BIND, R4_INIT_SLOT_LINKS + from, slot);
        n[from] = notification_of(sim_slot(sim.of[2].root, slot));
        if (is_dropped) {
            sim_fault_point(from, R4_FAULT_POINT_DOORBELL_IPI, FAULT_ACTION_DROP, 0);
        }
    }
    n[0]->chain_waiters = 1;
    for (uint32_t from = 0; from < 2; from++) {
        SIM_ROOT(from, LINK_SIGNAL, R4_INIT_SLOT_LINKS + 2u, 1);
    }
    sim_load_call(sim.of[2].root, R4_CALL_NULL_LOCKED, (const uint64_t[6]){0});
    assert_false(sim_enter_call(sim.of[2].root));
    assert_true(n[0]->bits != 0);
    assert_int_equal(n[1]->bits, 0);
    sim_settle();
    assert_true(n[1]->bits != 0);
    n[0]->chain_waiters = 0;
}

static void test_drain__one_long_signal_an_entry(void **state)
{
    (void)state;
    drain_two(false);
}

/* All doorbells are lost: the entry that takes the long signal interrupts itself for the others. */
static void test_drain__interrupts_itself_for_the_rest(void **state)
{
    (void)state;
    drain_two(true);
}

/* The call that finds the doorbell lost may make a long signal, too: it is made in an entry of its own. */
static void test_drain__and_the_calls_own_long_signal(void **state)
{
    const uint64_t word[6] = {0};
    struct notification *n[2];
    uint32_t slot[2];

    (void)state;
    sim.audit_every = 0; /* the waiters are made up */
    for (uint32_t i = 0; i < 2; i++) {
        slot[i] = sim_make(1, R4_TYPE_NOTIFICATION, 0, 1);
        n[i] = notification_of(sim_slot(peer_root(), slot[i]));
    }
    SIM_ROOT(1, LINK_BIND, FROM_0, slot[0]);
    n[0]->chain_waiters = R4_CHAIN_WAITERS_MAX;
    n[1]->chain_waiters = R4_CHAIN_WAITERS_MAX;
    drop_doorbells(1);
    expect_ok(root(), LINK_SIGNAL, TO_1, 9);
    sim_load_call(peer_root(), r4_call_with_index(R4_CALL_NOTIFICATION_SIGNAL, slot[1]), word);
    assert_false(sim_enter_call(peer_root()));
    assert_true(n[0]->bits != 0);
    assert_int_equal(n[1]->bits, 0);
    n[0]->chain_waiters = 0;
    assert_true(sim_enter_call(peer_root()));
    assert_true(n[1]->bits != 0);
    n[0]->chain_waiters = 0;
    n[1]->chain_waiters = 0;
}

/* The bound notification is gone: bits stay, and another one can be bound and gets them. */
static void test_bind__after_the_notification_died(void **state)
{
    const uint32_t n = bind();

    (void)state;
    unbind();
    SIM_ROOT(1, CAP_DELETE, n, 0);
    expect_ok(root(), LINK_SIGNAL, TO_1, 3);
    sim_settle();
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 3);
    assert_int_equal(sim.of[1].cluster->links_bound, 0);
    assert_int_equal(SIM_ROOT(1, NOTIFICATION_POLL, bind(), 0), 3);
}

static void test_signal__errors_are_exact(void **state)
{
    const uint32_t badged = sim_slots_take(0, 1);
    const uint32_t weak = sim_slots_take(0, 1);

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, TO_1, 0);
    SIM_ROOT(0, CAP_MINT, TO_1, 0, badged, 6);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, badged, 1);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, badged, 7);
    expect_refused(root(), R4_E_RANGE, 1, LINK_SIGNAL, badged, 0);
    assert_int_equal(*sim.of[1].cluster->links[0].incoming, 0);
    expect_ok(root(), LINK_SIGNAL, badged, 4);
    SIM_ROOT(0, CAP_DERIVE, TO_1, 0, weak, R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, LINK_SIGNAL, weak, 1);
}

static void test_bind__errors_are_exact(void **state)
{
    const uint32_t n = sim_make(1, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t weak = sim_slots_take(1, 1);
    const uint32_t empty = sim_slots_take(1, 1);

    (void)state;
    SIM_ROOT(1, CAP_DERIVE, n, 0, weak, R4_RIGHT_LINK | R4_RIGHT_RECEIVE);
    expect_refused(peer_root(), R4_E_INDEX, 1, LINK_BIND, FROM_0, NO_CAP);
    expect_refused(peer_root(), R4_E_INDEX, 1, LINK_BIND, FROM_0, 0);
    expect_refused(peer_root(), R4_E_EMPTY, 1, LINK_BIND, FROM_0, empty);
    expect_refused(peer_root(), R4_E_TYPE, 1, LINK_BIND, FROM_0, R4_INIT_SLOT_PD);
    expect_refused(peer_root(), R4_E_RIGHTS, 1, LINK_BIND, FROM_0, weak);
    SIM_ROOT(1, LINK_BIND, FROM_0, n);
    expect_refused(peer_root(), R4_E_STATE, 0, LINK_BIND, FROM_0, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_signal__arrives_as_it_is),
        SIM_TEST(test_signal__merges),
        SIM_TEST(test_signal__wakes_a_waiter),
        SIM_TEST(test_signal__waits_until_somebody_is_bound),
        SIM_TEST(test_signal__survives_a_lost_doorbell),
        SIM_TEST(test_drain__one_long_signal_an_entry),
        SIM_TEST(test_drain__interrupts_itself_for_the_rest),
        SIM_TEST(test_drain__and_the_calls_own_long_signal),
        SIM_TEST(test_bind__after_the_notification_died),
        SIM_TEST(test_signal__errors_are_exact),
        SIM_TEST(test_bind__errors_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
