/* SPDX-License-Identifier: MIT */
/* The calls on the monitor. Cluster 0 owns the devices, cluster 1 does not. */
#include "sim_test.h"

#include <r4/abi/exits.h>
#include <r4/abi/layout.h>
#include <string.h>

#define MONITOR R4_INIT_SLOT_MONITOR

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct thread *other_root(void)
{
    return sim.of[1].root;
}

static uint64_t word_of(const char *eight_bytes)
{
    uint64_t word;

    memcpy(&word, eight_bytes, sizeof word);
    return word;
}

static void test_console_write__each_length(void **state)
{
    static const char text[] = "The quick brown fox jumps over lazy dogs";

    (void)state;
    for (uint64_t bytes = 0; bytes <= 40; bytes++) {
        const size_t before = host.console_bytes;

        expect_ok(root(), MONITOR_CONSOLE_WRITE, MONITOR, bytes, word_of(text), word_of(text + 8),
                  word_of(text + 16), word_of(text + 24), word_of(text + 32));
        const uint64_t taken = bytes < HOST_FIFO_BYTES ? bytes : HOST_FIFO_BYTES;

        assert_int_equal(sim_reply_of(root()).word[0], taken);
        assert_int_equal(host.console_bytes, before + taken);
        assert_memory_equal(host.console + before, text, taken);
    }
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_CONSOLE_WRITE, MONITOR, 41);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_CONSOLE_WRITE, MONITOR, 256);
}

static void test_channel_write(void **state)
{
    (void)state;
    expect_ok(root(), MONITOR_CHANNEL_WRITE, MONITOR, 3, word_of("abcdefgh"));
    assert_string_equal(host.channel, "abc");
    assert_int_equal(host.console_bytes, 0);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_CHANNEL_WRITE, MONITOR, 41);
}

static void test_write__a_port_that_sends_takes_nothing(void **state)
{
    (void)state;
    host.is_port_busy = true;
    expect_refused(root(), R4_E_AGAIN, 0, MONITOR_CONSOLE_WRITE, MONITOR, 8, 0);
    expect_refused(root(), R4_E_AGAIN, 0, MONITOR_CHANNEL_WRITE, MONITOR, 8, 0);
    assert_int_equal(host.console_bytes + host.channel_bytes, 0);
    host.is_port_busy = false;
}

static void test_devices__belong_to_one_cluster(void **state)
{
    (void)state;
    expect_refused(other_root(), R4_E_STATE, 0, MONITOR_CONSOLE_WRITE, MONITOR, 1);
    expect_refused(other_root(), R4_E_STATE, 0, MONITOR_CHANNEL_WRITE, MONITOR, 1);
    expect_refused(other_root(), R4_E_STATE, 0, MONITOR_EXIT, MONITOR, R4_EXIT_PASS);
    assert_int_equal(host.console_bytes + host.channel_bytes, 0);
}

static void test_exit__only_with_a_status_of_the_abi(void **state)
{
    jmp_buf ended;

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_EXIT, MONITOR, 0);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_EXIT, MONITOR, R4_EXIT_PASS - 1);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_EXIT, MONITOR, R4_EXIT_BOOT + 1);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_EXIT, MONITOR, 0x100 + R4_EXIT_PASS);
    host.on_exit = &ended;
    if (setjmp(ended) == 0) {
        (void)SIM_CALL(root(), MONITOR_EXIT, MONITOR, R4_EXIT_FAIL);
        fail_msg("the machine goes on");
    }
    assert_int_equal(host.exit_status, R4_EXIT_FAIL);
}

static void test_counter__each_number(void **state)
{
    (void)state;
    sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS] = 77;
    sim_core(0, 1)->counters[R4_COUNTER_FAULTS - CORE_COUNTER_BASE] = 88;
    assert_int_equal(SIM_ROOT(0, MONITOR_COUNTER, MONITOR, R4_COUNTER_SHOOTDOWNS, 0), 77);
    assert_int_equal(SIM_ROOT(0, MONITOR_COUNTER, MONITOR, R4_COUNTER_FAULTS, 1), 88);
    assert_int_equal(SIM_ROOT(0, MONITOR_COUNTER, MONITOR, R4_COUNTER_FAULTS, 0), 0);
    for (uint64_t counter = 0; counter < 256; counter++) {
        const bool is_of_cluster = counter < CLUSTER_COUNTERS;
        const bool is_of_core = counter >= CORE_COUNTER_BASE && counter < R4_COUNTER_TABLE_SIZE;

        if (!is_of_cluster && !is_of_core) {
            expect_refused(root(), R4_E_RANGE, 1, MONITOR_COUNTER, MONITOR, counter, 0);
            continue;
        }
        expect_ok(root(), MONITOR_COUNTER, MONITOR, counter, 0);
        expect_refused(root(), R4_E_RANGE, 2, MONITOR_COUNTER, MONITOR, counter,
                       is_of_cluster ? 1 : 2);
    }
}

static void test_core__says_who_runs(void **state)
{
    struct sim_reply reply;

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_CORE, MONITOR, 2);
    reply = SIM_CALL(root(), MONITOR_CORE, MONITOR, 0);
    assert_int_equal(reply.word[0], sim_core(0, 0)->hardware_id);
    assert_int_equal(reply.word[1], root()->number);
    assert_int_equal(reply.word[2], SIM_ROOT_PRIORITY);
    assert_int_equal(reply.word[3], 0);
    sim_make_thread(0, R4_INIT_SLOT_PD, 0, 1);
    reply = SIM_CALL(root(), MONITOR_CORE, MONITOR, 0);
    assert_int_equal(reply.word[3], 1);
    reply = SIM_CALL(root(), MONITOR_CORE, MONITOR, 1);
    assert_int_equal(reply.word[0], sim_core(0, 1)->hardware_id);
    assert_int_equal(reply.word[1], 0);
}

/* The whole list, by the number after the one that was found; a hole where one was deleted. */
static void test_thread__walks_the_list(void **state)
{
    uint32_t slot[3];
    struct sim_reply reply;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        slot[i] = sim_make_thread(0, R4_INIT_SLOT_PD, 0, (uint8_t)(10 + i));
        SIM_ROOT(0, THREAD_SET_NAME, slot[i], 0x41 + i, 0x61 + i);
    }
    SIM_ROOT(0, CAP_DELETE, slot[1], 0);
    reply = SIM_CALL(root(), MONITOR_THREAD, MONITOR, 0);
    assert_int_equal(reply.word[0], root()->number);
    assert_int_equal(reply.word[2], sim.of[0].pd->asid);
    reply = SIM_CALL(root(), MONITOR_THREAD, MONITOR, root()->number + 1);
    assert_int_equal(reply.word[3], 0x41);
    assert_int_equal(reply.word[4], 0x61);
    assert_int_equal(r4_thread_info_priority(reply.word[1]), 10);
    assert_int_equal(r4_thread_info_state(reply.word[1]), R4_THREAD_STATE_READY);
    reply = SIM_CALL(root(), MONITOR_THREAD, MONITOR, reply.word[0] + 1);
    assert_int_equal(reply.word[3], 0x43);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_THREAD, MONITOR, reply.word[0] + 1);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_THREAD, MONITOR, UINT64_MAX);
}

static void test_audit__finds_nothing_and_costs_nothing(void **state)
{
    const uint64_t *longest =
        &sim_core(0, 0)->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];
    uint64_t *hold = &sim.of[0].cluster->counters[R4_COUNTER_LOCK_LONGEST_HOLD];
    struct sim_reply reply;

    (void)state;
    SIM_ROOT(0, NULL_LOCKED, 0, 0);
    const uint64_t longest_before = *longest;
    const uint64_t hold_before = *hold;
    reply = SIM_CALL(root(), MONITOR_AUDIT, MONITOR, 0);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], 0);
    assert_int_equal(reply.word[1], 0);
    assert_true(reply.word[3] > 0);
    assert_int_equal(*longest, longest_before);
    assert_int_equal(*hold, hold_before);
}

static void test_time_and_memory(void **state)
{
    const struct memory_account *memory = &sim.of[0].cluster->memory;
    struct sim_reply reply;

    (void)state;
    host.now_ns = 12345;
    reply = SIM_CALL(root(), MONITOR_TIME, MONITOR, 0);
    assert_int_equal(reply.word[0], 12345);
    assert_true(reply.word[1] != 0);
    reply = SIM_CALL(root(), MONITOR_MEMORY, MONITOR, 0);
    assert_int_equal(reply.word[0], memory->owned);
    assert_int_equal(reply.word[1], memory->kernel);
    assert_int_equal(reply.word[2], memory->root);
    assert_int_equal(reply.word[3], memory->pair);
    assert_int_equal(reply.word[4], memory->untyped);
    assert_int_equal(reply.word[5], memory->lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_console_write__each_length),
        SIM_TEST(test_channel_write),
        SIM_TEST(test_write__a_port_that_sends_takes_nothing),
        SIM_TEST(test_devices__belong_to_one_cluster),
        SIM_TEST(test_exit__only_with_a_status_of_the_abi),
        SIM_TEST(test_counter__each_number),
        SIM_TEST(test_core__says_who_runs),
        SIM_TEST(test_thread__walks_the_list),
        SIM_TEST(test_audit__finds_nothing_and_costs_nothing),
        SIM_TEST(test_time_and_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
