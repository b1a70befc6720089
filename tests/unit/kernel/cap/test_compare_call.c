/* SPDX-License-Identifier: MIT */
/* cap_compare: same, part, whole and different for every type, seen from both sides; every error. */
#include "sim_test.h"

#include <kernel/span.h>
#include <r4/abi/limits.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */

static struct thread *root(void)
{
    return sim.of[0].root;
}

static uint64_t compare(uint32_t a, uint32_t b)
{
    return SIM_ROOT(0, CAP_COMPARE, a, b);
}

static void expect_relation(uint32_t a, uint32_t b, enum r4_cap_relation relation)
{
    static const enum r4_cap_relation reverse[] = {
        [R4_CAP_RELATION_DIFFERENT] = R4_CAP_RELATION_DIFFERENT,
        [R4_CAP_RELATION_SAME] = R4_CAP_RELATION_SAME,
        [R4_CAP_RELATION_PART] = R4_CAP_RELATION_WHOLE,
        [R4_CAP_RELATION_WHOLE] = R4_CAP_RELATION_PART,
    };

    assert_int_equal(compare(a, b), relation);
    assert_int_equal(compare(b, a), reverse[relation]);
}

static uint32_t copy_of(uint32_t cap)
{
    const uint32_t dest = sim_slots_take(0, 1);

    expect_ok(root(), CAP_COPY, cap, 0, dest);
    return dest;
}

static void test_D19_compare__errors_are_exact(void **state)
{
    const uint32_t empty = sim_slots_take(0, 1);

    (void)state;
    expect_refused(root(), R4_E_INDEX, 1, CAP_COMPARE, R4_INIT_SLOT_PD, 0);
    expect_refused(root(), R4_E_INDEX, 1, CAP_COMPARE, R4_INIT_SLOT_PD, SIM_TABLE_SLOTS);
    expect_refused(root(), R4_E_INDEX, 1, CAP_COMPARE, R4_INIT_SLOT_PD, NO_CAP);
    expect_refused(root(), R4_E_RANGE, 1, CAP_COMPARE, R4_INIT_SLOT_PD, UINT64_C(1) << 24);
    expect_refused(root(), R4_E_EMPTY, 1, CAP_COMPARE, R4_INIT_SLOT_PD, empty);
    expect_refused(root(), R4_E_EMPTY, 0, CAP_COMPARE, empty, R4_INIT_SLOT_PD);
    expect_refused(root(), R4_E_INDEX, 0, CAP_COMPARE, 0, R4_INIT_SLOT_PD);
}

/* Two of each type: each is the same as itself and its copy, and different from its neighbour. */
static void test_D19_compare__objects_of_every_type(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t bits;
    } kinds[] = {
        {R4_TYPE_UNTYPED, 14},     {R4_TYPE_FRAME, R4_PAGE_BITS},
        {R4_TYPE_PAGE_TABLE, 0},   {R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS},
        {R4_TYPE_PD, 0},           {R4_TYPE_THREAD, 0},
        {R4_TYPE_NOTIFICATION, 0},
    };
    uint32_t before = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const uint32_t two = sim_make(0, (enum r4_type)kinds[i].type, kinds[i].bits, 2);
        const uint32_t copy = copy_of(two);

        expect_relation(two, two, R4_CAP_RELATION_SAME);
        expect_relation(two, copy, R4_CAP_RELATION_SAME);
        expect_relation(two, two + 1, R4_CAP_RELATION_DIFFERENT);
        expect_relation(copy, two + 1, R4_CAP_RELATION_DIFFERENT);
        expect_relation(sim.of[0].untyped, two, R4_CAP_RELATION_PART);
        if (before != 0) {
            expect_relation(before, two, R4_CAP_RELATION_DIFFERENT);
        }
        before = two;
    }
}

/* Neither rights nor a badge nor the time to live make a difference. */
static void test_D19_compare__what_capabilities_carry_plays_no_part(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t minted = sim_slots_take(0, 2);
    const uint32_t bare = minted + 1;

    (void)state;
    expect_ok(root(), CAP_MINT, n, 0, minted, 5);
    expect_ok(root(), CAP_DERIVE, n, 0, bare, 0);
    expect_relation(n, minted, R4_CAP_RELATION_SAME);
    expect_relation(minted, bare, R4_CAP_RELATION_SAME);
}

static void test_D19_compare__untyped_in_untyped(void **state)
{
    const uint32_t outer = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t inner = sim_slots_take(0, 4);
    const uint32_t frame = inner + 2;

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, outer, R4_TYPE_UNTYPED, 14, 0, inner, 2);
    SIM_ROOT(0, UNTYPED_RETYPE, inner + 1, R4_TYPE_FRAME, R4_PAGE_BITS, 0, frame, 1);
    expect_relation(outer, inner, R4_CAP_RELATION_PART);
    expect_relation(outer, frame, R4_CAP_RELATION_PART);
    expect_relation(inner, inner + 1, R4_CAP_RELATION_DIFFERENT);
    expect_relation(inner, frame, R4_CAP_RELATION_DIFFERENT);
    expect_relation(inner + 1, frame, R4_CAP_RELATION_PART);
    /* Memory of the same size is the same only as the same thing. */
    SIM_ROOT(0, CAP_DELETE, frame, 0);
    SIM_ROOT(0, UNTYPED_RETYPE, inner + 1, R4_TYPE_CAP_TABLE, 14, 0, frame, 1);
    expect_relation(inner + 1, frame, R4_CAP_RELATION_PART);
    /* An object keeps its place when the untyped between is deleted. */
    SIM_ROOT(0, CAP_DELETE, inner + 1, 0);
    expect_relation(outer, frame, R4_CAP_RELATION_PART);
}

static void test_D19_compare__ports_by_their_ranges(void **state)
{
    const uint32_t all = R4_INIT_SLOT_SERIAL_PORTS;
    const uint32_t low = sim_slots_take(0, 4);
    const uint32_t high = low + 1;
    const uint32_t middle = low + 2;

    (void)state;
    SIM_ROOT(0, IO_NARROW, all, 0, low, SIM_PORT, 4);
    SIM_ROOT(0, IO_NARROW, all, 0, high, SIM_PORT + 4, 4);
    SIM_ROOT(0, IO_NARROW, all, 0, middle, SIM_PORT + 2, 4);
    SIM_ROOT(0, IO_NARROW, low, 0, low + 3, SIM_PORT, 4);
    expect_relation(all, all, R4_CAP_RELATION_SAME);
    expect_relation(all, low, R4_CAP_RELATION_PART);
    expect_relation(all, high, R4_CAP_RELATION_PART);
    expect_relation(low, high, R4_CAP_RELATION_DIFFERENT);
    expect_relation(low, middle, R4_CAP_RELATION_DIFFERENT);
    expect_relation(low, low + 3, R4_CAP_RELATION_SAME);
    expect_relation(sim.of[0].untyped, low, R4_CAP_RELATION_DIFFERENT);
}

static void test_D19_compare__interrupt_lines(void **state)
{
    const uint32_t lines = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 4, 0, 0, lines);
    SIM_ROOT(0, IRQ_GET, R4_INIT_SLOT_IRQ_CONTROL, 5, 0, 0, lines + 1);
    expect_relation(lines, copy_of(lines), R4_CAP_RELATION_SAME);
    expect_relation(lines, lines + 1, R4_CAP_RELATION_DIFFERENT);
    expect_relation(R4_INIT_SLOT_IRQ_CONTROL, lines, R4_CAP_RELATION_PART);
    expect_relation(R4_INIT_SLOT_IRQ_CONTROL, copy_of(R4_INIT_SLOT_IRQ_CONTROL),
                    R4_CAP_RELATION_SAME);
}

/* What boot gives: all different, but for what is part of the cluster's one thing of its kind. */
static void test_D19_compare__what_boot_gives(void **state)
{
    static const uint32_t slots[] = {
        R4_INIT_SLOT_CAP_TABLE,    R4_INIT_SLOT_PD,        R4_INIT_SLOT_THREAD,
        R4_INIT_SLOT_ASID_CONTROL, R4_INIT_SLOT_MONITOR,   R4_INIT_SLOT_SERIAL_PORTS,
        R4_INIT_SLOT_IRQ_CONTROL,  R4_INIT_SLOT_LINKS + 1,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        expect_relation(slots[i], copy_of(slots[i]), R4_CAP_RELATION_SAME);
        for (size_t j = 0; j < i; j++) {
            expect_relation(slots[i], slots[j], R4_CAP_RELATION_DIFFERENT);
        }
    }
}

/* What is no memory lies in none, not even where memory begins. */
static void test_D19_relation__no_memory(void **state)
{
    const struct slot memory = {.meta = slot_meta(R4_TYPE_UNTYPED, 0, 0, 21)};
    const struct slot monitor = {.meta = slot_meta(R4_TYPE_MONITOR, 0, 0, 0), .object = 8};

    (void)state;
    assert_int_equal(span_relation(&memory, &monitor), R4_CAP_RELATION_DIFFERENT);
    assert_int_equal(span_relation(&monitor, &memory), R4_CAP_RELATION_DIFFERENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D19_compare__errors_are_exact),
        SIM_TEST(test_D19_compare__objects_of_every_type),
        SIM_TEST(test_D19_compare__what_capabilities_carry_plays_no_part),
        SIM_TEST(test_D19_compare__untyped_in_untyped),
        SIM_TEST(test_D19_compare__ports_by_their_ranges),
        SIM_TEST(test_D19_compare__interrupt_lines),
        SIM_TEST(test_D19_compare__what_boot_gives),
        SIM_TEST(test_D19_relation__no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
