/* SPDX-License-Identifier: MIT */
/* libr4/src/ring.c: bytes come out as they went in, and a side that lies changes nothing. */
#include "unit.h"

#include <r4/ring.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 16u

struct shared {
    uint64_t produced;
    uint64_t consumed;
    uint8_t data[SIZE];
};

static struct r4_ring side_of(struct shared *s)
{
    return (struct r4_ring){
        .data = s->data, .size = SIZE, .produced = &s->produced, .consumed = &s->consumed};
}

static void test_ring__is_empty_at_first(void **state)
{
    (void)state;
    struct shared s = {0};
    struct r4_ring writer = side_of(&s), reader = side_of(&s);
    uint64_t n;
    assert_true(r4_ring_room(&writer, &n));
    assert_int_equal(n, SIZE);
    assert_true(r4_ring_filled(&reader, &n));
    assert_int_equal(n, 0);
}

static void test_ring__can_be_filled_to_the_last_byte(void **state)
{
    (void)state;
    struct shared s = {0};
    struct r4_ring writer = side_of(&s), reader = side_of(&s);
    uint8_t in[SIZE], out[SIZE];
    uint64_t n;
    memset(in, 0x5a, sizeof in);
    r4_ring_put(&writer, in, SIZE);
    assert_true(r4_ring_room(&writer, &n));
    assert_int_equal(n, 0);
    assert_true(r4_ring_filled(&reader, &n));
    assert_int_equal(n, SIZE);
    r4_ring_get(&reader, out, SIZE);
    assert_memory_equal(in, out, SIZE);
    assert_true(r4_ring_room(&writer, &n));
    assert_int_equal(n, SIZE);
}

/* Random pieces against a running number: byte k of the stream is k. */
static void test_ring__keeps_the_order_of_bytes(void **state)
{
    (void)state;
    struct shared s = {0};
    struct r4_ring writer = side_of(&s), reader = side_of(&s);
    uint8_t piece[SIZE];
    uint8_t next_in = 0, next_out = 0;
    srand(1);
    for (unsigned round = 0; round < 10000; round++) {
        uint64_t n;
        assert_true(r4_ring_room(&writer, &n));
        uint64_t put = (uint64_t)rand() % (n + 1);
        for (uint64_t i = 0; i < put; i++) {
            piece[i] = next_in++;
        }
        r4_ring_put(&writer, piece, put);
        assert_true(r4_ring_filled(&reader, &n));
        uint64_t get = (uint64_t)rand() % (n + 1);
        r4_ring_get(&reader, piece, get);
        for (uint64_t i = 0; i < get; i++) {
            assert_int_equal(piece[i], next_out++);
        }
    }
}

static void test_ring__counts_wrap_around(void **state)
{
    (void)state;
    struct shared s = {.produced = UINT64_MAX - 3, .consumed = UINT64_MAX - 3};
    struct r4_ring writer = side_of(&s), reader = side_of(&s);
    uint8_t out[8];
    writer.mine = UINT64_MAX - 3;
    reader.mine = UINT64_MAX - 3;
    r4_ring_put(&writer, "12345678", 8);
    uint64_t n;
    assert_true(r4_ring_filled(&reader, &n));
    assert_int_equal(n, 8);
    r4_ring_get(&reader, out, 8);
    assert_memory_equal(out, "12345678", 8);
}

static void test_ring__nonsense_is_seen(void **state)
{
    (void)state;
    const uint64_t lies[] = {SIZE + 1, UINT64_MAX, UINT64_C(1) << 63};
    const uint64_t consumed[] = {1, UINT64_MAX - SIZE,
                                 UINT64_C(1) << 63}; /* ahead, too far behind */
    for (size_t i = 0; i < 3; i++) {
        struct shared s = {.produced = lies[i]};
        struct r4_ring reader = side_of(&s);
        uint64_t n = 77;
        assert_false(r4_ring_filled(&reader, &n));
        assert_int_equal(n, 77);
        s = (struct shared){.consumed = consumed[i]};
        struct r4_ring writer = side_of(&s);
        assert_false(r4_ring_room(&writer, &n));
        assert_int_equal(n, 77);
    }
}

static void test_ring__own_count_is_not_read_back(void **state)
{
    (void)state;
    struct shared s = {0};
    struct r4_ring writer = side_of(&s), reader = side_of(&s);
    uint8_t out[4];
    uint64_t n;
    r4_ring_put(&writer, "abcd", 4);
    s.consumed = UINT64_MAX; /* the writer's page is the reader's to read, not to believe */
    r4_ring_get(&reader, out, 4);
    assert_true(r4_ring_filled(&reader, &n));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring__is_empty_at_first),
        cmocka_unit_test(test_ring__can_be_filled_to_the_last_byte),
        cmocka_unit_test(test_ring__keeps_the_order_of_bytes),
        cmocka_unit_test(test_ring__counts_wrap_around),
        cmocka_unit_test(test_ring__nonsense_is_seen),
        cmocka_unit_test(test_ring__own_count_is_not_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
