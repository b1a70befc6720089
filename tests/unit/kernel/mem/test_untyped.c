/* SPDX-License-Identifier: MIT */
/* The arithmetic of untyped memory against a map of which 32-byte units are handed out. */
#include "unit.h"

#include <kernel/derive.h>
#include <kernel/untyped.h>
#include <r4/abi/objects.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_BITS  5u
#define SIZE_BITS  16u
#define UNITS      (1u << (SIZE_BITS - UNIT_BITS))
#define OPERATIONS 100000u
#define KIB        UINT64_C(1024)
#define GIB        (UINT64_C(1) << 30)

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 20;
}

/*
 * The first aligned place above all that is handed out where `count` objects fit, by trying; UNITS
 * if there is none.
 */
static unsigned model_place(const bool *taken, unsigned unit, unsigned long count)
{
    unsigned top = 0;

    for (unsigned i = 0; i < UNITS; i++) {
        top = taken[i] ? i + 1 : top;
    }
    while (top % unit != 0) {
        top++;
    }
    return top + count * unit <= UNITS ? top : UNITS;
}

static void test_untyped_carve__agrees_with_a_map_of_units(void **state)
{
    bool taken[UNITS] = {false};
    uint64_t watermark = 0;
    uint64_t seed = 0x5eed;

    (void)state;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        const uint8_t bits =
            (uint8_t)(UNIT_BITS + next_random(&seed) % (SIZE_BITS + 2 - UNIT_BITS));
        const uint32_t count = 1 + (uint32_t)(next_random(&seed) % 9);
        const unsigned unit = 1u << (bits - UNIT_BITS);
        const unsigned place = model_place(taken, unit, count);
        uint64_t offset = 12345;
        const enum r4_err err = untyped_carve(SIZE_BITS, watermark, bits, count, &offset);

        if (place == UNITS) {
            assert_int_equal(err, R4_E_MEMORY);
            assert_int_equal(offset, 12345);
        } else {
            assert_int_equal(err, R4_OK);
            assert_int_equal(offset, (uint64_t)place << UNIT_BITS);
            memset(&taken[place], true, unit * count);
            watermark = offset + ((uint64_t)count << bits);
        }
        if (next_random(&seed) % 12 == 0) {
            memset(taken, false, sizeof(taken));
            watermark = 0;
        }
    }
}

static void test_untyped_carve__edges(void **state)
{
    uint64_t offset;

    (void)state;
    assert_int_equal(untyped_carve(12, 0, 12, 1, &offset), R4_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(untyped_carve(12, 32, 12, 1, &offset), R4_E_MEMORY);
    assert_int_equal(untyped_carve(12, 4096, 5, 1, &offset), R4_E_MEMORY);
    assert_int_equal(untyped_carve(12, 4064, 5, 1, &offset), R4_OK);
    assert_int_equal(offset, 4064);
    assert_int_equal(untyped_carve(12, 0, 13, 1, &offset), R4_E_MEMORY);
    assert_int_equal(untyped_carve(39, 0, 39, 1, &offset), R4_OK);
    assert_int_equal(untyped_carve(39, 0, 39, UINT32_MAX, &offset), R4_E_MEMORY);
    assert_int_equal(untyped_carve(39, 1, 38, 1, &offset), R4_OK);
    assert_int_equal(offset, UINT64_C(1) << 38);
    assert_int_equal(untyped_carve(5, 0, 5, UINT32_MAX, &offset), R4_E_MEMORY);
}

static void test_untyped_pack__round_trip(void **state)
{
    static const struct untyped_state states[] = {
        {0, 0},
        {32, 4096},
        {4096, 0},
        {UINT64_C(1) << 39, UINT64_C(1) << 39},
        {(UINT64_C(1) << 39) - 32, (UINT64_C(1) << 39) - 4096},
        {3 * GIB + 64, 7 * KIB * 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        const struct untyped_state got = untyped_unpack(untyped_pack(states[i]));

        assert_int_equal(got.watermark_bytes, states[i].watermark_bytes);
        assert_int_equal(got.zeroed_bytes, states[i].zeroed_bytes);
    }
}

static void test_untyped_state_of__starts_again_without_children(void **state)
{
    struct slot anchor = {0};
    struct slot untyped = {
        .meta = slot_meta(R4_TYPE_UNTYPED, 0, 15, 20),
        .extra = untyped_pack((struct untyped_state){8192, 16384}),
    };
    struct slot child = {.meta = slot_meta(R4_TYPE_FRAME, 0, 15, 12)};
    struct untyped_state got;

    (void)state;
    derive_init(&anchor);
    derive_insert_child(&anchor, &untyped);
    derive_insert_child(&untyped, &child);
    got = untyped_state_of(&untyped);
    assert_int_equal(got.watermark_bytes, 8192);
    assert_int_equal(got.zeroed_bytes, 16384);
    derive_remove(&child);
    got = untyped_state_of(&untyped);
    assert_int_equal(got.watermark_bytes, 0);
    assert_int_equal(got.zeroed_bytes, 0);
    /* Nothing was handed out: what is zero stays known. */
    untyped.extra = untyped_pack((struct untyped_state){0, 16384});
    assert_int_equal(untyped_state_of(&untyped).zeroed_bytes, 16384);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_untyped_carve__agrees_with_a_map_of_units),
        cmocka_unit_test(test_untyped_carve__edges),
        cmocka_unit_test(test_untyped_pack__round_trip),
        cmocka_unit_test(test_untyped_state_of__starts_again_without_children),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
