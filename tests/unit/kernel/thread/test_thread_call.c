/* SPDX-License-Identifier: MIT */
/*
 * The calls on threads: what each state allows, exact errors, faults, and the ways in which a
 * thread ends.
 */
#include "sim_test.h"

#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define NO_CAP   0x7fffffu /* an index outside every table, and no word */
#define HIGHER   (SIM_ROOT_PRIORITY + 1u)
#define FAULT_AT UINT64_C(0xdead000)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct thread *at(uint32_t slot)
{
    return sim_thread_at(root(), slot);
}

static uint32_t thread_count(void)
{
    const struct list_link *head = &sim.of[0].cluster->threads;
    uint32_t count = 0;

    for (const struct list_link *link = head->next; link != head; link = link->next) {
        count++;
    }
    return count;
}

static uint32_t make_thread(void)
{
    return sim_make(0, R4_TYPE_THREAD, 0, 1);
}

static uint32_t weaken(uint32_t slot, uint64_t rights)
{
    const uint32_t weak = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_DERIVE, slot, 0, weak, rights);
    return weak;
}

/* ------------------------------------------------------------------------------------------------
 * Configure, start
 */

static void test_configure__errors_are_exact(void **state)
{
    const uint32_t t = make_thread();
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t raw_pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t empty = sim_slots_take(0, 1);

    (void)state;
    expect_refused(root(), R4_E_INDEX, 1, THREAD_CONFIGURE, t, NO_CAP, 0, 1);
    expect_refused(root(), R4_E_INDEX, 1, THREAD_CONFIGURE, t, 0, 0, 1);
    expect_refused(root(), R4_E_EMPTY, 1, THREAD_CONFIGURE, t, empty, 0, 1);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_CONFIGURE, t, n, 0, 1);
    expect_refused(root(), R4_E_RIGHTS, 1, THREAD_CONFIGURE, t,
                   weaken(R4_INIT_SLOT_PD, R4_RIGHT_LINK), 0, 1);
    expect_refused(root(), R4_E_STATE, 1, THREAD_CONFIGURE, t, raw_pd, 0, 1);
    expect_refused(root(), R4_E_RANGE, 2, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 2, 1);
    expect_refused(root(), R4_E_RANGE, 3, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 0, 256);
    assert_int_equal(at(t)->state, R4_THREAD_STATE_NEW);
    SIM_ROOT(0, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 1, 7);
    assert_int_equal(at(t)->state, R4_THREAD_STATE_STOPPED);
    assert_int_equal(at(t)->core, 1);
    assert_int_equal(at(t)->priority, 7);
    expect_refused(root(), R4_E_STATE, 0, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 1, 7);
}

/* A PD capability that was handed on 15 times. */
static void test_configure__ttl(void **state)
{
    const uint32_t t = make_thread();
    uint32_t pd = R4_INIT_SLOT_PD;

    (void)state;
    for (unsigned i = 0; i < R4_TTL_MAX; i++) {
        const uint32_t copy = sim_slots_take(0, 1);

        SIM_ROOT(0, CAP_COPY, pd, 0, copy);
        pd = copy;
    }
    expect_refused(root(), R4_E_TTL, 1, THREAD_CONFIGURE, t, pd, 0, 1);
}

static void test_new_thread__allows_nothing_but_configure(void **state)
{
    const uint32_t t = make_thread();

    (void)state;
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, t, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SUSPEND, t, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, t, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SET_PRIORITY, t, 1);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SET_CORE, t, 1);
    expect_refused(root(), R4_E_STATE, 0, THREAD_REGISTERS, t, 0);
    assert_int_equal(SIM_ROOT(0, THREAD_STATE, t, 0), R4_THREAD_STATE_NEW);
}

static void test_start__sets_registers(void **state)
{
    const uint32_t t = make_thread();

    (void)state;
    SIM_ROOT(0, THREAD_CONFIGURE, t, R4_INIT_SLOT_PD, 0, 1);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, t, 0);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_START, t, R4_USER_TOP, 0, 0, 0);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_START, t, UINT64_MAX, 0, 0, 0);
    expect_refused(root(), R4_E_RANGE, 2, THREAD_START, t, 0x1000, R4_USER_TOP, 0, 0);
    SIM_ROOT(0, THREAD_START, t, 0x1000, R4_USER_TOP - 8, 3, 4);
    const uint64_t *reg = at(t)->context.regs.reg;
    assert_int_equal(reg[R4_REGISTER_RIP], 0x1000);
    assert_int_equal(reg[R4_REGISTER_RSP], R4_USER_TOP - 8);
    assert_int_equal(reg[R4_REGISTER_RDI], 3);
    assert_int_equal(reg[R4_REGISTER_RSI], 4);
    assert_int_equal(at(t)->state, R4_THREAD_STATE_READY);
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, t, 0x1000, 0x2000, 0, 0);
}

/* ------------------------------------------------------------------------------------------------
 * Suspend, resume, registers
 */

static void test_suspend__oneself(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, HIGHER);
    struct thread *t = at(slot);

    (void)state;
    expect_ok(t, THREAD_SUSPEND, slot, 0);
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
    assert_true(sim_is_running(root()));
    expect_refused(root(), R4_E_STATE, 0, THREAD_SUSPEND, slot, 0);
    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    assert_true(sim_is_running(t));
    assert_int_equal(sim_reply_of(t).err, R4_OK);
}

static void test_suspend__ready(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, 1);

    (void)state;
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    assert_int_equal(at(slot)->state, R4_THREAD_STATE_STOPPED);
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, make_thread(), 0x1000, 0x1000, 0, 0);
    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, slot, 0);
    assert_int_equal(at(slot)->state, R4_THREAD_STATE_READY);
}

static void test_registers__of_a_stopped_thread(void **state)
{
    static const uint8_t firsts[] = {0, 6, 12};
    static const uint8_t bad[] = {1, 5, 7, 11, 13, 18, 255};
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, 1);

    (void)state;
    expect_refused(root(), R4_E_STATE, 0, THREAD_REGISTERS, slot, 0);
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    for (unsigned i = 0; i < 18; i++) {
        at(slot)->context.regs.reg[i] = 1000 + i;
    }
    for (unsigned i = 0; i < sizeof firsts; i++) {
        const struct sim_reply reply = SIM_CALL(root(), THREAD_REGISTERS, slot, firsts[i]);

        assert_int_equal(reply.err, R4_OK);
        for (unsigned word = 0; word < 6; word++) {
            assert_int_equal(reply.word[word], 1000 + firsts[i] + word);
        }
    }
    for (unsigned i = 0; i < sizeof bad; i++) {
        expect_refused(root(), R4_E_RANGE, 1, THREAD_REGISTERS, slot, bad[i]);
    }
}

/* ------------------------------------------------------------------------------------------------
 * FPU: the simulation looks whether a program finds what it left, and a fresh one nothing
 */

static void test_fpu__started_afresh(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);

    (void)state;
    sim_settle();
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    sim_settle();
    assert_ptr_equal(sim_core(0, 1)->fpu_owner, at(slot));
    SIM_ROOT(0, THREAD_START, slot, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    sim_settle();
    assert_true(sim_is_running(at(slot)));
}

/*
 * The memory of a thread whose state is still in a core's registers becomes another thread, which
 * comes to that core.
 */
static void test_fpu__of_a_dead_thread(void **state)
{
    const uint32_t memory = sim_make(0, R4_TYPE_UNTYPED, R4_THREAD_SIZE_BITS, 1);
    const uint32_t slot = sim_slots_take(0, 1);
    const struct thread *first = NULL;

    (void)state;
    for (uint32_t core = 2; core-- > 0;) {
        SIM_ROOT(0, UNTYPED_RETYPE, memory, R4_TYPE_THREAD, 0, 0, slot, 1);
        assert_true(first == NULL || first == at(slot));
        first = at(slot);
        SIM_ROOT(0, THREAD_CONFIGURE, slot, R4_INIT_SLOT_PD, core, HIGHER);
        SIM_ROOT(0, THREAD_START, slot, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
        sim_settle();
        assert_true(sim_is_running(at(slot)));
        if (core == 1) {
            SIM_ROOT(0, CAP_DELETE, slot, 0);
            sim_settle();
        }
    }
    expect_ok(at(slot), THREAD_SET_CORE, slot, 1);
    sim_settle();
    assert_ptr_equal(sim_core_of(at(slot)), sim_core(0, 1));
}

/* ------------------------------------------------------------------------------------------------
 * Faults
 */

static void test_fault__is_kept_and_signalled(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t badged = sim_slots_take(0, 1);
    const uint32_t slot = make_thread();

    (void)state;
    SIM_ROOT(0, CAP_MINT, n, 0, badged, 0x80);
    SIM_ROOT(0, THREAD_BIND_FAULT, slot, badged);
    SIM_ROOT(0, THREAD_CONFIGURE, slot, R4_INIT_SLOT_PD, 0, HIGHER);
    SIM_ROOT(0, THREAD_START, slot, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    sim_fault(at(slot), R4_FAULT_CAUSE_PAGE, FAULT_AT);
    assert_true(sim_is_running(root()));
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 0x80);

    struct sim_reply reply = SIM_CALL(root(), THREAD_STATE, slot, 0);
    assert_int_equal(reply.word[0], R4_THREAD_STATE_FAULTED);
    assert_int_equal(reply.word[1], R4_FAULT_CAUSE_PAGE);
    assert_int_equal(reply.word[2], FAULT_AT);
    reply = SIM_CALL(root(), THREAD_REGISTERS, slot, 0);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], SIM_USER_ENTRY);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SUSPEND, slot, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_START, slot, SIM_USER_ENTRY, 0x1000, 0, 0);

    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    assert_true(sim_is_running(at(slot)));
    assert_int_equal(at(slot)->fault.cause, R4_FAULT_CAUSE_NONE);
}

static void test_fault__without_notification(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, HIGHER);
    const struct core *core = sim_core(0, 0);

    (void)state;
    sim_fault(at(slot), R4_FAULT_CAUSE_DIVIDE, 0);
    assert_int_equal(at(slot)->state, R4_THREAD_STATE_FAULTED);
    assert_int_equal(core->counters[R4_COUNTER_FAULTS - CORE_COUNTER_BASE], 1);
    assert_true(sim_is_running(root()));
}

static void test_bind_fault__errors_are_exact(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = make_thread();
    const uint32_t empty = sim_slots_take(0, 1);

    (void)state;
    expect_refused(root(), R4_E_INDEX, 1, THREAD_BIND_FAULT, slot, NO_CAP);
    expect_refused(root(), R4_E_EMPTY, 1, THREAD_BIND_FAULT, slot, empty);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_BIND_FAULT, slot, slot);
    expect_refused(root(), R4_E_RIGHTS, 1, THREAD_BIND_FAULT, slot,
                   weaken(n, R4_RIGHT_LINK | R4_RIGHT_RECEIVE));
    SIM_ROOT(0, THREAD_BIND_FAULT, slot, n);
    expect_refused(root(), R4_E_STATE, 0, THREAD_BIND_FAULT, slot, n);
}

/* ------------------------------------------------------------------------------------------------
 * Ends
 */

static void test_delete__signals_and_stops(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);
    const uint32_t threads = thread_count();

    (void)state;
    SIM_ROOT(0, THREAD_BIND_FAULT, slot, n);
    sim_settle();
    assert_non_null(sim_core(0, 1)->current);
    SIM_ROOT(0, CAP_DELETE, slot, 0);
    assert_null(sim_core(0, 1)->current);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 1);
    assert_int_equal(thread_count(), threads - 1);
}

/* The notification may die before the thread that it is bound to. */
static void test_delete__notification_lives_on_in_the_binding(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, HIGHER - 1);

    (void)state;
    SIM_ROOT(0, THREAD_BIND_FAULT, slot, n);
    SIM_ROOT(0, CAP_DELETE, n, 0);
    assert_false(slot_is_empty(&at(slot)->fault_slot));
    SIM_ROOT(0, CAP_DELETE, slot, 0);
}

static void test_delete__oneself(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 0, HIGHER);
    const uint32_t threads = thread_count();

    (void)state;
    (void)SIM_CALL(at(slot), CAP_DELETE, slot, 0);
    assert_true(sim_is_running(root()));
    assert_true(slot_is_empty(sim_slot(root(), slot)));
    assert_int_equal(thread_count(), threads - 1);
}

/* The last capability of the PD that a thread gave away by configuring is the thread's own. */
static void test_pd__lives_in_its_threads(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t slot = sim_make_thread(0, pd, 1, 5);
    const uint32_t asid = sim_pd_at(root(), pd)->asid;
    const struct asid_table *asids = &sim.of[0].cluster->asids;

    (void)state;
    sim_settle();
    SIM_ROOT(0, CAP_DELETE, pd, 0);
    assert_true(sim_is_running(at(slot)));
    assert_non_null(asid_find(asids, r4_asid_index(asid), r4_asid_generation(asid)));
    SIM_ROOT(0, CAP_DELETE, slot, 0);
    assert_null(sim_core(0, 1)->current);
    assert_null(asid_find(asids, r4_asid_index(asid), r4_asid_generation(asid)));
}

static void test_names_and_state(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 33);

    (void)state;
    SIM_ROOT(0, THREAD_SET_NAME, slot, 0x1122, 0x3344);
    assert_int_equal(at(slot)->name[0], 0x1122);
    assert_int_equal(at(slot)->name[1], 0x3344);
    const struct sim_reply reply = SIM_CALL(root(), THREAD_STATE, slot, 0);
    assert_int_equal(reply.word[0], R4_THREAD_STATE_READY);
    assert_int_equal(reply.word[1], R4_FAULT_CAUSE_NONE);
    assert_int_equal(reply.word[4], 1);
    assert_int_equal(reply.word[5], 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_configure__errors_are_exact),
        SIM_TEST(test_configure__ttl),
        SIM_TEST(test_new_thread__allows_nothing_but_configure),
        SIM_TEST(test_start__sets_registers),
        SIM_TEST(test_suspend__oneself),
        SIM_TEST(test_suspend__ready),
        SIM_TEST(test_registers__of_a_stopped_thread),
        SIM_TEST(test_fpu__started_afresh),
        SIM_TEST(test_fpu__of_a_dead_thread),
        SIM_TEST(test_fault__is_kept_and_signalled),
        SIM_TEST(test_fault__without_notification),
        SIM_TEST(test_bind_fault__errors_are_exact),
        SIM_TEST(test_delete__signals_and_stops),
        SIM_TEST(test_delete__notification_lives_on_in_the_binding),
        SIM_TEST(test_delete__oneself),
        SIM_TEST(test_pd__lives_in_its_threads),
        SIM_TEST(test_names_and_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
