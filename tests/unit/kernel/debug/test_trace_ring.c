/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <kernel/trace_ring.h>

#define CAPACITY UINT64_C(4)

struct fixture {
    struct trace_record storage[CAPACITY];
    struct trace_ring ring;
};

static struct fixture fixture(void)
{
    return (struct fixture){.ring = {.capacity = CAPACITY}};
}

/* Record `n` has n in it. */
static void put(struct fixture *f, uint64_t count)
{
    f->ring.record = f->storage;
    for (uint64_t i = 0; i < count; i++) {
        const struct trace_record record = {
            .ns = f->ring.written, .point = 3, .args = {f->ring.written + 100, 7}};

        trace_ring_put(&f->ring, &record);
    }
}

static void assert_found(const struct trace_ring *ring, uint64_t number, uint64_t expected)
{
    struct trace_record record;

    assert_true(trace_ring_find(ring, &number, &record));
    assert_int_equal(number, expected);
    assert_int_equal(record.ns, expected);
    assert_int_equal(record.point, 3);
    assert_int_equal(record.args[0], expected + 100);
    assert_int_equal(record.args[1], 7);
}

static void assert_nothing(const struct trace_ring *ring, uint64_t number)
{
    const uint64_t asked = number;
    struct trace_record record;

    assert_false(trace_ring_find(ring, &number, &record));
    assert_int_equal(number, asked);
}

static void test_empty(void **state)
{
    struct fixture f = fixture();

    (void)state;
    assert_nothing(&f.ring, 0);
    assert_nothing(&f.ring, UINT64_MAX);
}

static void test_full__keeps_all(void **state)
{
    struct fixture f = fixture();

    (void)state;
    put(&f, CAPACITY);
    for (uint64_t number = 0; number < CAPACITY; number++) {
        assert_found(&f.ring, number, number);
    }
    assert_nothing(&f.ring, CAPACITY);
}

/* The first ones are gone; who asks for one of them gets the oldest that is left. */
static void test_wrap__keeps_the_last(void **state)
{
    struct fixture f = fixture();

    (void)state;
    for (uint64_t written = CAPACITY + 1; written < 3 * CAPACITY; written++) {
        put(&f, written - f.ring.written);
        assert_found(&f.ring, 0, written - CAPACITY);
        assert_found(&f.ring, written - CAPACITY, written - CAPACITY);
        assert_found(&f.ring, written - 1, written - 1);
        assert_nothing(&f.ring, written);
    }
}

static void test_without_memory__drops(void **state)
{
    struct trace_ring ring = {0};
    const struct trace_record record = {.ns = 1};

    (void)state;
    trace_ring_put(&ring, &record);
    assert_int_equal(ring.written, 0);
    assert_nothing(&ring, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_full__keeps_all),
        cmocka_unit_test(test_wrap__keeps_the_last),
        cmocka_unit_test(test_without_memory__drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
