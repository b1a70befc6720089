/* SPDX-License-Identifier: MIT */
/*
 * What a program may try to make the kernel work too long, to mislead its
 * counters, or to find what another one left behind.
 */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/notification.h>
#include <kernel/table.h>
#include <r4/abi/counters.h>
#include <r4/abi/limits.h>
#include <string.h>

#define MONITOR R4_INIT_SLOT_MONITOR
#define THREADS (2u * R4_RETYPE_MAX)

static struct thread *root(void)
{
    return sim.of[0].root;
}

/* Finds the thread; returns how many entries that took. */
static uint64_t find(uint64_t number, uint64_t expected)
{
    const uint64_t before = sim.steps;
    const struct sim_reply reply = SIM_CALL(root(), MONITOR_THREAD, MONITOR, number);

    assert_true(reply.is_done);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], expected);
    return sim.steps - before;
}

/* However many threads there are, one entry looks at a bounded number of them. */
static void test_listing_threads_stops_for_interrupts(void **state)
{
    const uint32_t first = sim_make(0, R4_TYPE_THREAD, 0, R4_RETYPE_MAX);
    const uint32_t second = sim_make(0, R4_TYPE_THREAD, 0, R4_RETYPE_MAX);
    const uint64_t low = sim_thread_at(root(), first)->number;
    const uint64_t high = sim_thread_at(root(), second + R4_RETYPE_MAX - 1u)->number;

    (void)state;
    assert_int_equal(high - low, THREADS - 1u);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    assert_true(find(low + THREADS / 2u, low + THREADS / 2u) > 1);
    assert_true(find(low, low) > 1);
    assert_true(find(high, high) > 1);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_THREAD, MONITOR, high + 1u);
    /* One after the other costs one entry each. */
    (void)find(low, low);
    for (uint64_t number = low; number <= high; number++) {
        assert_int_equal(find(number, number), 1);
    }
}

/* The place where the last search ended goes away. */
static void test_listing_threads_after_the_last_one_found_has_died(void **state)
{
    const uint32_t slot = sim_make(0, R4_TYPE_THREAD, 0, 4);
    const uint64_t number = sim_thread_at(root(), slot)->number;

    (void)state;
    (void)find(number + 1, number + 1);
    expect_ok(root(), CAP_DELETE, slot + 1, 0);
    (void)find(number + 1, number + 2);
    expect_ok(root(), CAP_DELETE, slot + 2, 0);
    (void)find(number, number);
    (void)find(number + 3, number + 3);
    expect_ok(root(), CAP_DELETE, slot + 3, 0);
    expect_refused(root(), R4_E_RANGE, 1, MONITOR_THREAD, MONITOR, number + 1);
    (void)find(0, root()->number);
}

/* A hold does not become shorter by looking whether somebody waits. */
static void test_the_longest_hold_counts_long_operations_whole(void **state)
{
    const uint64_t *longest = &sim.of[0].cluster->counters[R4_COUNTER_LOCK_LONGEST_HOLD];

    (void)state;
    SIM_ROOT(0, YIELD, 0, 0);
    SIM_ROOT(0, CAP_IDENTIFY, MONITOR, 0);
    const uint64_t before = *longest;
    const uint64_t cycles = host.cycles;

    sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 64);
    const uint64_t spent = host.cycles - cycles;

    assert_true(spent > 2u * before);
    assert_true(*longest > spent / 2u);
}

/* ------------------------------------------------------------------------------------------------
 * Memory that comes back
 */

#define PLACES     10u /* slots that the recycling fills and empties */
#define RECYCLINGS 4000u

/* What a frame holds: zeros, so that it can be filled with what must not come out again. */
static void use_frame(const struct slot *s)
{
    uint64_t *words = arch_dmap_ptr((struct paddr){s->object});

    for (size_t i = 0; i < R4_PAGE_BYTES / sizeof *words; i++) {
        assert_int_equal(words[i], 0);
    }
    memset(words, 0xff, R4_PAGE_BYTES);
}

static void use_new(const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_FRAME:
        use_frame(s);
        break;
    case R4_TYPE_NOTIFICATION:
        assert_int_equal(notification_of(s)->bits, 0);
        assert_null(notification_of(s)->waiters);
        notification_of(s)->bits = UINT64_MAX;
        break;
    case R4_TYPE_CAP_TABLE:
        for (uint32_t n = 1; n < table_of(s)->last; n++) {
            assert_true(slot_is_empty(table_slot(table_of(s), n)));
        }
        break;
    default:
        break;
    }
}

/* A random untyped among the places, of any size, becomes something. */
static void retype_one(uint32_t first, uint32_t from, uint32_t dest)
{
    static const struct {
        uint8_t type;
        uint8_t bits;
    } kinds[] = {
        {R4_TYPE_FRAME, 12},   {R4_TYPE_NOTIFICATION, 5}, {R4_TYPE_CAP_TABLE, 14},
        {R4_TYPE_UNTYPED, 14}, {R4_TYPE_UNTYPED, 12},     {R4_TYPE_UNTYPED, 9},
        {R4_TYPE_UNTYPED, 6},  {R4_TYPE_NOTIFICATION, 5},
    };
    const uint32_t kind = rng_below(&sim.rng, sizeof kinds / sizeof kinds[0]);
    const struct sim_reply reply = SIM_CALL(root(), UNTYPED_RETYPE, first + from, kinds[kind].type,
                                            kinds[kind].bits, 0, first + dest, 1);

    if (reply.err == R4_OK) {
        use_new(sim_slot(root(), first + dest));
    }
}

/*
 * Retypes, copies and deletes in any order, restarted whenever possible: whatever is made of the
 * memory comes out clean, although all of it was written before.
 */
static void test_memory_comes_back_clean_whatever_it_was(void **state)
{
    const uint32_t first = sim_slots_take(0, PLACES);

    (void)state;
    expect_ok(root(), UNTYPED_RETYPE, sim.of[0].untyped, R4_TYPE_UNTYPED, 16, 0, first, 1);
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    for (uint32_t i = 0; i < RECYCLINGS; i++) {
        const uint32_t a = rng_below(&sim.rng, PLACES);
        const uint32_t b = 1u + rng_below(&sim.rng, PLACES - 1u);

        switch (rng_below(&sim.rng, 8)) {
        case 0:
            (void)SIM_CALL(root(), CAP_COPY, first + a, 0, first + b);
            break;
        case 1:
        case 2:
        case 3:
            (void)SIM_CALL(root(), CAP_DELETE, first + b, 0);
            break;
        default:
            retype_one(first, a, b);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_listing_threads_stops_for_interrupts),
        SIM_TEST(test_listing_threads_after_the_last_one_found_has_died),
        SIM_TEST(test_memory_comes_back_clean_whatever_it_was),
        SIM_TEST(test_the_longest_hold_counts_long_operations_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
