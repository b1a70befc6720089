/* SPDX-License-Identifier: MIT */
/*
 * The lock: who gets it, what is counted, what is excused. Another core's part is played in the
 * waiting core's spin loop.
 */
#include "sim_test.h"

#include <kernel/lock.h>

static struct cluster *cluster(void)
{
    return sim.of[0].cluster;
}

static struct core *core(uint32_t index)
{
    return sim_core(0, index);
}

static uint64_t counter(enum r4_counter number)
{
    return cluster()->counters[number];
}

static void test_lock__counts_takes_and_the_longest_hold(void **state)
{
    const uint64_t takes = counter(R4_COUNTER_LOCK_TAKES);
    static const uint64_t holds[] = {1000, 10, 2000, 1999};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        core(0)->entered_at = arch_cycles();
        lock_take(core(0));
        lock_release(core(0), core(0)->entered_at + holds[i]);
    }
    assert_int_equal(counter(R4_COUNTER_LOCK_TAKES), takes + 4);
    assert_int_equal(counter(R4_COUNTER_LOCK_CONTENDED), 0);
    assert_int_equal(counter(R4_COUNTER_LOCK_LONGEST_HOLD), 2000);
    assert_int_equal(cluster()->lock.next, cluster()->lock.serving);
}

struct other {
    unsigned spins;
    bool is_excused;
};

/* Core 0 holds the lock while core 1 spins three times. */
static void play_core_0(void *context)
{
    struct other *other = context;

    assert_true(cluster()->lock.next != cluster()->lock.serving + 1);
    if (++other->spins < 3) {
        return;
    }
    host.running = core(0);
    if (other->is_excused) {
        host.cycles += 5000;
        lock_excuse_hold(core(0));
    }
    lock_release(core(0), arch_cycles());
    host.running = core(1);
}

/* Returns when core 1 entered the kernel. */
static uint64_t contend(bool is_excused)
{
    struct other other = {.is_excused = is_excused};

    host.on_pause = play_core_0;
    host.pause_context = &other;
    core(0)->entered_at = arch_cycles();
    lock_take(core(0));
    host.running = core(1);
    const uint64_t entered_at = arch_cycles();
    core(1)->entered_at = entered_at;
    lock_take(core(1));
    assert_int_equal(other.spins, 3);
    lock_release(core(1), arch_cycles());
    return entered_at;
}

static void test_lock__one_at_a_time(void **state)
{
    const uint64_t takes = counter(R4_COUNTER_LOCK_TAKES);

    (void)state;
    contend(false);
    assert_int_equal(counter(R4_COUNTER_LOCK_TAKES), takes + 2);
    assert_int_equal(counter(R4_COUNTER_LOCK_CONTENDED), 1);
    assert_int_equal(cluster()->lock.next, cluster()->lock.serving);
}

/* A ticket lock survives the wrap of its tickets. */
static void test_lock__tickets_wrap(void **state)
{
    (void)state;
    cluster()->lock.next = UINT32_MAX;
    cluster()->lock.serving = UINT32_MAX;
    contend(false);
    assert_int_equal(cluster()->lock.next, 1);
    assert_int_equal(cluster()->lock.serving, 1);
}

/* Neither the holder's hold and entry nor the entry of the core that waited for it count. */
static void test_lock__excused_hold(void **state)
{
    (void)state;
    contend(true);
    assert_true(counter(R4_COUNTER_LOCK_LONGEST_HOLD) < 100);
    assert_true(arch_cycles() - core(0)->entered_at < 100);
    assert_true(arch_cycles() - core(1)->entered_at < 100);
}

static void test_lock__unexcused_wait_counts(void **state)
{
    const uint64_t entered_at = contend(false);

    (void)state;
    assert_int_equal(core(1)->entered_at, entered_at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_lock__counts_takes_and_the_longest_hold),
        SIM_TEST(test_lock__one_at_a_time),
        SIM_TEST(test_lock__tickets_wrap),
        SIM_TEST(test_lock__excused_hold),
        SIM_TEST(test_lock__unexcused_wait_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
