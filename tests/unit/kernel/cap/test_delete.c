/* SPDX-License-Identifier: MIT */
/*
 * Deletion and destruction, whole and interrupted after every step. The auditor looks after each
 * entry.
 */
#include "sim_test.h"

#include <kernel/call.h>
#include <kernel/delete.h>
#include <kernel/derive.h>
#include <kernel/notification.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/points.h>

#define VA         UINT64_C(0x10000000)
#define FRAMES     40u
#define UNTYPED_OF 19u /* log2 bytes of an untyped for a test's objects */

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct cluster *cluster(void)
{
    return sim.of[0].cluster;
}

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(root(), n);
}

/* From now on every preemption point of the cluster sees an interrupt, or none does. */
static void interrupt_always(bool always)
{
    struct fault_plan *plan = &cluster()->faults;

    plan->count = always ? 1 : 0;
    plan->entry[0].point = R4_FAULT_POINT_PREEMPT_POLL;
    plan->entry[0].action = FAULT_ACTION_PREEMPT;
    plan->entry[0].remaining = 0;
}

/* Objects of a test: an untyped of their own, and what goes on outside of it. */
struct scene {
    uint32_t untyped;
    uint32_t caps;
    uint32_t threads;
    uint32_t asids;
};

static struct scene look(uint32_t untyped)
{
    struct scene s = {.untyped = untyped};
    const struct slot *top = &cluster()->tour;

    for (const struct slot *at = top; at != NULL; at = derive_next(top, at)) {
        s.caps++;
    }
    for (const struct list_link *at = cluster()->threads.next; at != &cluster()->threads;
         at = at->next) {
        s.threads++;
    }
    for (uint32_t i = 0; i < R4_ASIDS_MAX; i++) {
        s.asids += cluster()->asids.entry[i].pd != NULL;
    }
    return s;
}

static struct scene begin_scene(void)
{
    return look(sim_make(0, R4_TYPE_UNTYPED, UNTYPED_OF, 1));
}

static uint32_t make(const struct scene *s, enum r4_type type, uint8_t bits, uint32_t count)
{
    const uint32_t first = sim_slots_take(0, count);

    SIM_ROOT(0, UNTYPED_RETYPE, s->untyped, (uint64_t)type, bits, 0, first, count);
    return first;
}

/* All that was made is gone, and its memory is back. */
static void expect_nothing_left(const struct scene *s)
{
    const struct scene now = look(s->untyped);

    assert_null(cluster()->zombies);
    assert_false(derive_has_children(slot_at(s->untyped)));
    assert_int_equal(now.caps, s->caps);
    assert_int_equal(now.threads, s->threads);
    assert_int_equal(now.asids, s->asids);
}

static void test_cap_delete__children_go_to_the_parent(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slots = sim_slots_take(0, 3);

    (void)state;
    SIM_ROOT(0, CAP_COPY, n, 0, slots);
    SIM_ROOT(0, CAP_COPY, slots, 0, slots + 1);
    SIM_ROOT(0, CAP_COPY, slots, 0, slots + 2);
    SIM_ROOT(0, CAP_DELETE, slots);
    assert_true(slot_is_empty(slot_at(slots)));
    assert_int_equal(object_of(slot_at(n))->caps, 3);
    assert_ptr_equal(derive_first_child(slot_at(n)), slot_at(slots + 2));
    assert_ptr_equal(derive_next_sibling(slot_at(slots + 2)), slot_at(slots + 1));
    expect_refused(root(), R4_E_EMPTY, 0, CAP_DELETE, slots, 0);
}

/* One capability of each type is the only one; its memory can be used again afterwards. */
static void delete_one_of_each(bool always)
{
    static const struct {
        enum r4_type type;
        uint8_t bits;
    } kinds[] = {
        {R4_TYPE_UNTYPED, 12},     {R4_TYPE_FRAME, 12}, {R4_TYPE_PAGE_TABLE, 0},
        {R4_TYPE_CAP_TABLE, 14},   {R4_TYPE_PD, 0},     {R4_TYPE_THREAD, 0},
        {R4_TYPE_NOTIFICATION, 0},
    };
    const struct scene s = begin_scene();

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const uint32_t n = make(&s, kinds[i].type, kinds[i].bits, 1);

        interrupt_always(always);
        SIM_ROOT(0, CAP_DELETE, n);
        interrupt_always(false);
        assert_true(slot_is_empty(slot_at(n)));
        expect_nothing_left(&s);
    }
}

static void test_cap_delete__last_capability_of_each_type(void **state)
{
    (void)state;
    delete_one_of_each(false);
    delete_one_of_each(true);
}

/*
 * A table with capabilities of its own, copies of others, and mapped frames. Returns its slot; `pd`
 * is where they are mapped.
 */
static uint32_t make_full_table(const struct scene *s, uint32_t pd)
{
    const uint32_t table = make(s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t frames = make(s, R4_TYPE_FRAME, 12, FRAMES);
    const uint32_t notifications = make(s, R4_TYPE_NOTIFICATION, 0, 2);

    sim_make_tables(0, pd, VA, 1);
    for (uint32_t i = 0; i < FRAMES; i++) {
        SIM_ROOT(0, FRAME_MAP, frames + i, pd, VA + i * R4_PAGE_BYTES, R4_RIGHT_READ);
        SIM_ROOT(0, CAP_MOVE, frames + i, table, 254 - 2 * i);
    }
    SIM_ROOT(0, CAP_COPY, notifications, table, 1);
    SIM_ROOT(0, CAP_MOVE, notifications, table, 2);
    SIM_ROOT(0, CAP_MOVE, notifications + 1, table, 4);
    return table;
}

static void test_cap_delete__table_goes_with_all_that_is_in_it(void **state)
{
    struct paddr pa;

    (void)state;
    for (unsigned always = 0; always < 2; always++) {
        const uint32_t pd = R4_INIT_SLOT_PD;
        struct scene s;
        uint32_t table;

        sim_make_tables(0, pd, VA, 1);
        s = begin_scene();
        table = make_full_table(&s, pd);
        assert_true(host_translate(sim_core(0, 0), VA, R4_RIGHT_READ, &pa));
        interrupt_always(always != 0);
        SIM_ROOT(0, CAP_DELETE, table);
        interrupt_always(false);
        expect_nothing_left(&s);
        for (uint32_t i = 0; i < FRAMES; i++) {
            assert_false(
                host_translate(sim_core(0, 0), VA + i * R4_PAGE_BYTES, R4_RIGHT_READ, &pa));
        }
    }
}

/* The rest of an interrupted deletion is `reap`: what comes into the slot meanwhile stays. */
static void test_cap_delete__interrupted_does_not_look_at_its_slot_again(void **state)
{
    const struct scene s = begin_scene();
    const uint32_t kept = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t pair = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t other = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 9);
    struct thread *t = sim_thread_at(root(), other);

    (void)state;
    sim_settle();
    SIM_ROOT(0, CAP_MOVE, pair, table, 7);
    interrupt_always(true);
    sim_load_call(root(), r4_call_with_number(r4_call_with_index(0, table), R4_CALL_CAP_DELETE),
                  (const uint64_t[6]){1, 2, 3, 4, 5, 6});
    assert_false(sim_enter_call(root()));
    assert_true(slot_is_empty(slot_at(table)));
    assert_non_null(cluster()->zombies);
    expect_ok(t, CAP_COPY, kept, 0, table);
    while (!sim_enter_call(root())) {
    }
    interrupt_always(false);
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(sim_reply_of(root()).word[i], i + 1);
    }
    assert_ptr_equal(object_of(slot_at(table)), object_of(slot_at(kept)));
    assert_false(derive_has_children(slot_at(s.untyped)));
}

/*
 * Whoever deletes next goes on with what stands on the stack, then does its own; both calls
 * succeed.
 */
static void test_cap_delete__two_at_once(void **state)
{
    const struct scene s = begin_scene();
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t inner = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t second = make(&s, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t other = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 9);
    struct thread *t = sim_thread_at(root(), other);

    (void)state;
    sim_settle();
    SIM_ROOT(0, CAP_MOVE, inner, table, 200);
    interrupt_always(true);
    sim_load_call(root(), r4_call_with_number(r4_call_with_index(0, table), R4_CALL_CAP_DELETE),
                  (const uint64_t[6]){0});
    assert_false(sim_enter_call(root()));
    expect_ok(t, CAP_DELETE, second, 0);
    assert_null(cluster()->zombies);
    assert_true(sim_enter_call(root()));
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    assert_false(derive_has_children(slot_at(s.untyped)));
}

/*
 * The thread, its PD, the PD's table and another table hold each other's last capabilities in a
 * circle, and the thread deletes the link that the circle hangs on: itself.
 */
static struct thread *make_circle(const struct scene *s)
{
    const uint32_t own = make(s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t outer = make(s, R4_TYPE_CAP_TABLE, 15, 1);
    const uint32_t pd = make(s, R4_TYPE_PD, 0, 1);
    const uint32_t thread = make(s, R4_TYPE_THREAD, 0, 1);
    struct thread *t = sim_thread_at(root(), thread);

    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, own, 0, 0);
    SIM_ROOT(0, THREAD_CONFIGURE, thread, pd, 1, 9);
    SIM_ROOT(0, THREAD_START, thread, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    SIM_ROOT(0, CAP_MOVE, thread, outer, 3);
    SIM_ROOT(0, CAP_MOVE, pd, outer, 500);
    SIM_ROOT(0, CAP_MOVE, outer, own, 5);
    SIM_ROOT(0, CAP_DELETE, own);
    sim_settle();
    assert_true(sim_is_running(t));
    return t;
}

static void test_cap_delete__circle_with_the_running_thread_in_it(void **state)
{
    (void)state;
    for (unsigned always = 0; always < 2; always++) {
        const struct scene s = begin_scene();
        struct thread *t = make_circle(&s);

        interrupt_always(always != 0);
        (void)SIM_CALL(t, CAP_DELETE, 5, 0);
        if (always != 0) {
            /*
             * The thread is gone before the end of its call: somebody else's deletion finishes it.
             */
            assert_non_null(cluster()->zombies);
            assert_true(SIM_CALL(root(), REAP, 0, 0).is_done);
        }
        interrupt_always(false);
        expect_nothing_left(&s);
        assert_true(sim_is_running(root()));
    }
}

/* A retype waits for what a thread that died left behind. */
static void test_untyped_retype__finishes_what_died(void **state)
{
    const struct scene s = begin_scene();
    struct thread *t = make_circle(&s);
    const uint32_t slot = sim_slots_take(0, 1);

    (void)state;
    interrupt_always(true);
    (void)SIM_CALL(t, CAP_DELETE, 5, 0);
    assert_non_null(cluster()->zombies);
    SIM_ROOT(0, UNTYPED_RETYPE, s.untyped, R4_TYPE_UNTYPED, UNTYPED_OF, 0, slot, 1);
    interrupt_always(false);
    SIM_ROOT(0, CAP_DELETE, slot);
    expect_nothing_left(&s);
}

static void test_cap_delete__notification_wakes_its_waiters(void **state)
{
    uint32_t waiter[3];

    (void)state;
    for (unsigned always = 0; always < 2; always++) {
        const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

        for (unsigned i = 0; i < 3; i++) {
            waiter[i] = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
            sim_settle();
            expect_waiting(sim_thread_at(root(), waiter[i]), NOTIFICATION_WAIT, n);
        }
        interrupt_always(always != 0);
        SIM_ROOT(0, CAP_DELETE, n);
        interrupt_always(false);
        assert_true(slot_is_empty(slot_at(n)));
        assert_true(slot_is_empty(&cluster()->notification_grave));
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(sim_reply_of(sim_thread_at(root(), waiter[i])).err, R4_E_DEAD);
            SIM_ROOT(0, CAP_DELETE, waiter[i]);
        }
    }
}

/*
 * Another deletion comes while the waiters of one notification are woken: it finishes that one
 * first.
 */
static void delete_second_notification(bool by_table)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 2);
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, 14, 1);
    uint32_t waiter[4];
    uint32_t other;

    for (unsigned i = 0; i < 4; i++) {
        waiter[i] = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
        sim_settle();
        expect_waiting(sim_thread_at(root(), waiter[i]), NOTIFICATION_WAIT, n + (i == 3));
    }
    other = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 60);
    sim_settle();
    SIM_ROOT(0, CAP_MOVE, n + 1, by_table ? table : 0, by_table ? 9 : sim_slots_take(0, 1));
    interrupt_always(true);
    sim_load_call(root(), r4_call_with_number(r4_call_with_index(0, n), R4_CALL_CAP_DELETE),
                  (const uint64_t[6]){0});
    assert_false(sim_enter_call(root()));
    assert_false(slot_is_empty(&cluster()->notification_grave));
    if (by_table) {
        expect_ok(sim_thread_at(root(), other), CAP_TABLE_DELETE, table, 9);
    } else {
        expect_ok(sim_thread_at(root(), other), CAP_DELETE, sim.of[0].next_slot - 1, 0);
    }
    assert_true(sim_enter_call(root()));
    interrupt_always(false);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(sim_reply_of(sim_thread_at(root(), waiter[i])).err, R4_E_DEAD);
        SIM_ROOT(0, CAP_DELETE, waiter[i]);
    }
    SIM_ROOT(0, CAP_DELETE, other);
}

static void test_cap_delete__finishes_one_notification_before_the_next(void **state)
{
    (void)state;
    delete_second_notification(false);
    delete_second_notification(true);
}

/*
 * A thread dies with its fault notification and its PD; in the PD's table another thread dies with
 * its own. There is one grave for notifications.
 */
static void test_cap_delete__notification_goes_before_what_died_with_it(void **state)
{
    const struct scene s = begin_scene();
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t pd = make(&s, R4_TYPE_PD, 0, 1);
    const uint32_t t = make(&s, R4_TYPE_THREAD, 0, 2);
    const uint32_t n = make(&s, R4_TYPE_NOTIFICATION, 0, 2);

    (void)state;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, table, 0, 0);
    SIM_ROOT(0, THREAD_CONFIGURE, t, pd, 0, 1);
    for (unsigned i = 0; i < 2; i++) {
        SIM_ROOT(0, THREAD_BIND_FAULT, t + i, n + i);
        SIM_ROOT(0, CAP_DELETE, n + i);
    }
    SIM_ROOT(0, CAP_MOVE, t + 1, table, 9);
    SIM_ROOT(0, CAP_DELETE, pd);
    SIM_ROOT(0, CAP_DELETE, table);
    interrupt_always(true);
    SIM_ROOT(0, CAP_DELETE, t);
    interrupt_always(false);
    expect_nothing_left(&s);
}

/* What a revoke will do: the thread's capability for its PD goes, and the thread stops for good. */
static void test_delete_slot__thread_without_pd_stops(void **state)
{
    const uint32_t thread = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 9);
    struct thread *t = sim_thread_at(root(), thread);
    struct core *core = sim_core(0, 0);

    (void)state;
    sim_settle();
    assert_true(sim_is_running(t));
    sim_begin_entry(core);
    lock_take(core);
    delete_slot(core, &t->pd_slot);
    lock_release(core, arch_cycles());
    sim_end_entry();
    sim_settle();
    assert_int_equal(t->state, R4_THREAD_STATE_DEAD);
    assert_false(sim_is_running(t));
    assert_null(thread_pd(t));
}

/*
 * Two threads in one table, each with the last capability of a notification with a waiter as its
 * fault notification.
 */
static void test_cap_delete__several_notifications_die_one_after_the_other(void **state)
{
    const uint32_t waiters = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
    const uint32_t more = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
    const struct scene s = begin_scene();
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t n = make(&s, R4_TYPE_NOTIFICATION, 0, 2);
    const uint32_t t = make(&s, R4_TYPE_THREAD, 0, 2);

    (void)state;
    sim_settle();
    for (unsigned i = 0; i < 2; i++) {
        expect_waiting(sim_thread_at(root(), i == 0 ? waiters : more), NOTIFICATION_WAIT, n + i);
        SIM_ROOT(0, THREAD_BIND_FAULT, t + i, n + i);
        SIM_ROOT(0, CAP_DELETE, n + i);
        SIM_ROOT(0, CAP_MOVE, t + i, table, 9 + i);
    }
    interrupt_always(true);
    SIM_ROOT(0, CAP_DELETE, table);
    interrupt_always(false);
    expect_nothing_left(&s);
    assert_int_not_equal(sim_thread_at(root(), waiters)->state, R4_THREAD_STATE_WAITING);
    assert_int_not_equal(sim_thread_at(root(), more)->state, R4_THREAD_STATE_WAITING);
}

/* A thread in its own PD, running on core 1, whose capabilities the root task deletes. */
static void test_cap_delete__pd_dies_after_its_threads(void **state)
{
    const struct scene s = begin_scene();
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t pd = make(&s, R4_TYPE_PD, 0, 1);
    const uint32_t thread = make(&s, R4_TYPE_THREAD, 0, 1);
    struct thread *t = sim_thread_at(root(), thread);

    (void)state;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(0, PD_CONFIGURE, pd, table, 0, 0);
    SIM_ROOT(0, THREAD_CONFIGURE, thread, pd, 1, 9);
    SIM_ROOT(0, THREAD_START, thread, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    sim_settle();
    SIM_ROOT(0, CAP_DELETE, pd);
    SIM_ROOT(0, CAP_DELETE, table);
    assert_true(sim_is_running(t));
    SIM_ROOT(0, CAP_DELETE, thread);
    assert_false(sim_is_running(t));
    assert_null(sim_core(0, 1)->active_pd);
    expect_nothing_left(&s);
}

static void test_cap_table_delete__errors_and_effect(void **state)
{
    const struct scene s = begin_scene();
    const uint32_t table = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t inner = make(&s, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t read_only = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_MOVE, inner, table, 254);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_DELETE, table, 0);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_DELETE, table, 255);
    expect_refused(root(), R4_E_RANGE, 1, CAP_TABLE_DELETE, table, 256);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_TABLE_DELETE, table, 253);
    SIM_ROOT(0, CAP_DERIVE, table, 0, read_only, R4_RIGHT_READ | R4_RIGHT_LINK | R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_DELETE, read_only, 254);
    interrupt_always(true);
    SIM_ROOT(0, CAP_TABLE_DELETE, table, 254);
    interrupt_always(false);
    assert_true(slot_is_empty(table_slot(sim_table_at(root(), table), 254)));
    SIM_ROOT(0, CAP_DELETE, read_only);
    SIM_ROOT(0, CAP_DELETE, table);
    expect_nothing_left(&s);
}

/* A core that waits for the lock is a reason to stop, as an interrupt is. */
static void test_preempt_poll__sees_who_waits_for_the_lock(void **state)
{
    struct core *core = sim_core(0, 0);

    (void)state;
    sim_begin_entry(core);
    lock_take(core);
    assert_false(preempt_poll(core));
    cluster()->lock.next++;
    assert_true(preempt_poll(core));
    cluster()->lock.next--;
    lock_release(core, arch_cycles());
    sim_end_entry();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_cap_delete__children_go_to_the_parent),
        SIM_TEST(test_cap_delete__last_capability_of_each_type),
        SIM_TEST(test_cap_delete__table_goes_with_all_that_is_in_it),
        SIM_TEST(test_cap_delete__interrupted_does_not_look_at_its_slot_again),
        SIM_TEST(test_cap_delete__two_at_once),
        SIM_TEST(test_cap_delete__circle_with_the_running_thread_in_it),
        SIM_TEST(test_untyped_retype__finishes_what_died),
        SIM_TEST(test_cap_delete__notification_wakes_its_waiters),
        SIM_TEST(test_cap_delete__finishes_one_notification_before_the_next),
        SIM_TEST(test_cap_delete__notification_goes_before_what_died_with_it),
        SIM_TEST(test_delete_slot__thread_without_pd_stops),
        SIM_TEST(test_cap_delete__several_notifications_die_one_after_the_other),
        SIM_TEST(test_cap_delete__pd_dies_after_its_threads),
        SIM_TEST(test_cap_table_delete__errors_and_effect),
        SIM_TEST(test_preempt_poll__sees_who_waits_for_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
