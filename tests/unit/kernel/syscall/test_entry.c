/* SPDX-License-Identifier: MIT */
/*
 * The way of a call from its register to its capability: each refusal, what it leaves alone, what
 * it costs.
 */
#include "sim_test.h"

#include <kernel/table.h>
#include <r4/abi/layout.h>

static struct thread *root(void)
{
    return sim.of[0].root;
}

static const uint64_t some_words[6] = {11, 22, 33, 44, 55, 66};

static void expect_raw(uint64_t call_register, enum r4_err err)
{
    const struct sim_reply reply = sim_call_raw(root(), call_register, some_words);

    assert_true(reply.is_done);
    assert_int_equal(reply.err, err);
    assert_int_equal(reply.detail, 0);
    assert_memory_equal(reply.word, some_words, sizeof some_words);
}

static uint64_t call_register(uint32_t index, enum r4_call call)
{
    return r4_call_with_index((uint64_t)call, index);
}

static void test_entry__unknown_number(void **state)
{
    (void)state;
    expect_raw(0, R4_E_CALL);
    expect_raw(0x0f, R4_E_CALL);
    expect_raw(R4_CALL_TABLE_SIZE, R4_E_CALL);
    expect_raw(0x3ff, R4_E_CALL);
}

/* Reserved bits, for calls with a capability and without one, which have no peer either. */
static void test_entry__reserved_bits(void **state)
{
    const uint64_t with_cap = call_register(R4_INIT_SLOT_MONITOR, R4_CALL_MONITOR_TIME);

    (void)state;
    for (unsigned bit = 10; bit < 64; bit++) {
        if (bit >= R4_CALL_INDEX_LO && bit < R4_CALL_INDEX_LO + R4_CALL_INDEX_BITS) {
            continue;
        }
        if (bit < R4_CALL_PEER_LO || bit >= R4_CALL_INDEX_LO) {
            expect_raw(with_cap | UINT64_C(1) << bit, R4_E_INDEX);
        }
        expect_raw(R4_CALL_NULL | UINT64_C(1) << bit, R4_E_INDEX);
        expect_raw(R4_CALL_NULL_LOCKED | UINT64_C(1) << bit, R4_E_INDEX);
    }
    expect_raw(call_register(1, R4_CALL_NULL), R4_E_INDEX);
    expect_raw(call_register(1, R4_CALL_YIELD), R4_E_INDEX);
}

static void test_entry__index_outside_the_table(void **state)
{
    static const uint32_t bad[] = {0, SIM_TABLE_LAST, SIM_TABLE_SLOTS, 0x7fffff};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_raw(call_register(bad[i], R4_CALL_NOTIFICATION_SIGNAL), R4_E_INDEX);
        expect_raw(call_register(bad[i], R4_CALL_CAP_IDENTIFY), R4_E_INDEX);
        expect_raw(call_register(bad[i], R4_CALL_CAP_DELETE), R4_E_INDEX);
    }
}

static void test_entry__empty_slot(void **state)
{
    const uint32_t empty = sim_slots_take(0, 1);

    (void)state;
    expect_raw(call_register(empty, R4_CALL_NOTIFICATION_SIGNAL), R4_E_EMPTY);
    expect_raw(call_register(empty, R4_CALL_CAP_IDENTIFY), R4_E_EMPTY);
    expect_raw(call_register(SIM_TABLE_LAST - 1, R4_CALL_CAP_DELETE), R4_E_EMPTY);
}

static void test_entry__wrong_type(void **state)
{
    (void)state;
    expect_raw(call_register(R4_INIT_SLOT_PD, R4_CALL_NOTIFICATION_SIGNAL), R4_E_TYPE);
    expect_raw(call_register(R4_INIT_SLOT_THREAD, R4_CALL_MONITOR_TIME), R4_E_TYPE);
}

/* Each right of a notification is needed by its calls and by no other. */
static void test_entry__missing_right(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t weak = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, n, 0, weak, R4_RIGHT_SIGNAL);
    expect_raw(call_register(weak, R4_CALL_NOTIFICATION_POLL), R4_E_RIGHTS);
    expect_raw(call_register(weak, R4_CALL_CAP_COPY), R4_E_RIGHTS);
    expect_raw(call_register(weak, R4_CALL_NOTIFICATION_SIGNAL), R4_OK);
}

/*
 * A wrong type is said before a missing right, so that a program learns the first thing that is
 * wrong.
 */
static void test_entry__type_before_rights(void **state)
{
    const uint32_t weak = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, R4_INIT_SLOT_MONITOR, 0, weak, 0);
    expect_raw(call_register(weak, R4_CALL_NOTIFICATION_POLL), R4_E_TYPE);
    expect_raw(call_register(weak, R4_CALL_MONITOR_TIME), R4_E_RIGHTS);
}

static void test_entry__null_takes_no_lock(void **state)
{
    const uint64_t *takes = &sim.of[0].cluster->counters[R4_COUNTER_LOCK_TAKES];
    const uint64_t *calls = &sim_core(0, 0)->counters[R4_COUNTER_CALLS - CORE_COUNTER_BASE];
    const uint64_t takes_before = *takes;
    const uint64_t calls_before = *calls;

    (void)state;
    expect_raw(R4_CALL_NULL, R4_OK);
    assert_int_equal(*takes, takes_before);
    assert_int_equal(*calls, calls_before + 1);
    expect_raw(R4_CALL_NULL_LOCKED, R4_OK);
    assert_int_equal(*takes, takes_before + 1);
    assert_int_equal(*calls, calls_before + 2);
    expect_raw(0x3ff, R4_E_CALL);
    assert_int_equal(*takes, takes_before + 1);
}

/*
 * Everything that is not a result is as before: a refused call touches rax only, and no call
 * touches the rest.
 */
static void test_entry__other_registers_survive(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint64_t calls[] = {
        R4_CALL_NULL,
        R4_CALL_YIELD,
        0x3ff,
        call_register(n, R4_CALL_NOTIFICATION_SIGNAL),
        call_register(n, R4_CALL_MONITOR_TIME),
    };
    struct arch_regs *regs = &root()->context.regs;

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct arch_regs before;

        regs->reg[R4_REGISTER_RBX] = 0x1111 * (i + 1);
        regs->reg[R4_REGISTER_R15] = 0x2222 * (i + 1);
        sim_load_call(root(), calls[i], some_words);
        before = *regs;
        assert_true(sim_enter_call(root()));
        before.reg[R4_REGISTER_RAX] = regs->reg[R4_REGISTER_RAX];
        before.reg[R4_REGISTER_RIP] += HOST_CALL_BYTES;
        assert_memory_equal(regs, &before, sizeof before);
    }
}

/*
 * An interrupted operation: the same call is made again, with all of its registers, and answers
 * once.
 */
static void test_entry__restart(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 2);
    struct fault_plan *faults = &sim.of[0].cluster->faults;
    struct arch_regs *regs = &root()->context.regs;

    (void)state;
    SIM_ROOT(0, CAP_MOVE, n, table, 1);
    SIM_ROOT(0, CAP_MOVE, n + 1, table, 2);
    faults->count = 1;
    faults->entry[0].point = R4_FAULT_POINT_PREEMPT_POLL;
    faults->entry[0].action = FAULT_ACTION_PREEMPT;
    faults->entry[0].remaining = 1;
    sim_load_call(root(), call_register(table, R4_CALL_CAP_DELETE), some_words);
    const struct arch_regs before = *regs;
    assert_false(sim_enter_call(root()));
    assert_int_equal(regs->reg[R4_REGISTER_RIP], before.reg[R4_REGISTER_RIP]);
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        assert_int_equal(arch_regs_word(regs, i), some_words[i]);
    }
    assert_true(sim_enter_call(root()));
    assert_int_equal(sim_reply_of(root()).err, R4_OK);
    assert_int_equal(regs->reg[R4_REGISTER_RIP], before.reg[R4_REGISTER_RIP] + HOST_CALL_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_entry__unknown_number),
        SIM_TEST(test_entry__reserved_bits),
        SIM_TEST(test_entry__index_outside_the_table),
        SIM_TEST(test_entry__empty_slot),
        SIM_TEST(test_entry__wrong_type),
        SIM_TEST(test_entry__missing_right),
        SIM_TEST(test_entry__type_before_rights),
        SIM_TEST(test_entry__null_takes_no_lock),
        SIM_TEST(test_entry__other_registers_survive),
        SIM_TEST(test_entry__restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
