/* SPDX-License-Identifier: MIT */
/* The call that shows the derivation tree: order, depth, places, status, each error, its bound. */
#include "sim_test.h"

#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <string.h>

#define MONITOR R4_INIT_SLOT_MONITOR
#define OWN     0u
#define FROM_1  (R4_INIT_SLOT_LINKS + 1u)

static struct thread *root(void)
{
    return sim.of[0].root;
}

struct answer {
    uint64_t view;
    uint64_t badge;
    uint32_t home;
    uint64_t number;
    uint64_t depth;
    uint64_t status;
};

static struct answer ask(uint32_t table, uint32_t slot, uint32_t nth)
{
    const struct sim_reply reply = SIM_CALL(root(), MONITOR_DERIVATION, MONITOR, table, slot, nth);

    assert_true(reply.is_done);
    assert_int_equal(reply.err, R4_OK);
    return (struct answer){
        .view = reply.word[0],
        .badge = reply.word[1],
        .home = r4_cap_place_home(reply.word[2]),
        .number = r4_cap_place_number(reply.word[2]),
        .depth = reply.word[3],
        .status = reply.word[4],
    };
}

static bool has_more(const struct answer *a)
{
    return r4_cap_status_more(a->status) != 0;
}

static void expect_place(uint32_t slot, uint32_t nth, enum r4_cap_home home, uint64_t number,
                         uint64_t depth)
{
    const struct answer a = ask(OWN, slot, nth);

    assert_int_equal(a.home, home);
    assert_int_equal(a.number, number);
    assert_int_equal(a.depth, depth);
}

static uint32_t copy(uint32_t from)
{
    const uint32_t to = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_COPY, from, 0, to);
    return to;
}

static void test_itself(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const struct answer a = ask(OWN, n, 0);

    (void)state;
    assert_int_equal(r4_cap_view_type(a.view), R4_TYPE_NOTIFICATION);
    assert_int_equal(a.view, SIM_ROOT(0, CAP_IDENTIFY, n, 0));
    assert_int_equal(a.home, R4_CAP_HOME_TABLE);
    assert_int_equal(a.number, n);
    assert_int_equal(a.depth, 0);
    assert_int_equal(a.status, 0);
}

/* Each before what was made from it, the younger before the older; rights, badge and table shown. */
static void test_order_and_depth(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t elder = copy(n);
    const uint32_t younger = copy(n);
    const uint32_t badged = sim_slots_take(0, 1);
    struct answer a;

    (void)state;
    SIM_ROOT(0, CAP_MINT, elder, 0, badged, 7);
    SIM_ROOT(0, CAP_DERIVE, badged, table, 200, R4_RIGHT_SIGNAL);
    expect_place(n, 0, R4_CAP_HOME_TABLE, n, 0);
    expect_place(n, 1, R4_CAP_HOME_TABLE, younger, 1);
    expect_place(n, 2, R4_CAP_HOME_TABLE, elder, 1);
    expect_place(n, 3, R4_CAP_HOME_TABLE, badged, 2);
    expect_place(n, 4, R4_CAP_HOME_OTHER_TABLE, 200, 3);
    for (uint32_t nth = 0; nth <= 4; nth++) {
        a = ask(OWN, n, nth);
        assert_int_equal(has_more(&a), nth < 4);
    }
    assert_int_equal(a.badge, 7);
    assert_int_equal(r4_cap_view_rights(a.view), R4_RIGHT_SIGNAL);
    assert_int_equal(r4_cap_view_ttl(a.view), r4_cap_view_ttl(ask(OWN, n, 0).view) - 3);
    expect_refused(root(), R4_E_AGAIN, 3, MONITOR_DERIVATION, MONITOR, OWN, n, 5);
    expect_place(elder, 1, R4_CAP_HOME_TABLE, badged, 1);
    expect_place(younger, 0, R4_CAP_HOME_TABLE, younger, 0);
    expect_refused(root(), R4_E_AGAIN, 3, MONITOR_DERIVATION, MONITOR, OWN, younger, 1);
}

/* The same slot, named through its table: now it is the caller's own that is another one. */
static void test_another_table(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    struct answer a;
    uint32_t back;

    (void)state;
    SIM_ROOT(0, CAP_COPY, n, table, 9);
    SIM_ROOT(0, CAP_TABLE_TAKE, table, 9, back = sim_slots_take(0, 1));
    SIM_ROOT(0, CAP_MOVE, n, table, 9);
    a = ask(table, 9, 0);
    assert_int_equal(a.home, R4_CAP_HOME_TABLE);
    assert_int_equal(a.number, 9);
    a = ask(table, 9, 1);
    assert_int_equal(a.home, R4_CAP_HOME_OTHER_TABLE);
    assert_int_equal(a.number, back);
}

/* What stands in objects. */
static void test_embedded(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t table = pd + 1;
    const uint32_t thread = sim_make_thread(0, pd, 1, 10);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = sim_slots_take(0, 1);
    const uint64_t number = sim_thread_at(root(), thread)->number;
    uint64_t asid;

    (void)state;
    SIM_ROOT(0, THREAD_BIND_FAULT, thread, n);
    SIM_ROOT(0, LINK_BIND, FROM_1, n);
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, R4_IRQ_MODE_EDGE, 0, handler);
    SIM_ROOT(0, IRQ_BIND, handler, n);
    asid = sim_pd_at(root(), pd)->asid;
    assert_true(asid != 0 && number > 1);
    expect_place(pd, 1, R4_CAP_HOME_THREAD_PD, number, 1);
    expect_place(table, 1, R4_CAP_HOME_PD_TABLE, asid, 1);
    expect_place(n, 1, R4_CAP_HOME_IRQ, 4, 1);
    expect_place(n, 2, R4_CAP_HOME_LINK, 1, 1);
    expect_place(n, 3, R4_CAP_HOME_THREAD_FAULT, number, 1);
    expect_place(R4_INIT_SLOT_IRQ_CONTROL, 1, R4_CAP_HOME_TABLE, handler, 1);
}

/* A revoke that stopped half-way: the top is being revoked, what is below is frozen. */
static void test_status__of_a_revoke(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t child = copy(n);

    (void)state;
    slot_set_flags(sim_slot(root(), n), SLOT_REVOKING, 0);
    slot_set_flags(sim_slot(root(), child), SLOT_FROZEN, 0);
    assert_int_equal(ask(OWN, n, 0).status,
                     r4_cap_status_with_more(r4_cap_status_with_revoking(0, 1), 1));
    assert_int_equal(ask(OWN, n, 1).status, r4_cap_status_with_frozen(0, 1));
    slot_set_flags(sim_slot(root(), n), 0, SLOT_REVOKING);
    slot_set_flags(sim_slot(root(), child), 0, SLOT_FROZEN);
}

/* An object that is being destroyed still stands below its untyped; its memory names nothing. */
static void test_status__of_a_zombie(void **state)
{
    const uint32_t area = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t table = sim_slots_take(0, 1);
    struct answer a;

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, area, R4_TYPE_CAP_TABLE, 16, 0, table, 1);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1);
    sim_load_call(root(), r4_call_with_number(r4_call_with_index(0, table), R4_CALL_CAP_DELETE),
                  (const uint64_t[6]){0});
    assert_false(sim_enter_call(root()));
    sim_no_fault_points(0);
    assert_non_null(sim.of[0].cluster->zombies);
    a = ask(OWN, area, 1);
    assert_int_equal(a.home, R4_CAP_HOME_GRAVE);
    assert_int_equal(a.number, 0);
    assert_int_equal(a.badge, 0);
    assert_int_equal(r4_cap_view_type(a.view), R4_TYPE_CAP_TABLE);
    assert_int_equal(a.status, r4_cap_status_with_dying(0, 1));
    SIM_ROOT(0, REAP, 0, 0);
    expect_refused(root(), R4_E_AGAIN, 3, MONITOR_DERIVATION, MONITOR, OWN, area, 1);
}

static void test_errors_are_exact(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t spare = sim_slots_take(0, 3);
    const uint32_t unreadable = spare;
    const uint32_t empty = spare + 1;
    const uint32_t weak = spare + 2;

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, table, 0, unreadable, R4_RIGHT_WRITE | R4_RIGHT_LINK);
    SIM_ROOT(0, CAP_DERIVE, MONITOR, 0, weak, R4_RIGHT_WRITE | R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, MONITOR_DERIVATION, weak, OWN, n, 0);
    expect_refused(root(), R4_E_TYPE, 0, MONITOR_DERIVATION, n, OWN, n, 0);
    expect_refused(root(), R4_E_INDEX, 1, MONITOR_DERIVATION, MONITOR, SIM_TABLE_SLOTS, n, 0);
    expect_refused(root(), R4_E_INDEX, 1, MONITOR_DERIVATION, MONITOR, SIM_TABLE_LAST, n, 0);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_DERIVATION, MONITOR, UINT64_C(1) << 24, n, 0);
    expect_refused(root(), R4_E_EMPTY, 1, MONITOR_DERIVATION, MONITOR, empty, n, 0);
    expect_refused(root(), R4_E_TYPE, 1, MONITOR_DERIVATION, MONITOR, n, n, 0);
    expect_refused(root(), R4_E_RIGHTS, 1, MONITOR_DERIVATION, MONITOR, unreadable, 1, 0);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_DERIVATION, MONITOR, OWN, 0, 0);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_DERIVATION, MONITOR, OWN, SIM_TABLE_SLOTS, 0);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_DERIVATION, MONITOR, OWN, SIM_TABLE_LAST, 0);
    expect_refused(root(), R4_E_RANGE, 2, MONITOR_DERIVATION, MONITOR, table, 255, 0);
    expect_refused(root(), R4_E_EMPTY, 2, MONITOR_DERIVATION, MONITOR, table, 254, 0);
    expect_refused(root(), R4_E_EMPTY, 2, MONITOR_DERIVATION, MONITOR, OWN, empty, 0);
    expect_refused(root(), R4_E_EMPTY, 2, MONITOR_DERIVATION, MONITOR, table, 1, 0);
    expect_refused(root(), R4_E_RANGE, 3, MONITOR_DERIVATION, MONITOR, OWN, n,
                   R4_DERIVATION_MAX + 1);
    expect_refused(root(), R4_E_RANGE, 3, MONITOR_DERIVATION, MONITOR, OWN, n, UINT64_MAX);
    expect_refused(root(), R4_E_AGAIN, 3, MONITOR_DERIVATION, MONITOR, OWN, n, 1);
    expect_refused(root(), R4_E_AGAIN, 3, MONITOR_DERIVATION, MONITOR, OWN, n, R4_DERIVATION_MAX);
}

/* The last one that can be asked for says that there are more. */
static void test_bound(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t first = sim_slots_take(0, R4_DERIVATION_MAX + 1);
    struct answer a;

    (void)state;
    sim.audit_every = 0;
    for (uint32_t i = 0; i <= R4_DERIVATION_MAX; i++) {
        SIM_ROOT(0, CAP_COPY, n, 0, first + i);
    }
    for (uint32_t nth = 1; nth <= R4_DERIVATION_MAX; nth++) {
        expect_place(n, nth, R4_CAP_HOME_TABLE, first + R4_DERIVATION_MAX + 1 - nth, 1);
    }
    a = ask(OWN, n, R4_DERIVATION_MAX);
    assert_true(has_more(&a));
    SIM_ROOT(0, CAP_DELETE, first, 0);
    a = ask(OWN, n, R4_DERIVATION_MAX);
    assert_false(has_more(&a));
}

/* Nothing that comes back is or holds an address of the kernel. */
static void test_D1_no_kernel_address(void **state)
{
    (void)state;
    (void)sim_make_thread(0, sim_make_pd(0), 1, 10);
    for (uint32_t slot = 1; slot < SIM_TABLE_LAST; slot++) {
        for (uint32_t nth = 0; nth <= R4_DERIVATION_MAX; nth++) {
            const struct sim_reply reply =
                SIM_CALL(root(), MONITOR_DERIVATION, MONITOR, OWN, slot, nth);

            if (reply.err != R4_OK) {
                break;
            }
            assert_int_equal(reply.word[0] & R4_CAP_VIEW_MBZ_MASK, 0);
            assert_in_range(r4_cap_place_home(reply.word[2]), 0, R4_CAP_HOME_GRAVE);
            assert_true(r4_cap_place_number(reply.word[2]) < SIM_TABLE_SLOTS ||
                        r4_cap_place_home(reply.word[2]) == R4_CAP_HOME_PD_TABLE);
            assert_true(reply.word[3] <= nth);
            assert_int_equal(reply.word[4] & R4_CAP_STATUS_MBZ_MASK, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_itself),
        SIM_TEST(test_order_and_depth),
        SIM_TEST(test_another_table),
        SIM_TEST(test_embedded),
        SIM_TEST(test_status__of_a_revoke),
        SIM_TEST(test_status__of_a_zombie),
        SIM_TEST(test_errors_are_exact),
        SIM_TEST(test_bound),
        SIM_TEST(test_D1_no_kernel_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
