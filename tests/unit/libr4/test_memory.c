/* SPDX-License-Identifier: MIT */
/* libr4/src/memory.c: sizes, splitting, joining, and what happens when something is used up. */
#include "unit.h"

#include "fake_invoke.h"

#include <r4/abi/objects.h>
#include <r4/memory.h>
#include <stdlib.h>

#define UNTYPED   1u
#define BITS      20u
#define FIRST     10u
#define NODES     128u
#define TAKEN_MAX 64u

struct fixture {
    uint64_t words[FAKE_SLOTS / R4_SLOTS_WORD_BITS];
    struct r4_slots slots;
    struct r4_memory_node nodes[NODES];
    struct r4_memory memory;
};

static struct fixture f;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    fake_untyped(UNTYPED, BITS);
    r4_slots_init(&f.slots, f.words, FAKE_SLOTS / R4_SLOTS_WORD_BITS, FIRST, FAKE_SLOTS);
    r4_memory_init(&f.memory, &f.slots, f.nodes, NODES);
    assert_int_equal(r4_memory_add(&f.memory, UNTYPED, BITS), R4_OK);
    return 0;
}

static uint16_t take(uint8_t bits)
{
    uint16_t node = R4_MEMORY_NONE;
    assert_int_equal(r4_memory_take(&f.memory, bits, &node), R4_OK);
    assert_int_equal(f.nodes[node].size_bits, bits);
    assert_int_equal(fake_cap[f.nodes[node].slot].type, R4_TYPE_UNTYPED);
    assert_int_equal(fake_cap[f.nodes[node].slot].size_bits, bits);
    return node;
}

static void test_memory__whole(void **state)
{
    (void)state;
    uint16_t node = take(BITS);
    assert_int_equal(f.nodes[node].slot, UNTYPED);
    assert_int_equal(r4_memory_free_bytes(&f.memory), 0);
    uint16_t other = 7;
    assert_int_equal(r4_memory_take(&f.memory, 12, &other), R4_E_MEMORY);
    assert_int_equal(other, 7);
    assert_int_equal(r4_memory_give(&f.memory, node), R4_OK);
    assert_int_equal(r4_memory_free_bytes(&f.memory), UINT64_C(1) << BITS);
}

static void test_memory__all_of_it_in_pieces(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        take(BITS - 4);
    }
    uint16_t node;
    assert_int_equal(r4_memory_take(&f.memory, 12, &node), R4_E_MEMORY);
    assert_int_equal(r4_memory_free_bytes(&f.memory), 0);
}

static void test_memory__halves_are_joined_when_needed(void **state)
{
    (void)state;
    uint16_t nodes[16];
    for (unsigned i = 0; i < 16; i++) {
        nodes[i] = take(BITS - 4);
    }
    for (unsigned i = 0; i < 16; i++) {
        assert_int_equal(r4_memory_give(&f.memory, nodes[i]), R4_OK);
    }
    assert_int_not_equal(fake_count(), 1);
    take(BITS);
    assert_int_equal(fake_count(), 1);
    assert_int_equal(f.slots.free, FAKE_SLOTS - FIRST);
}

static void test_memory__is_used_again(void **state)
{
    (void)state;
    uint16_t first = take(15);
    uint32_t slot = f.nodes[first].slot;
    assert_int_equal(r4_memory_give(&f.memory, first), R4_OK);
    for (unsigned i = 0; i < 100; i++) {
        uint16_t node = take(15);
        assert_int_equal(f.nodes[node].slot, slot);
        assert_int_equal(r4_memory_give(&f.memory, node), R4_OK);
    }
}

/* Someone still holds capabilities made from it: they go. */
static void test_memory__comes_back_with_all_that_was_made_of_it(void **state)
{
    (void)state;
    uint16_t node = take(BITS - 1);
    fake_cap[900] = (struct fake_cap){.type = R4_TYPE_FRAME, .parent = f.nodes[node].slot};
    fake_cap[901] = (struct fake_cap){.type = R4_TYPE_FRAME, .parent = 900};
    assert_int_equal(r4_memory_give(&f.memory, node), R4_OK);
    assert_int_equal(fake_cap[900].type, 0);
    assert_int_equal(fake_cap[901].type, 0);
    assert_int_equal(r4_memory_free_bytes(&f.memory), UINT64_C(1) << BITS);
}

static void test_memory__that_cannot_be_revoked_stays_taken(void **state)
{
    (void)state;
    uint16_t node = take(BITS - 1);
    fake_cap[f.nodes[node].slot].type = 0;
    assert_int_equal(r4_memory_give(&f.memory, node), R4_E_EMPTY);
    assert_int_equal(f.nodes[node].state, R4_MEMORY_TAKEN);
}

static void test_memory__nodes_used_up(void **state)
{
    (void)state;
    r4_memory_init(&f.memory, &f.slots, f.nodes, 3);
    assert_int_equal(r4_memory_add(&f.memory, UNTYPED, BITS), R4_OK);
    uint16_t node;
    assert_int_equal(r4_memory_take(&f.memory, BITS - 2, &node), R4_E_LIMIT);
    assert_int_equal(r4_memory_take(&f.memory, BITS - 1, &node), R4_OK);
    assert_int_equal(r4_memory_add(&f.memory, UNTYPED, BITS), R4_E_LIMIT);
}

static void test_memory__refused_split_leaves_all_as_it_was(void **state)
{
    (void)state;
    uint16_t node;
    fake_fail_at = 2;
    assert_int_equal(r4_memory_take(&f.memory, BITS - 3, &node), R4_E_REVOKING);
    assert_int_equal(r4_memory_free_bytes(&f.memory), UINT64_C(1) << BITS);
    assert_int_equal(f.slots.free, FAKE_SLOTS - FIRST - 2);
    take(BITS - 3);
}

/* Random sizes; what is taken and what is free always come to the whole. */
static void test_memory__sums_hold(void **state)
{
    (void)state;
    uint16_t taken[TAKEN_MAX];
    unsigned count = 0;
    uint64_t bytes = 0;
    srand(3);
    for (unsigned round = 0; round < 5000; round++) {
        uint16_t node;
        if (rand() % 2 == 0 && count < TAKEN_MAX) {
            uint8_t bits = (uint8_t)(12 + rand() % 7);
            enum r4_err err = r4_memory_take(&f.memory, bits, &node);
            if (err == R4_OK) {
                taken[count++] = node;
                bytes += UINT64_C(1) << bits;
            } else {
                assert_true(err == R4_E_MEMORY || err == R4_E_LIMIT);
            }
        } else if (count > 0) {
            unsigned i = (unsigned)rand() % count;
            bytes -= UINT64_C(1) << f.nodes[taken[i]].size_bits;
            assert_int_equal(r4_memory_give(&f.memory, taken[i]), R4_OK);
            taken[i] = taken[--count];
        }
        assert_int_equal(r4_memory_free_bytes(&f.memory) + bytes, UINT64_C(1) << BITS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_memory__whole, setup),
        cmocka_unit_test_setup(test_memory__all_of_it_in_pieces, setup),
        cmocka_unit_test_setup(test_memory__halves_are_joined_when_needed, setup),
        cmocka_unit_test_setup(test_memory__is_used_again, setup),
        cmocka_unit_test_setup(test_memory__comes_back_with_all_that_was_made_of_it, setup),
        cmocka_unit_test_setup(test_memory__that_cannot_be_revoked_stays_taken, setup),
        cmocka_unit_test_setup(test_memory__nodes_used_up, setup),
        cmocka_unit_test_setup(test_memory__refused_split_leaves_all_as_it_was, setup),
        cmocka_unit_test_setup(test_memory__sums_hold, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
