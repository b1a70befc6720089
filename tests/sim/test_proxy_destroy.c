/* SPDX-License-Identifier: MIT */
/*
 * Calls through a chain that destroy what the chain runs through, and peers whose tables are shared,
 * cut or gone. The auditor looks after each entry.
 */
#include "proxy_world.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/notification.h>

#define ALL   ((uint16_t)R4_RIGHTS_DEFINED)
#define ONCE  R4_PROXY_ONCE_MASK
#define GRANT word_index(MARKED_PAGE, 0)
#define USE   word_index(PLAIN_PAGE, 3)
#define THING 20u /* of domain 0's table: what the chain leads to */

/* Domain 0 grants slot THING, which is moved there from the root task's table, to domain 1. */
static void start_with(uint32_t slot, uint64_t once)
{
    SIM_ROOT(0, CAP_MOVE, slot, domain[0].table, THING);
    domain[0].word[0] = grant(1, THING, ALL, 5) | once;
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    run(1);
}

#define user_done(...)           expect_ok(domain[1].t, __VA_ARGS__)
#define user_refused(error, ...) expect_refused(domain[1].t, error, 0, __VA_ARGS__)

/* ------------------------------------------------------------------------------------------------
 * The page of the word
 */

static void test_P11_the_page_with_the_calls_own_word(void **state)
{
    const uint32_t untyped = (proxy_world(2), domain[0].frame[0] - 1u);

    (void)state;
    start_with(untyped, ONCE);
    user_done(CAP_REVOKE, USE, 0);
    user_refused(R4_E_PROXY, CAP_REVOKE, USE, 0);
    assert_int_equal(domain[0].word[0], 0);
    /* What it becomes is clean. */
    done(0, UNTYPED_RETYPE, THING, R4_TYPE_THREAD, 0, 0, 100, 4);
    run(1);
    user_refused(R4_E_PROXY, CAP_REVOKE, USE, 0);
}

/* The word is given back into a page that is gone when the call stops half-way. */
static void test_P11_a_word_given_back_to_a_page_that_is_gone(void **state)
{
    const uint64_t va = (proxy_world(2), WINDOW_BASE + ABSENT_PAGE * R4_PAGE_BYTES);
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t slots = sim_slots_take(0, 41);
    const uint64_t word[6] = {0};
    uint64_t *at;

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_NOTIFICATION, 0, 0, slots, 40);
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 0, slots + 40u, 1);
    SIM_ROOT(0, FRAME_MAP, slots + 40u, domain[0].pd, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    SIM_ROOT(0, FRAME_MARK, slots + 40u);
    at = arch_dmap_ptr((struct paddr){sim_slot(sim.of[0].root, slots + 40u)->object});
    start_with(untyped, 0);
    at[0] = grant(1, THING, ALL, 5) | ONCE;
    domain[1].word[PAGE_WORDS + 3u] = use(0, word_index(ABSENT_PAGE, 0), 5);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
    sim_load_call(domain[1].t, r4_call_with_index(R4_CALL_CAP_REVOKE, USE), word);
    assert_false(sim_enter_call(domain[1].t));
    assert_true(slot_is_empty(sim_slot(sim.of[0].root, slots + 40u)));
    assert_true(sim_enter_call(domain[1].t));
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_PROXY);
    done(0, CAP_REVOKE, THING, 0);
    done(0, UNTYPED_RETYPE, THING, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 0, 100, 1);
    assert_false(derive_has_children(domain_slot(0, 100)));
}

/* ------------------------------------------------------------------------------------------------
 * The domains of the chain
 */

static void test_T25_the_domain_that_the_chain_runs_through(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(domain[0].pd, 0);
    user_done(CAP_REVOKE, USE, 0);
    assert_int_equal(domain[0].t->state, R4_THREAD_STATE_DEAD);
    user_done(CAP_DELETE, USE, 0);
    user_refused(R4_E_PROXY, CAP_DELETE, USE, 0);
    user_refused(R4_E_PROXY, CAP_IDENTIFY, USE, 0);
}

static void test_T25_the_callers_own_domain(void **state)
{
    struct thread *user;
    uint64_t number;

    (void)state;
    proxy_world(2);
    start_with(domain[1].pd, ONCE);
    user = domain[1].t;
    number = user->number;
    assert_false(SIM_CALL(user, CAP_REVOKE, USE, 0).is_done);
    sim_settle();
    assert_int_equal(user->number, number);
    assert_int_equal(user->state, R4_THREAD_STATE_DEAD);
    /* Its call came to its end: the word is used up. */
    assert_int_equal(domain[0].word[0], 0);
    assert_int_equal(slot_type(domain_slot(0, THING)), R4_TYPE_PD);
}

static void test_T25_the_table_that_the_chain_runs_through(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(domain[0].table, 0);
    /* The domain's own hold of its table is a child of this capability. */
    user_done(CAP_REVOKE, USE, 0);
    user_refused(R4_E_PROXY, CAP_IDENTIFY, USE, 0);
    assert_null(pd_table(pd_of(sim_slot(sim.of[0].root, domain[0].pd))));
}

/* Without a table nothing has a name, whatever stands in the window. */
static void test_T25_the_callers_own_table(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), 0);
    SIM_ROOT(0, CAP_REVOKE, domain[1].table, 0);
    run(1);
    user_refused(R4_E_INDEX, NOTIFICATION_SIGNAL, USE, 0);
    user_refused(R4_E_INDEX, NOTIFICATION_POLL, USE, 0);
    domain[1].word[PAGE_WORDS + 3u] = 0;
    user_refused(R4_E_INDEX, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_T25_the_last_capability_of_the_table_deletes_itself(void **state)
{
    struct thread *root = sim.of[0].root;

    (void)state;
    proxy_world(2);
    start_with(domain[0].table, 0);
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    user_done(CAP_IDENTIFY, USE, 0);
    user_done(CAP_DELETE, USE, 0);
    user_refused(R4_E_PROXY, CAP_IDENTIFY, USE, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    /* With the domain its table went, and with that its end of the peer. */
    assert_int_equal(domain_slot(1, PEER_SLOT(0))->extra, 0);
    assert_true(slot_is_empty(sim_slot(root, domain[0].pd)));
}

/* ------------------------------------------------------------------------------------------------
 * The peers of the chain
 */

static void test_D11_the_peer_that_the_chain_runs_through(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(domain[0].table, ONCE);
    user_done(CAP_TABLE_DELETE, USE, PEER_SLOT(1));
    assert_int_equal(domain[0].word[0], 0);
    assert_true(slot_is_empty(domain_slot(0, PEER_SLOT(1))));
    assert_int_equal(domain_slot(1, PEER_SLOT(0))->extra, 0);
    domain[0].word[0] = grant(1, THING, ALL, 5);
    user_refused(R4_E_PROXY, CAP_IDENTIFY, USE, 0);
}

static void test_D11_the_callers_end_of_the_peer(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(domain[1].table, 0);
    user_done(CAP_TABLE_DELETE, USE, PEER_SLOT(0));
    expect_refused(domain[1].t, R4_E_EMPTY, R4_DETAIL_PEER, CAP_IDENTIFY, USE, 0);
    assert_int_equal(domain_slot(0, PEER_SLOT(1))->extra, 0);
}

static void test_D11_the_memory_of_the_peer(void **state)
{
    const uint32_t untyped = (proxy_world(2), sim_make(0, R4_TYPE_UNTYPED, R4_PEER_SIZE_BITS, 1));
    const uint32_t peer = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_PEER, 0, 0, peer, 1);
    SIM_ROOT(0, PEER_BIND, peer, domain[0].pd, 60, domain[1].pd, 61);
    start_with(untyped, 0);
    domain[0].word[0] = proxy_make(R4_PROXY_KIND_GRANT, 60, THING, ALL, 5) | ONCE;
    domain[1].word[PAGE_WORDS + 3u] = proxy_make(R4_PROXY_KIND_USE, 61, GRANT, ALL, 5);
    user_done(CAP_REVOKE, USE, 0);
    assert_int_equal(domain[0].word[0], 0);
    assert_true(slot_is_empty(domain_slot(0, 60)) && slot_is_empty(domain_slot(1, 61)));
    done(0, UNTYPED_RETYPE, THING, R4_TYPE_NOTIFICATION, 0, 0, 100, 1);
    refused(1, R4_E_EMPTY, R4_DETAIL_PEER, CAP_IDENTIFY, USE, 0);
}

static void test_D11_tombstones(void **state)
{
    (void)state;
    proxy_world(2);
    done(0, CAP_DELETE, PEER_SLOT(1), 0);
    /* Made again in the same slots: the tombstone's owner has to delete it first. */
    refused(1, R4_E_TYPE, 0, CAP_MOVE, PEER_SLOT(0), 0, 90);
    refused(1, R4_E_RIGHTS, 0, CAP_COPY, PEER_SLOT(0), 0, 90);
    refused(1, R4_E_RIGHTS, 0, PEER_BIND, PEER_SLOT(0), R4_INIT_SLOT_PD, 90, R4_INIT_SLOT_PD, 91);
    done(1, CAP_DELETE, PEER_SLOT(0), 0);
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, PEER_SLOT(1),
             domain[1].pd, PEER_SLOT(0));
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    done(1, CAP_IDENTIFY, USE, 0);
    /* Both ends in one table, one after the other. */
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, 60, domain[0].pd, 61);
    done(0, CAP_DELETE, 61, 0);
    assert_int_equal(domain_slot(0, 60)->extra, 0);
    done(0, CAP_DELETE, 60, 0);
    /* Never bound. */
    SIM_ROOT(0, CAP_DELETE, sim_make(0, R4_TYPE_PEER, 0, 1), 0);
}

/* Tables with both ends of peers, whole ends and tombstones, die. */
static void test_D11_tables_that_die_with_peers(void **state)
{
    (void)state;
    proxy_world(3);
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[0].pd, 60, domain[0].pd, 61);
    done(1, CAP_DELETE, PEER_SLOT(0), 0);
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_REVOKE, domain[0].table, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].table, 0);
    assert_true(slot_is_empty(domain_slot(1, PEER_SLOT(0))));
    assert_int_equal(slot_type(domain_slot(2, PEER_SLOT(0))), R4_TYPE_PEER);
    assert_int_equal(domain_slot(2, PEER_SLOT(0))->extra, 0);
}

static void test_D11_slots_for_the_ends(void **state)
{
    const uint32_t peer = (proxy_world(2), sim_make(0, R4_TYPE_PEER, 0, 1));

    (void)state;
    SIM_ROOT(0, CAP_MOVE, peer, domain[0].table, 60);
    SIM_ROOT(0, CAP_COPY, domain[0].pd, domain[0].table, 21);
    SIM_ROOT(0, CAP_COPY, domain[1].pd, domain[0].table, 22);
    /* The slot that the fresh peer stands in is not empty. */
    refused(0, R4_E_OCCUPIED, 2, PEER_BIND, 60, 21, 60, 22, 61);
    refused(0, R4_E_OCCUPIED, 4, PEER_BIND, 60, 22, 61, 21, 60);
    refused(0, R4_E_OCCUPIED, 4, PEER_BIND, 60, 21, 61, 21, 61);
    refused(0, R4_E_RANGE, 2, PEER_BIND, 60, 21, 255, 22, 61);
    refused(0, R4_E_RANGE, 2, PEER_BIND, 60, 21, 0x10061, 22, 61);
    assert_int_equal(slot_rights(domain_slot(0, 60)), R4_RIGHT_CONTROL);
    /* Through a chain it cannot be bound: that would change the granter's table. */
    domain[0].word[0] = grant(1, 60, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    SIM_ROOT(0, CAP_COPY, domain[1].pd, domain[1].table, 22);
    refused(1, R4_E_PROXY, 0, PEER_BIND, USE, 22, 61, 22, 62);
    done(0, PEER_BIND, 60, 21, 61, 22, 61);
    assert_true(slot_is_empty(domain_slot(0, 60)));
    assert_int_equal(slot_type(domain_slot(1, 61)), R4_TYPE_PEER);
}

/* Two domains with one table: both use its peers, and the other side hears the one that was bound. */
static void test_D11_a_table_of_two_domains(void **state)
{
    const uint32_t pd = (proxy_world(2), sim_make(0, R4_TYPE_PD, 0, 1));
    struct thread *second;
    uint64_t *word;
    uint32_t frame;

    (void)state;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, domain[0].table, WINDOW_BASE, R4_PAGE_BYTES);
    frame = sim_map_frame(0, pd, R4_PAGE_BITS, WINDOW_BASE, R4_RIGHT_READ | R4_RIGHT_WRITE);
    SIM_ROOT(0, FRAME_MARK, frame);
    word = arch_dmap_ptr((struct paddr){sim_slot(sim.of[0].root, frame)->object});
    second = sim_thread_at(sim.of[0].root, sim_make_thread(0, pd, 1, 50));
    /* It grants to domain 1, who looks for GRANTs of the domain that was bound. */
    word[0] = grant(1, ROOT_SLOT, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[1].table, ROOT_SLOT, 4);
    domain[1].word[0] = grant(0, ROOT_SLOT, ALL, 5);
    word[1] = use(1, GRANT, 5);
    sim_settle();
    expect_ok(second, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1), 0);
    assert_int_equal(notification_of(domain_slot(1, ROOT_SLOT))->bits, 4);
    expect_waiting(second, NOTIFICATION_WAIT, ROOT_SLOT);
    refused(1, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    done(1, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(sim_reply_of(second).word[0], 0x40);
    /* The one that was bound goes: nobody is heard any more; the other one still uses. */
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    sim_settle();
    expect_ok(second, NOTIFICATION_SIGNAL, word_index(MARKED_PAGE, 1), 0);
    expect_waiting(second, NOTIFICATION_WAIT, ROOT_SLOT);
    user_refused(R4_E_PROXY, NOTIFICATION_SIGNAL, USE, 0);
}

/* ------------------------------------------------------------------------------------------------
 * The root of the chain, and waiters
 */

static void test_D9_the_capability_at_the_root(void **state)
{
    (void)state;
    proxy_world(2);
    start_with(sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), ONCE);
    user_done(CAP_DELETE, USE, 0);
    assert_true(slot_is_empty(domain_slot(0, THING)));
    assert_int_equal(domain[0].word[0], 0);
}

/* Domain 2 has the notification too and signals at the end. */
static void start_waiter(void)
{
    proxy_world(3);
    start_with(sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), 0);
    SIM_ROOT(0, CAP_MOVE, domain[1].table, domain[2].table, 70);
    done(0, CAP_MINT, THING, 0, 21, 8);
    domain[0].word[2] = grant(2, 21, ALL, 3);
    domain[2].word[PAGE_WORDS + 3u] = use(0, word_index(MARKED_PAGE, 2), 3);
    done(2, CAP_LINK, USE, 71);
    run(1);
    expect_waiting(domain[1].t, NOTIFICATION_WAIT, USE);
}

static void test_T10_the_notification_of_a_waiter_goes(void **state)
{
    (void)state;
    start_waiter();
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, 21);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, THING);
    assert_int_equal(domain[1].t->state, R4_THREAD_STATE_WAITING);
    done(2, CAP_DELETE, 71, 0);
    assert_int_equal(sim_reply_of(domain[1].t).err, R4_E_DEAD);
}

static void test_T10_the_domain_of_a_waiter_goes(void **state)
{
    (void)state;
    start_waiter();
    SIM_ROOT(0, CAP_REVOKE, domain[1].pd, 0);
    assert_int_equal(domain[1].t->state, R4_THREAD_STATE_DEAD);
    expect_ok(domain[2].t, NOTIFICATION_SIGNAL, 71, 0);
    assert_int_equal(notification_of(domain_slot(2, 71))->bits, 8);
}

static void test_T10_the_table_of_a_waiter_goes(void **state)
{
    struct thread *waiter;

    (void)state;
    start_waiter();
    waiter = domain[1].t;
    run(2);
    expect_ok(domain[2].t, CAP_REVOKE, 70, 0);
    expect_ok(domain[2].t, CAP_DELETE, 70, 0);
    expect_ok(domain[2].t, NOTIFICATION_SIGNAL, 71, 0);
    assert_int_equal(sim_reply_of(waiter).err, R4_E_PROXY);
    assert_int_equal(notification_of(domain_slot(2, 71))->bits, 8);
}

static void test_T10_the_granter_of_a_waiter_goes(void **state)
{
    struct thread *waiter;

    (void)state;
    start_waiter();
    waiter = domain[1].t;
    run(2);
    SIM_ROOT(0, CAP_REVOKE, domain[0].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[0].pd, 0);
    expect_ok(domain[2].t, NOTIFICATION_SIGNAL, 71, 0);
    assert_int_equal(sim_reply_of(waiter).err, R4_E_PROXY);
    assert_int_equal(notification_of(domain_slot(2, 71))->bits, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_P11_the_page_with_the_calls_own_word),
        SIM_TEST(test_P11_a_word_given_back_to_a_page_that_is_gone),
        SIM_TEST(test_T25_the_domain_that_the_chain_runs_through),
        SIM_TEST(test_T25_the_callers_own_domain),
        SIM_TEST(test_T25_the_table_that_the_chain_runs_through),
        SIM_TEST(test_T25_the_callers_own_table),
        SIM_TEST(test_T25_the_last_capability_of_the_table_deletes_itself),
        SIM_TEST(test_D11_the_peer_that_the_chain_runs_through),
        SIM_TEST(test_D11_the_callers_end_of_the_peer),
        SIM_TEST(test_D11_the_memory_of_the_peer),
        SIM_TEST(test_D11_tombstones),
        SIM_TEST(test_D11_tables_that_die_with_peers),
        SIM_TEST(test_D11_slots_for_the_ends),
        SIM_TEST(test_D11_a_table_of_two_domains),
        SIM_TEST(test_D9_the_capability_at_the_root),
        SIM_TEST(test_T10_the_notification_of_a_waiter_goes),
        SIM_TEST(test_T10_the_domain_of_a_waiter_goes),
        SIM_TEST(test_T10_the_table_of_a_waiter_goes),
        SIM_TEST(test_T10_the_granter_of_a_waiter_goes),
    };

    return cmocka_run_group_tests_name("proxy destroy", tests, NULL, NULL);
}
