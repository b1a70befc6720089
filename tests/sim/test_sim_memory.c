/* SPDX-License-Identifier: MIT */
/* Directed scenarios: untyped memory and retype. */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/untyped.h>
#include <r4/abi/exits.h>
#include <r4/abi/limits.h>
#include <string.h>

static struct thread *root(void)
{
    return sim.of[0].root;
}

static uint64_t watermark(uint32_t n)
{
    return untyped_unpack(sim_slot(root(), n)->extra).watermark_bytes;
}

static unsigned char *memory_of(uint32_t n)
{
    return arch_dmap_ptr((struct paddr){sim_slot(root(), n)->object});
}

static bool is_zero(const unsigned char *memory, size_t bytes)
{
    return memory[0] == 0 && memcmp(memory, memory + 1, bytes - 1u) == 0;
}

#define RETYPE(untyped, type, bits, table, dest, count)                                            \
    UNTYPED_RETYPE, (untyped), (type), (bits), (table), (dest), (count)

static void test_D14_retype_errors_are_exact(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t to = sim_slots_take(0, 8);

    (void)state;
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(u, 0, 12, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(u, R4_TYPE_MONITOR, 12, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(u, 200, 12, 0, to, 1));
    expect_refused(root(), R4_E_RANGE, 1, RETYPE(u, 256, 12, 0, to, 1));
    expect_refused(root(), R4_E_RANGE, 2, RETYPE(u, R4_TYPE_FRAME, 13, 0, to, 1));
    expect_refused(root(), R4_E_RANGE, 2, RETYPE(u, R4_TYPE_UNTYPED, 4, 0, to, 1));
    expect_refused(root(), R4_E_RANGE, 2, RETYPE(u, R4_TYPE_CAP_TABLE, 13, 0, to, 1));
    expect_refused(root(), R4_E_RANGE, 2, RETYPE(u, R4_TYPE_PD, 12, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 3, RETYPE(u, R4_TYPE_FRAME, 12, u, to, 1));
    expect_refused(root(), R4_E_RANGE, 4, RETYPE(u, R4_TYPE_FRAME, 12, 0, 0, 1));
    expect_refused(root(), R4_E_RANGE, 4, RETYPE(u, R4_TYPE_FRAME, 12, 0, SIM_TABLE_LAST, 1));
    expect_refused(root(), R4_E_OCCUPIED, 4, RETYPE(u, R4_TYPE_FRAME, 12, 0, u, 1));
    expect_refused(root(), R4_E_RANGE, 5, RETYPE(u, R4_TYPE_FRAME, 12, 0, to, 0));
    expect_refused(root(), R4_E_RANGE, 5, RETYPE(u, R4_TYPE_FRAME, 12, 0, to, R4_RETYPE_MAX + 1u));
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(u, R4_TYPE_FRAME, 21, 0, to, 1));
    assert_int_equal(watermark(u), 0);
    expect_ok(root(), RETYPE(u, R4_TYPE_FRAME, 12, 0, to, 8));
    expect_refused(root(), R4_E_OCCUPIED, 4, RETYPE(u, R4_TYPE_FRAME, 12, 0, to - 1u, 1));
}

static void test_D14_objects_are_aligned_and_apart(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t to = sim_slots_take(0, 5);
    const uint64_t base = sim_slot(root(), u)->object;

    (void)state;
    expect_ok(root(), RETYPE(u, R4_TYPE_NOTIFICATION, 0, 0, to, 1));
    assert_int_equal(watermark(u), 32);
    expect_ok(root(), RETYPE(u, R4_TYPE_FRAME, 12, 0, to + 1, 2));
    assert_int_equal(sim_slot(root(), to + 1)->object, base + 4096);
    assert_int_equal(sim_slot(root(), to + 2)->object, base + 8192);
    expect_ok(root(), RETYPE(u, R4_TYPE_UNTYPED, 15, 0, to + 3, 1));
    assert_int_equal(sim_slot(root(), to + 3)->object, base + 32768);
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(u, R4_TYPE_NOTIFICATION, 0, 0, to + 4, 1));
}

static void test_retype_costs_no_time_to_live(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t to = sim_slots_take(0, 2);

    (void)state;
    expect_ok(root(), CAP_COPY, u, 0, to);
    expect_ok(root(), RETYPE(to, R4_TYPE_FRAME, 12, 0, to + 1, 1));
    assert_int_equal(slot_ttl(sim_slot(root(), u)), R4_TTL_MAX);
    assert_int_equal(slot_ttl(sim_slot(root(), to + 1)), R4_TTL_MAX - 1);
}

static void test_D14_memory_comes_out_zeroed_after_use(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t to = sim_slots_take(0, 4);

    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        expect_ok(root(), RETYPE(u, R4_TYPE_FRAME, 12, 0, to, 4));
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(is_zero(memory_of(to + i), 4096));
            memset(memory_of(to + i), 0x77, 4096);
        }
        for (uint32_t i = 0; i < 4; i++) {
            expect_ok(root(), CAP_DELETE, to + i, 0);
        }
    }
    expect_ok(root(), RETYPE(u, R4_TYPE_THREAD, 0, 0, to, 4));
}

/*
 * Clean memory handed to a small untyped stays clean for its children, whatever was there before.
 */
static void test_D14_small_untypeds_are_clean(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 12, 1);
    const uint32_t to = sim_slots_take(0, 4);

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        expect_ok(root(), RETYPE(u, R4_TYPE_UNTYPED, 11, 0, to, 2));
        expect_ok(root(), RETYPE(to + 1, R4_TYPE_THREAD, 0, 0, to + 2, 1));
        expect_ok(root(), CAP_DELETE, to + 2, 0);
        expect_ok(root(), RETYPE(to + 1, R4_TYPE_UNTYPED, 10, 0, to + 2, 2));
        assert_true(is_zero(memory_of(to + 2), 2048));
        memset(memory_of(to), 0x66, 2048);
        for (uint32_t i = 0; i < 4; i++) {
            expect_ok(root(), CAP_DELETE, to + i, 0);
        }
    }
}

static void test_copy_of_an_untyped_takes_all_of_it(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t to = sim_slots_take(0, 4);

    (void)state;
    expect_ok(root(), CAP_COPY, u, 0, to);
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(u, R4_TYPE_FRAME, 12, 0, to + 1, 1));
    expect_refused(root(), R4_E_BUSY, 0, CAP_COPY, u, 0, to + 1);
    expect_ok(root(), RETYPE(to, R4_TYPE_FRAME, 12, 0, to + 1, 1));
    expect_refused(root(), R4_E_BUSY, 0, CAP_COPY, to, 0, to + 2);
    expect_ok(root(), CAP_DELETE, to, 0);
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(u, R4_TYPE_FRAME, 12, 0, to + 2, 1));
    expect_ok(root(), CAP_DELETE, to + 1, 0);
    expect_ok(root(), RETYPE(u, R4_TYPE_FRAME, 12, 0, to, 4));
}

/* The device's memory lies where no memory is: the simulation stops if it is touched. */
static void test_D14_device_memory_is_never_touched(void **state)
{
    const uint32_t device = sim.of[0].device;
    const uint32_t to = sim_slots_take(0, 6);
    const uint64_t va = UINT64_C(0x10000000);
    struct paddr pa;

    (void)state;
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(device, R4_TYPE_THREAD, 0, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(device, R4_TYPE_PAGE_TABLE, 0, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(device, R4_TYPE_CAP_TABLE, 14, 0, to, 1));
    expect_ok(root(), RETYPE(device, R4_TYPE_UNTYPED, 13, 0, to, 1));
    expect_refused(root(), R4_E_TYPE, 1, RETYPE(to, R4_TYPE_NOTIFICATION, 0, 0, to + 1, 1));
    expect_ok(root(), RETYPE(to, R4_TYPE_FRAME, 12, 0, to + 1, 2));
    assert_true(slot_has(sim_slot(root(), to + 1), SLOT_DEVICE));
    expect_ok(root(), CAP_COPY, to + 1, 0, to + 3);
    assert_true(slot_has(sim_slot(root(), to + 3), SLOT_DEVICE));
    sim_make_tables(0, R4_INIT_SLOT_PD, va, 1);
    expect_ok(root(), FRAME_MAP, to + 1, R4_INIT_SLOT_PD, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    assert_true(host_translate(sim_core(0, 0), va, R4_RIGHT_READ, &pa));
    assert_int_equal(pa.a, sim_slot(root(), to + 1)->object);
    for (uint32_t i = 0; i < 4; i++) {
        expect_ok(root(), CAP_DELETE, to + i, 0);
    }
    expect_ok(root(), RETYPE(device, R4_TYPE_FRAME, 12, 0, to, 1));
}

/*
 * An interrupt at each step of four pages: the call is made again and again, and ends as if it had not been
 * interrupted.
 */
static void test_D17_interrupted_retype_ends_as_any_other(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 18, 1);
    const uint32_t to = sim_slots_take(0, 2);
    const uint64_t before = sim.restarts;

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    expect_ok(root(), RETYPE(u, R4_TYPE_CAP_TABLE, 17, 0, to, 1));
    assert_true(sim.restarts >= before + 7);
    assert_true(sim_core(0, 0)->counters[R4_COUNTER_PREEMPTIONS - CORE_COUNTER_BASE] >= 7);
    sim_no_fault_points(0);
    expect_ok(root(), CAP_COPY, R4_INIT_SLOT_MONITOR, to, 2046);
    assert_int_equal(watermark(u), UINT64_C(1) << 17);
}

/*
 * A higher thread wakes in the middle: it runs at once, and finds the slots of the unfinished
 * retype empty.
 */
static void test_D17_interrupted_retype_lets_others_run(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 18, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t to = sim_slots_take(0, 1);
    struct thread *high =
        sim_thread_at(root(), sim_make_thread(0, R4_INIT_SLOT_PD, 0, SIM_ROOT_PRIORITY + 1));
    const struct sim_reply none = SIM_CALL(high, NOTIFICATION_WAIT, n, 0);
    struct sim_reply reply;

    (void)state;
    assert_false(none.is_done);
    expect_ok(root(), LINK_BIND, R4_INIT_SLOT_LINKS + 1u, n);
    *sim.of[0].cluster->links[1].incoming = 4;
    host_raise(sim_core(0, 0), HOST_INTERRUPT_DOORBELL);
    reply = SIM_CALL(root(), UNTYPED_RETYPE, u, R4_TYPE_CAP_TABLE, 17, 0, to, 1);
    assert_false(reply.is_done);
    assert_true(sim_is_running(high));
    assert_int_equal(sim_reply_of(high).word[0], 4);
    assert_true(slot_is_empty(sim_slot(root(), to)));
    expect_waiting(high, NOTIFICATION_WAIT, n);
    assert_true(sim_is_running(root()) && sim_must_repeat(root()));
    while (!sim_enter_call(root())) {
    }
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    assert_int_equal(slot_type(sim_slot(root(), to)), R4_TYPE_CAP_TABLE);
}

static void test_T4_memory_returns_after_many_cycles(void **state)
{
    const struct sim_count before = sim_count(0);
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t to = sim_slots_take(0, 6);

    (void)state;
    sim.audit_every = 500;
    sim.isolate_every = 0;
    for (unsigned round = 0; round < 3000; round++) {
        expect_ok(root(), RETYPE(u, R4_TYPE_PD, 0, 0, to, 1));
        expect_ok(root(), RETYPE(u, R4_TYPE_CAP_TABLE, 14, 0, to + 1, 1));
        expect_ok(root(), RETYPE(u, R4_TYPE_THREAD, 0, 0, to + 2, 2));
        expect_ok(root(), RETYPE(u, R4_TYPE_NOTIFICATION, 0, 0, to + 4, 1));
        expect_ok(root(), ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, to);
        expect_ok(root(), PD_CONFIGURE, to, to + 1, 0, 0);
        expect_ok(root(), THREAD_CONFIGURE, to + 2, to, 1, 10);
        expect_ok(root(), CAP_COPY, to + 4, to + 1, 1 + round % 254);
        for (uint32_t i = 0; i < 5; i++) {
            expect_ok(root(), CAP_DELETE, to + (i + round) % 5, 0);
        }
        assert_false(derive_has_children(sim_slot(root(), u)));
    }
    sim.audit_every = 1;
    expect_ok(root(), CAP_DELETE, u, 0);
    assert_int_equal(sim_count(0).slots, before.slots);
    assert_int_equal(sim_count(0).threads, before.threads);
    assert_int_equal(sim_count(0).asids, before.asids);
}

/* A factory's quota is an untyped: what is parted from it is gone, used up it is, and others do not notice. */
static void test_D25_an_untyped_is_a_quota(void **state)
{
    const uint32_t bank = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t to = sim_slots_take(0, 40);

    (void)state;
    expect_ok(root(), RETYPE(bank, R4_TYPE_UNTYPED, 15, 0, to, 1));
    expect_ok(root(), RETYPE(bank, R4_TYPE_UNTYPED, 14, 0, to + 1, 1));
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, bank, 0).word[4], 1u << 14);
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(bank, R4_TYPE_UNTYPED, 15, 0, to + 2, 1));
    expect_ok(root(), RETYPE(to + 1, R4_TYPE_FRAME, R4_PAGE_BITS, 0, to + 2, 4));
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(to + 1, R4_TYPE_FRAME, 12, 0, to + 6, 1));
    expect_refused(root(), R4_E_MEMORY, 0, RETYPE(to + 1, R4_TYPE_NOTIFICATION, 0, 0, to + 6, 1));
    expect_ok(root(), RETYPE(to, R4_TYPE_FRAME, R4_PAGE_BITS, 0, to + 6, 8));
    expect_ok(root(), CAP_REVOKE, to + 1, 0);
    expect_ok(root(), RETYPE(to + 1, R4_TYPE_FRAME, R4_PAGE_BITS, 0, to + 2, 4));
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, bank, 0).word[4], 1u << 14);
}

/*
 * The fault point that stands for a broken invariant: the machine ends with PANIC and says where.
 */
static void test_panic_ends_the_machine(void **state)
{
    jmp_buf ended;
    const uint32_t to = sim_slots_take(0, 1);

    (void)state;
    sim_fault_point(0, R4_FAULT_POINT_RETYPE_COMMIT, FAULT_ACTION_PANIC, 2);
    sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    if (setjmp(ended) == 0) {
        host.on_exit = &ended;
        SIM_CALL(root(), UNTYPED_RETYPE, sim.of[0].untyped, R4_TYPE_NOTIFICATION, 0, 0, to, 1);
        fail_msg("the kernel went on");
    }
    assert_int_equal(host.exit_status, R4_EXIT_PANIC);
    assert_non_null(strstr(host.console, "panic: retype_commit"));
    assert_non_null(strstr(host.channel, "\"panic\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D14_retype_errors_are_exact),
        SIM_TEST(test_D25_an_untyped_is_a_quota),
        SIM_TEST(test_D14_objects_are_aligned_and_apart),
        SIM_TEST(test_retype_costs_no_time_to_live),
        SIM_TEST(test_D14_memory_comes_out_zeroed_after_use),
        SIM_TEST(test_D14_small_untypeds_are_clean),
        SIM_TEST(test_copy_of_an_untyped_takes_all_of_it),
        SIM_TEST(test_D14_device_memory_is_never_touched),
        SIM_TEST(test_D17_interrupted_retype_ends_as_any_other),
        SIM_TEST(test_D17_interrupted_retype_lets_others_run),
        SIM_TEST(test_T4_memory_returns_after_many_cycles),
        SIM_TEST(test_panic_ends_the_machine),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
