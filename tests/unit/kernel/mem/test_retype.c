/* SPDX-License-Identifier: MIT */
/*
 * Retype: each error, what is zero when, and what an interrupted one leaves. The simulation's
 * memory is dirty at first.
 */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/table.h>
#include <kernel/untyped.h>
#include <r4/abi/exits.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/points.h>
#include <string.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */
#define PAGE   R4_PAGE_BYTES

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(root(), n);
}

static struct untyped_state state_of(uint32_t n)
{
    return untyped_unpack(slot_at(n)->extra);
}

static unsigned char *memory_of(uint32_t n)
{
    return arch_dmap_ptr((struct paddr){slot_at(n)->object});
}

static void fill(uint32_t n)
{
    memset(memory_of(n), 0x5a, UINT64_C(1) << slot_size_bits(slot_at(n)));
}

static bool is_zero(const unsigned char *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool is_zero_object(uint32_t n)
{
    return is_zero(memory_of(n), UINT64_C(1) << slot_size_bits(slot_at(n)));
}

static void plan_fault(enum r4_fault_point point, enum fault_action action)
{
    struct fault_plan *plan = &sim.of[0].cluster->faults;

    plan->count = action == FAULT_ACTION_NONE ? 0 : 1;
    plan->entry[0].point = (uint16_t)point;
    plan->entry[0].action = (uint16_t)action;
    plan->entry[0].remaining = 0;
}

static void test_untyped_retype__errors_are_exact(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t read_only = sim_slots_take(0, 1);
    const uint32_t d = sim_slots_take(0, 300);
    const uint64_t f = R4_TYPE_FRAME;
    const struct {
        uint64_t word[5]; /* type, bits, table, dest, count */
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {{0, 12, 0, d, 1}, R4_E_TYPE, 1},
        {{R4_TYPE_MONITOR, 0, 0, d, 1}, R4_E_TYPE, 1},
        {{R4_TYPE_TABLE_SIZE, 0, 0, d, 1}, R4_E_TYPE, 1},
        {{255, 0, 0, d, 1}, R4_E_TYPE, 1},
        {{256, 12, 0, d, 1}, R4_E_RANGE, 1},
        {{f, 0, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 11, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 13, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 20, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 31, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 256 + 12, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_UNTYPED, 4, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_UNTYPED, 40, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_UNTYPED, 0, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_CAP_TABLE, 13, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_CAP_TABLE, 25, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_PD, 12, 0, d, 1}, R4_E_RANGE, 2},
        {{R4_TYPE_THREAD, 12, 0, d, 1}, R4_E_RANGE, 2},
        {{f, 12, NO_CAP, d, 1}, R4_E_INDEX, 3},
        {{f, 12, d, 1, 1}, R4_E_EMPTY, 3},
        {{f, 12, frame, 1, 1}, R4_E_TYPE, 3},
        {{f, 12, read_only, 1, 1}, R4_E_RIGHTS, 3},
        {{f, 12, 0, 0, 1}, R4_E_RANGE, 4},
        {{f, 12, 0, SIM_TABLE_SLOTS, 1}, R4_E_RANGE, 4},
        {{f, 12, 0, SIM_TABLE_LAST, 1}, R4_E_RANGE, 4},
        {{f, 12, 0, SIM_TABLE_LAST - 1, 2}, R4_E_RANGE, 4},
        {{f, 12, 0, d, 0}, R4_E_RANGE, 5},
        {{f, 12, 0, d, R4_RETYPE_MAX + 1}, R4_E_RANGE, 5},
        /* The first of several causes is named, in the order of r4.toml. */
        {{f, 12, 0, 0, 0}, R4_E_RANGE, 5},
        {{f, 12, 0, d, UINT64_C(1) << 32}, R4_E_RANGE, 5},
        {{f, 12, 0, frame, 1}, R4_E_OCCUPIED, 4},
        {{f, 12, 0, d, 17}, R4_E_MEMORY, 0},
        {{f, 21, 0, d, 1}, R4_E_MEMORY, 0},
        {{f, 30, 0, d, 256}, R4_E_MEMORY, 0},
        {{R4_TYPE_UNTYPED, 39, 0, d, 256}, R4_E_MEMORY, 0},
    };

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, R4_INIT_SLOT_CAP_TABLE, 0, read_only, R4_RIGHT_READ);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint64_t *w = cases[i].word;
        const struct sim_reply reply =
            SIM_CALL(root(), UNTYPED_RETYPE, u, w[0], w[1], w[2], w[3], w[4]);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
        assert_true(slot_is_empty(slot_at(d)));
        assert_int_equal(slot_at(u)->extra & ((UINT64_C(1) << 35) - 1), 0);
    }
    /* A slot in the middle of the row. */
    SIM_ROOT(0, CAP_COPY, frame, 0, d + 3);
    expect_refused(root(), R4_E_OCCUPIED, 4, UNTYPED_RETYPE, u, f, 12, 0, d, 4);
    SIM_ROOT(0, UNTYPED_RETYPE, u, f, 12, 0, d, 3);
    slot_set_flags(slot_at(u), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, UNTYPED_RETYPE, u, f, 12, 0, d + 4, 1);
    slot_set_flags(slot_at(u), 0, SLOT_FROZEN);
}

static void test_untyped_retype__capabilities_are_fresh(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 17, 1);
    const uint32_t copy = sim_slots_take(0, 1);
    const uint32_t d = sim_slots_take(0, 8);

    (void)state;
    SIM_ROOT(0, CAP_COPY, u, 0, copy);
    SIM_ROOT(0, UNTYPED_RETYPE, copy, R4_TYPE_CAP_TABLE, 15, 0, d, 2);
    SIM_ROOT(0, UNTYPED_RETYPE, copy, R4_TYPE_PD, 0, 0, d + 2, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, copy, R4_TYPE_THREAD, 11, 0, d + 3, 2);
    for (uint32_t i = 0; i < 5; i++) {
        const struct slot *s = slot_at(d + i);

        assert_int_equal(slot_rights(s), r4_object_facts[slot_type(s)].rights);
        assert_int_equal(slot_ttl(s), R4_TTL_MAX - 1);
        assert_int_equal(object_of(s)->caps, 1);
        assert_int_equal(object_of(s)->type, slot_type(s));
    }
    assert_int_equal(table_slots(sim_table_at(root(), d + 1)), 512);
    assert_int_equal(slot_size_bits(slot_at(d + 2)), 13);
    assert_int_equal(thread_of(slot_at(d + 4))->number, thread_of(slot_at(d + 3))->number + 1);
}

static void test_untyped_retype__many_in_a_row(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t d = sim_slots_take(0, R4_RETYPE_MAX);
    const struct slot *at = slot_at(u);

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_NOTIFICATION, 0, 0, d, R4_RETYPE_MAX);
    for (uint32_t i = R4_RETYPE_MAX; i > 0; i--) {
        at = derive_next(slot_at(u), at);
        assert_ptr_equal(at, slot_at(d + i - 1));
        assert_int_equal(at->object, slot_at(d)->object + (i - 1) * 32);
    }
    assert_null(derive_next(slot_at(u), at));
    assert_int_equal(state_of(u).watermark_bytes, R4_RETYPE_MAX * 32);
}

static void test_untyped_retype__memory_comes_zeroed_again_and_again(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t d = sim_slots_take(0, 16);

    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 16);
        for (uint32_t i = 0; i < 16; i++) {
            assert_true(is_zero_object(d + i));
            fill(d + i);
            SIM_ROOT(0, CAP_DELETE, d + i);
        }
    }
}

/* Small objects, then pages: what lies between is lost until the untyped starts again. */
static void test_untyped_retype__alignment(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t d = sim_slots_take(0, 4);

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_NOTIFICATION, 0, 0, d, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_PD, 0, 0, d + 1, 1);
    assert_int_equal(pd_of(slot_at(d + 1))->root.a, slot_at(u)->object + 2 * PAGE);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_THREAD, 0, 0, d + 2, 1);
    assert_int_equal(state_of(u).watermark_bytes, 4 * PAGE + 2048);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d + 3, 1);
    assert_int_equal(slot_at(d + 3)->object, slot_at(u)->object + 5 * PAGE);
    assert_true(is_zero_object(d + 3));
}

/* [watermark, zeroed) is zero, whenever the call is stopped. */
static void expect_untyped_invariant(uint32_t u)
{
    const struct untyped_state s = state_of(u);

    if (s.zeroed_bytes > s.watermark_bytes) {
        assert_true(is_zero(memory_of(u) + s.watermark_bytes, s.zeroed_bytes - s.watermark_bytes));
    }
}

static void test_untyped_retype__interrupted_keeps_its_progress(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 17, 1);
    const uint32_t d = sim_slots_take(0, 3);
    unsigned entries = 1;

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_NOTIFICATION, 0, 0, d, 1);
    plan_fault(R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT);
    sim_load_call(root(), r4_call_with_number(r4_call_with_index(0, u), R4_CALL_UNTYPED_RETYPE),
                  (const uint64_t[6]){R4_TYPE_CAP_TABLE, 16, 0, d + 1, 1});
    while (!sim_enter_call(root())) {
        expect_untyped_invariant(u);
        assert_true(slot_is_empty(slot_at(d + 1)));
        assert_int_equal(state_of(u).watermark_bytes, 1u << 16);
        assert_int_equal(state_of(u).zeroed_bytes, (1u << 16) + entries * 4 * PAGE);
        entries++;
    }
    plan_fault(R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_NONE);
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    assert_int_equal(entries, 5);
    assert_true(is_zero((unsigned char *)table_slot(sim_table_at(root(), d + 1), 0), 1023 * 48));
}

/* What is left for the last step is less than a step: nothing behind it is touched. */
static void test_untyped_retype__last_step_ends_where_the_objects_end(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t d = sim_slots_take(0, 6);

    (void)state;
    memset(memory_of(u), 0x5a, 16 * PAGE);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 6);
    assert_int_equal(state_of(u).zeroed_bytes, 6 * PAGE);
    assert_true(is_zero(memory_of(u), 6 * PAGE));
    assert_int_equal(memory_of(u)[6 * PAGE], 0x5a);
}

static void test_untyped_retype__untyped_child_knows_what_is_zero(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t d = sim_slots_take(0, 6);

    (void)state;
    /* 8 pages zeroed, handed out, given back: all counts as dirty. */
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 1);
    fill(d);
    SIM_ROOT(0, CAP_DELETE, d);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_UNTYPED, 13, 0, d, 2);
    assert_int_equal(slot_at(d)->extra, 0);
    assert_int_equal(slot_at(d + 1)->extra, 0);
    /* Beyond an untyped child, memory is zeroed from its end on, and the child is left alone. */
    fill(d);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d + 2, 1);
    assert_true(is_zero_object(d + 2));
    assert_int_equal(memory_of(d)[0], 0x5a);
    SIM_ROOT(0, UNTYPED_RETYPE, d, R4_TYPE_FRAME, 12, 0, d + 3, 2);
    assert_true(is_zero_object(d + 3));
    assert_true(is_zero_object(d + 4));
}

static void test_untyped_retype__zeroed_memory_is_not_zeroed_twice(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t d = sim_slots_take(0, 4);

    (void)state;
    slot_at(u)->extra = untyped_pack((struct untyped_state){.zeroed_bytes = 3 * PAGE});
    memset(memory_of(u), 0, 3 * PAGE);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_UNTYPED, 13, 0, d, 2);
    assert_int_equal(untyped_unpack(slot_at(d)->extra).zeroed_bytes, 2 * PAGE);
    assert_int_equal(untyped_unpack(slot_at(d + 1)->extra).zeroed_bytes, PAGE);
    memory_of(d)[77] = 1;
    SIM_ROOT(0, UNTYPED_RETYPE, d, R4_TYPE_FRAME, 12, 0, d + 2, 2);
    assert_int_equal(memory_of(d + 2)[77], 1);
}

static void test_untyped_retype__small_untyped_is_always_clean(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 11, 2);
    const uint32_t d = sim_slots_take(0, 4);

    (void)state;
    assert_true(is_zero_object(u));
    for (unsigned round = 0; round < 2; round++) {
        SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_UNTYPED, 10, 0, d, 1);
        SIM_ROOT(0, UNTYPED_RETYPE, d, R4_TYPE_NOTIFICATION, 0, 0, d + 1, 2);
        SIM_ROOT(0, NOTIFICATION_SIGNAL, d + 2, 0);
        SIM_ROOT(0, CAP_DELETE, d + 1);
        SIM_ROOT(0, CAP_DELETE, d + 2);
        SIM_ROOT(0, UNTYPED_RETYPE, d, R4_TYPE_NOTIFICATION, 0, 0, d + 1, 2);
        expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, d + 2, 0);
        SIM_ROOT(0, NOTIFICATION_SIGNAL, d + 2, 0);
        SIM_ROOT(0, CAP_DELETE, d);
        SIM_ROOT(0, CAP_DELETE, d + 1);
        SIM_ROOT(0, CAP_DELETE, d + 2);
    }
    expect_refused(root(), R4_E_MEMORY, 0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 1);
}

/* Device memory lies outside of what the simulation can touch. */
static void test_untyped_retype__device_memory(void **state)
{
    const uint32_t device = sim.of[0].device;
    const uint32_t d = sim_slots_take(0, 4);
    static const enum r4_type kernel_types[] = {R4_TYPE_PAGE_TABLE, R4_TYPE_CAP_TABLE, R4_TYPE_PD,
                                                R4_TYPE_THREAD, R4_TYPE_NOTIFICATION};

    (void)state;
    for (size_t i = 0; i < sizeof(kernel_types) / sizeof(kernel_types[0]); i++) {
        expect_refused(root(), R4_E_TYPE, 1, UNTYPED_RETYPE, device, (uint64_t)kernel_types[i], 0,
                       0, d, 1);
    }
    for (unsigned round = 0; round < 2; round++) {
        SIM_ROOT(0, UNTYPED_RETYPE, device, R4_TYPE_UNTYPED, 13, 0, d, 1);
        SIM_ROOT(0, UNTYPED_RETYPE, device, R4_TYPE_FRAME, 12, 0, d + 1, 1);
        SIM_ROOT(0, UNTYPED_RETYPE, d, R4_TYPE_FRAME, 12, 0, d + 2, 2);
        for (uint32_t i = 1; i < 4; i++) {
            assert_true(slot_has(slot_at(d + i), SLOT_DEVICE));
            SIM_ROOT(0, CAP_DELETE, d + i);
        }
        SIM_ROOT(0, CAP_DELETE, d);
    }
}

static void test_untyped_retype__shared_memory_is_frames_as_they_are(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 13, 1);
    const uint32_t d = sim_slots_take(0, 2);

    (void)state;
    sim.audit_every = 0; /* an untyped that is not as its parent */
    slot_set_flags(slot_at(u), SLOT_SHARED, 0);
    fill(u);
    expect_refused(root(), R4_E_TYPE, 1, UNTYPED_RETYPE, u, R4_TYPE_UNTYPED, 12, 0, d, 1);
    expect_refused(root(), R4_E_TYPE, 1, UNTYPED_RETYPE, u, R4_TYPE_PAGE_TABLE, 0, 0, d, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 2);
    assert_true(slot_has(slot_at(d + 1), SLOT_SHARED));
    assert_int_equal(memory_of(d)[5], 0x5a);
    assert_int_equal(memory_of(d + 1)[5], 0x5a);
}

static void test_untyped_retype__record_is_inherited(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 13, 1);
    const uint32_t d = sim_slots_take(0, 1);

    (void)state;
    sim.audit_every = 0; /* an untyped that is not as its parent */
    slot_set_flags(slot_at(u), UINT64_C(7) << SLOT_RECORD_SHIFT, 0);
    SIM_ROOT(0, UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 1);
    assert_int_equal(slot_record(slot_at(d)), 7);
}

static void test_untyped_retype__fault_point(void **state)
{
    const uint32_t u = sim_make(0, R4_TYPE_UNTYPED, 13, 1);
    const uint32_t d = sim_slots_take(0, 1);
    jmp_buf end;

    (void)state;
    plan_fault(R4_FAULT_POINT_RETYPE_COMMIT, FAULT_ACTION_PANIC);
    host.on_exit = &end;
    if (setjmp(end) == 0) {
        (void)SIM_CALL(root(), UNTYPED_RETYPE, u, R4_TYPE_FRAME, 12, 0, d, 1);
        fail();
    }
    assert_int_equal(host.exit_status, R4_EXIT_PANIC);
    assert_true(slot_is_empty(slot_at(d)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_untyped_retype__errors_are_exact),
        SIM_TEST(test_untyped_retype__capabilities_are_fresh),
        SIM_TEST(test_untyped_retype__many_in_a_row),
        SIM_TEST(test_untyped_retype__memory_comes_zeroed_again_and_again),
        SIM_TEST(test_untyped_retype__alignment),
        SIM_TEST(test_untyped_retype__interrupted_keeps_its_progress),
        SIM_TEST(test_untyped_retype__last_step_ends_where_the_objects_end),
        SIM_TEST(test_untyped_retype__untyped_child_knows_what_is_zero),
        SIM_TEST(test_untyped_retype__zeroed_memory_is_not_zeroed_twice),
        SIM_TEST(test_untyped_retype__small_untyped_is_always_clean),
        SIM_TEST(test_untyped_retype__device_memory),
        SIM_TEST(test_untyped_retype__shared_memory_is_frames_as_they_are),
        SIM_TEST(test_untyped_retype__record_is_inherited),
        SIM_TEST(test_untyped_retype__fault_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
