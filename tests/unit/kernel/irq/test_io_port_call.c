/* SPDX-License-Identifier: MIT */
/* The calls on I/O ports: widths, ranges, narrowing; every error. */
#include "sim_test.h"

#include <r4/abi/layout.h>

#define PORTS R4_INIT_SLOT_SERIAL_PORTS
#define END   (SIM_PORT + SIM_PORTS)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static uint64_t io_read(uint32_t cap, uint64_t port, uint64_t bytes)
{
    return SIM_ROOT(0, IO_READ, cap, port, bytes);
}

static void test_io__every_width_little_endian(void **state)
{
    (void)state;
    expect_ok(root(), IO_WRITE, PORTS, SIM_PORT, 4, 0x44332211u);
    assert_int_equal(io_read(PORTS, SIM_PORT, 4), 0x44332211u);
    assert_int_equal(io_read(PORTS, SIM_PORT + 1, 2), 0x3322u);
    assert_int_equal(io_read(PORTS, SIM_PORT + 3, 1), 0x44u);
    expect_ok(root(), IO_WRITE, PORTS, SIM_PORT + 1, 1, 0xff);
    expect_ok(root(), IO_WRITE, PORTS, SIM_PORT + 2, 2, 0xffff);
    assert_int_equal(io_read(PORTS, SIM_PORT, 4), 0xffffff11u);
}

static void test_io__errors_are_exact(void **state)
{
    const uint64_t bad_bytes[] = {0, 3, 5, 8, 255};

    (void)state;
    for (size_t i = 0; i < sizeof(bad_bytes) / sizeof(bad_bytes[0]); i++) {
        expect_refused(root(), R4_E_RANGE, 2, IO_READ, PORTS, SIM_PORT, bad_bytes[i]);
        expect_refused(root(), R4_E_RANGE, 2, IO_WRITE, PORTS, SIM_PORT, bad_bytes[i], 0);
    }
    for (uint64_t bytes = 1; bytes <= 4; bytes *= 2) {
        expect_refused(root(), R4_E_RANGE, 1, IO_READ, PORTS, SIM_PORT - 1, bytes);
        expect_refused(root(), R4_E_RANGE, 1, IO_READ, PORTS, END - bytes + 1, bytes);
        expect_refused(root(), R4_E_RANGE, 1, IO_WRITE, PORTS, END - bytes + 1, bytes, 0);
        expect_ok(root(), IO_READ, PORTS, END - bytes, bytes);
    }
    expect_refused(root(), R4_E_RANGE, 1, IO_READ, PORTS, 0, 1);
    expect_refused(root(), R4_E_RANGE, 1, IO_READ, PORTS, 0xffff, 4);
    expect_refused(root(), R4_E_RANGE, 1, IO_READ, PORTS, SIM_PORT + 0x10000, 1);
    expect_refused(root(), R4_E_RANGE, 3, IO_WRITE, PORTS, SIM_PORT, 1, 0x100);
    expect_refused(root(), R4_E_RANGE, 3, IO_WRITE, PORTS, SIM_PORT, 2, 0x10000);
    expect_refused(root(), R4_E_RANGE, 3, IO_WRITE, PORTS, SIM_PORT, 4, UINT64_C(1) << 32);
}

static void test_io__needs_its_rights(void **state)
{
    const uint32_t weak = sim_slots_take(0, 2);

    (void)state;
    expect_ok(root(), CAP_DERIVE, PORTS, 0, weak, R4_RIGHT_READ);
    expect_ok(root(), CAP_DERIVE, PORTS, 0, weak + 1, R4_RIGHT_WRITE);
    expect_ok(root(), IO_READ, weak, SIM_PORT, 1);
    expect_refused(root(), R4_E_RIGHTS, 0, IO_WRITE, weak, SIM_PORT, 1, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, IO_NARROW, weak, 0, weak, SIM_PORT, 1);
    expect_ok(root(), IO_WRITE, weak + 1, SIM_PORT, 1, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, IO_READ, weak + 1, SIM_PORT, 1);
}

static void test_io_narrow__child_has_its_part_only(void **state)
{
    const uint32_t slot = sim_slots_take(0, 2);
    const uint64_t range = r4_io_range_with_count(r4_io_range_with_first(0, SIM_PORT + 2), 2);

    (void)state;
    expect_ok(root(), IO_NARROW, PORTS, 0, slot, SIM_PORT + 2, 2);
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, slot, 0).word[1], range);
    expect_ok(root(), IO_READ, slot, SIM_PORT + 2, 2);
    expect_refused(root(), R4_E_RANGE, 1, IO_READ, slot, SIM_PORT + 1, 1);
    expect_refused(root(), R4_E_RANGE, 1, IO_READ, slot, SIM_PORT + 3, 2);
    expect_refused(root(), R4_E_RANGE, 3, IO_NARROW, slot, 0, slot + 1, SIM_PORT, 1);
    expect_refused(root(), R4_E_RANGE, 4, IO_NARROW, slot, 0, slot + 1, SIM_PORT + 2, 3);
    /* The copy of a narrow one is as narrow. */
    expect_ok(root(), CAP_COPY, slot, 0, slot + 1);
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, slot + 1, 0).word[1], range);
    expect_ok(root(), CAP_DELETE, slot);
    expect_ok(root(), IO_READ, slot + 1, SIM_PORT + 2, 1);
}

static void test_io_narrow__errors_are_exact(void **state)
{
    const uint32_t slot = sim_slots_take(0, R4_TTL_MAX + 1);

    (void)state;
    expect_refused(root(), R4_E_RANGE, 2, IO_NARROW, PORTS, 0, 0, SIM_PORT, 1);
    expect_refused(root(), R4_E_RANGE, 2, IO_NARROW, PORTS, 0, SIM_TABLE_SLOTS, SIM_PORT, 1);
    expect_refused(root(), R4_E_OCCUPIED, 2, IO_NARROW, PORTS, 0, PORTS, SIM_PORT, 1);
    expect_refused(root(), R4_E_INDEX, 1, IO_NARROW, PORTS, SIM_TABLE_SLOTS, slot, SIM_PORT, 1);
    expect_refused(root(), R4_E_EMPTY, 1, IO_NARROW, PORTS, slot, slot, SIM_PORT, 1);
    expect_refused(root(), R4_E_TYPE, 1, IO_NARROW, PORTS, PORTS, slot, SIM_PORT, 1);
    expect_refused(root(), R4_E_RANGE, 3, IO_NARROW, PORTS, 0, slot, SIM_PORT - 1, 1);
    expect_refused(root(), R4_E_RANGE, 3, IO_NARROW, PORTS, 0, slot, END, 1);
    expect_refused(root(), R4_E_RANGE, 4, IO_NARROW, PORTS, 0, slot, SIM_PORT, 0);
    expect_refused(root(), R4_E_RANGE, 4, IO_NARROW, PORTS, 0, slot, SIM_PORT, SIM_PORTS + 1);
    expect_refused(root(), R4_E_RANGE, 4, IO_NARROW, PORTS, 0, slot, SIM_PORT, 0xffffffffu);
    expect_refused(root(), R4_E_TYPE, 0, CAP_MINT, PORTS, 0, slot, 5);
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        expect_ok(root(), IO_NARROW, i == 0 ? PORTS : slot + i - 1, 0, slot + i, SIM_PORT, 1);
    }
    expect_refused(root(), R4_E_TTL, 0, IO_NARROW, slot + R4_TTL_MAX - 1, 0, slot + R4_TTL_MAX,
                   SIM_PORT, 1);
    slot_set_flags(sim_slot(root(), PORTS), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, IO_NARROW, PORTS, 0, slot + R4_TTL_MAX, SIM_PORT, 1);
    slot_set_flags(sim_slot(root(), PORTS), 0, SLOT_FROZEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_io__every_width_little_endian),
        SIM_TEST(test_io__errors_are_exact),
        SIM_TEST(test_io__needs_its_rights),
        SIM_TEST(test_io_narrow__child_has_its_part_only),
        SIM_TEST(test_io_narrow__errors_are_exact),
    };

    return cmocka_run_group_tests_name("io port calls", tests, NULL, NULL);
}
