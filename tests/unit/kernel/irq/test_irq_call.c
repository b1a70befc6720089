/* SPDX-License-Identifier: MIT */
/* The calls on interrupt lines: every error, delivery, life and death of handlers. */
#include "sim_test.h"

#include <kernel/notification.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define CONTROL R4_INIT_SLOT_IRQ_CONTROL
#define LINE    4u
#define BADGE   UINT64_C(0x40)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct arch_irq *wires(void)
{
    return &sim.of[0].cluster->irqs.arch;
}

static uint32_t get(uint32_t line, uint64_t mode)
{
    const uint32_t slot = sim_slots_take(0, 1);

    expect_ok(root(), IRQ_GET, CONTROL, line, mode, 0, slot);
    return slot;
}

static uint32_t badged(uint32_t notification)
{
    const uint32_t slot = sim_slots_take(0, 1);

    expect_ok(root(), CAP_MINT, notification, 0, slot, BADGE);
    return slot;
}

static void edge(uint32_t line)
{
    host_line_edge(wires(), line);
    sim_settle();
}

static uint64_t take_bits(uint32_t notification)
{
    const struct sim_reply reply = SIM_CALL(root(), NOTIFICATION_POLL, notification, 0);

    return reply.err == R4_OK ? reply.word[0] : 0;
}

static uint64_t info(uint32_t handler)
{
    return SIM_ROOT(0, IRQ_STATE, handler, 0);
}

static void test_irq_get__errors_are_exact(void **state)
{
    const uint32_t slot = sim_slots_take(0, 20);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);

    (void)state;
    expect_refused(root(), R4_E_RANGE, 1, IRQ_GET, CONTROL, R4_IRQ_LINES, 0, 0, slot);
    expect_refused(root(), R4_E_RANGE, 1, IRQ_GET, CONTROL, 0xffffffffu, 0, 0, slot);
    expect_refused(root(), R4_E_RANGE, 1, IRQ_GET, CONTROL, UINT64_C(1) << 32, 0, 0, slot);
    expect_refused(root(), R4_E_RANGE, 1, IRQ_GET, CONTROL, SIM_LINE_ABSENT, 0, 0, slot);
    expect_refused(root(), R4_E_BUSY, 1, IRQ_GET, CONTROL, LINE, 0, 0, slot);
    expect_refused(root(), R4_E_RANGE, 2, IRQ_GET, CONTROL, 5, 2, 0, slot);
    expect_refused(root(), R4_E_INDEX, 3, IRQ_GET, CONTROL, 5, 0, SIM_TABLE_SLOTS, slot);
    expect_refused(root(), R4_E_EMPTY, 3, IRQ_GET, CONTROL, 5, 0, slot, slot);
    expect_refused(root(), R4_E_TYPE, 3, IRQ_GET, CONTROL, 5, 0, CONTROL, slot);
    expect_refused(root(), R4_E_RANGE, 4, IRQ_GET, CONTROL, 5, 0, 0, 0);
    expect_refused(root(), R4_E_OCCUPIED, 4, IRQ_GET, CONTROL, 5, 0, 0, handler);
    expect_ok(root(), CAP_DERIVE, CONTROL, 0, slot, R4_RIGHT_LINK);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_GET, slot, 5, 0, 0, slot + 1);
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        expect_ok(root(), CAP_COPY, i == 0 ? CONTROL : slot + i, 0, slot + i + 1);
    }
    expect_refused(root(), R4_E_TTL, 0, IRQ_GET, slot + R4_TTL_MAX, 5, 0, 0, slot + 19);
    slot_set_flags(sim_slot(root(), CONTROL), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, IRQ_GET, CONTROL, 5, 0, 0, slot + 19);
    slot_set_flags(sim_slot(root(), CONTROL), 0, SLOT_FROZEN);
    expect_refused(sim.of[1].root, R4_E_EMPTY, 0, IRQ_GET, CONTROL, 5, 0, 0, slot);
}

static void test_irq_bind__errors_are_exact(void **state)
{
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t slot = sim_slots_take(0, R4_TTL_MAX + 2);

    (void)state;
    expect_refused(root(), R4_E_INDEX, 1, IRQ_BIND, handler, 0);
    expect_refused(root(), R4_E_INDEX, 1, IRQ_BIND, handler, SIM_TABLE_SLOTS);
    expect_refused(root(), R4_E_EMPTY, 1, IRQ_BIND, handler, slot);
    expect_refused(root(), R4_E_TYPE, 1, IRQ_BIND, handler, CONTROL);
    expect_ok(root(), CAP_DERIVE, n, 0, slot, R4_RIGHT_RECEIVE | R4_RIGHT_LINK);
    expect_refused(root(), R4_E_RIGHTS, 1, IRQ_BIND, handler, slot);
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        expect_ok(root(), CAP_COPY, i == 0 ? n : slot + i, 0, slot + i + 1);
    }
    expect_refused(root(), R4_E_TTL, 1, IRQ_BIND, handler, slot + R4_TTL_MAX);
    slot_set_flags(sim_slot(root(), n), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 1, IRQ_BIND, handler, n);
    slot_set_flags(sim_slot(root(), n), 0, SLOT_FROZEN);
    expect_ok(root(), IRQ_BIND, handler, n);
    expect_refused(root(), R4_E_STATE, 0, IRQ_BIND, handler, n);
}

static void test_irq__needs_its_rights(void **state)
{
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);
    const uint32_t weak = sim_slots_take(0, 2);

    (void)state;
    expect_ok(root(), CAP_DERIVE, handler, 0, weak, R4_RIGHT_READ);
    expect_ok(root(), CAP_DERIVE, handler, 0, weak + 1, R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_BIND, weak, 1);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_ACK, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_MASK, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_UNMASK, weak, 0);
    expect_ok(root(), IRQ_STATE, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, IRQ_STATE, weak + 1, 0);
    expect_ok(root(), IRQ_MASK, weak + 1, 0);
}

static void test_edge__is_signalled_with_the_badge_until_acknowledged(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);

    (void)state;
    expect_ok(root(), IRQ_BIND, handler, badged(n));
    expect_refused(root(), R4_E_STATE, 0, IRQ_ACK, handler, 0);
    edge(LINE);
    assert_int_equal(take_bits(n), BADGE);
    assert_true(r4_irq_info_delivered(info(handler)));
    edge(LINE);
    edge(LINE);
    assert_int_equal(take_bits(n), 0);
    assert_true(r4_irq_info_pending(info(handler)));
    expect_ok(root(), IRQ_ACK, handler, 0);
    assert_int_equal(take_bits(n), BADGE);
    expect_ok(root(), IRQ_ACK, handler, 0);
    assert_int_equal(take_bits(n), 0);
    assert_int_equal(SIM_CALL(root(), IRQ_STATE, handler, 0).word[1], 2);
    assert_int_equal(SIM_CALL(root(), IRQ_STATE, handler, 0).word[2], 1);
    assert_int_equal(r4_irq_info_line(info(handler)), LINE);
}

static void test_edge__wakes_a_thread_that_waits(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);
    struct thread *t = sim_thread_at(root(), sim_make_thread(0, R4_INIT_SLOT_PD, 1, 200));

    (void)state;
    sim_settle();
    expect_ok(root(), IRQ_BIND, handler, badged(n));
    expect_waiting(t, NOTIFICATION_WAIT, n);
    edge(LINE);
    assert_true(sim_is_running(t));
    assert_int_equal(sim_reply_of(t).word[0], BADGE);
}

static void test_edge__before_bind_and_while_masked_is_kept(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);

    (void)state;
    edge(LINE);
    expect_ok(root(), IRQ_BIND, handler, n);
    assert_int_equal(take_bits(n), 1);
    expect_ok(root(), IRQ_MASK, handler, 0);
    expect_ok(root(), IRQ_ACK, handler, 0);
    edge(LINE);
    assert_int_equal(take_bits(n), 0);
    expect_ok(root(), IRQ_UNMASK, handler, 0);
    assert_int_equal(take_bits(n), 1);
    assert_int_equal(wires()->line[LINE].lost, 0);
}

static void test_level__comes_again_only_after_the_acknowledgement(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_LEVEL);

    (void)state;
    host_line_hold(wires(), LINE, true);
    sim_settle();
    expect_ok(root(), IRQ_BIND, handler, n);
    sim_settle(); /* ends: the line is closed while its device holds it */
    assert_int_equal(take_bits(n), 1);
    expect_ok(root(), IRQ_ACK, handler, 0);
    sim_settle();
    assert_int_equal(take_bits(n), 1);
    host_line_hold(wires(), LINE, false);
    expect_ok(root(), IRQ_ACK, handler, 0);
    sim_settle();
    assert_int_equal(take_bits(n), 0);
    assert_true(wires()->line[LINE].is_open);
    expect_ok(root(), IRQ_MASK, handler, 0);
    host_line_hold(wires(), LINE, true);
    sim_settle();
    assert_int_equal(take_bits(n), 0);
    expect_ok(root(), IRQ_UNMASK, handler, 0);
    sim_settle();
    assert_int_equal(take_bits(n), 1);
}

static void test_handler__line_is_free_after_its_last_capability(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);
    const uint32_t copy = sim_slots_take(0, 1);

    (void)state;
    expect_ok(root(), IRQ_BIND, handler, n);
    expect_ok(root(), CAP_COPY, handler, 0, copy);
    edge(LINE);
    expect_ok(root(), CAP_DELETE, handler, 0);
    assert_true(sim.of[0].cluster->irqs.handler[LINE].line.has_handler);
    expect_ok(root(), IRQ_ACK, copy, 0);
    edge(LINE);
    edge(LINE);
    expect_ok(root(), CAP_DELETE, copy, 0);
    assert_false(sim.of[0].cluster->irqs.handler[LINE].line.has_handler);
    assert_false(wires()->line[LINE].is_open);
    assert_int_equal(sim_slot(root(), n)->object != 0, 1);
    expect_ok(root(), IRQ_GET, CONTROL, LINE, R4_IRQ_MODE_LEVEL, 0, copy);
    assert_false(r4_irq_info_pending(info(copy)));
}

static void test_handler__holds_the_last_capability_of_its_notification(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);
    const struct sim_count before = sim_count(0);

    (void)state;
    expect_ok(root(), IRQ_BIND, handler, n);
    expect_ok(root(), CAP_DELETE, n, 0);
    edge(LINE);
    host_line_edge(wires(), LINE); /* on its way while the handler goes */
    expect_ok(root(), CAP_DELETE, handler, 0);
    sim_settle();
    assert_int_equal(sim_count(0).slots, before.slots - 2);
}

static void test_handler__loses_its_notification(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 2);
    const uint32_t handler = get(LINE, R4_IRQ_MODE_EDGE);

    (void)state;
    expect_ok(root(), IRQ_BIND, handler, n);
    edge(LINE);
    assert_int_equal(sim_destroy_children(0, sim_slot(root(), n)), 1);
    assert_false(r4_irq_info_bound(info(handler)));
    /* Nobody may have seen the signal: it comes again. */
    expect_ok(root(), IRQ_BIND, handler, n + 1);
    assert_int_equal(take_bits(n + 1), 1);
}

static void test_handlers__stand_between_controls(void **state)
{
    const uint32_t slot = sim_slots_take(0, 6);

    (void)state;
    expect_ok(root(), CAP_COPY, CONTROL, 0, slot);
    expect_ok(root(), IRQ_GET, CONTROL, 1, 0, 0, slot + 1);
    expect_ok(root(), CAP_COPY, CONTROL, 0, slot + 2);
    expect_ok(root(), IRQ_GET, slot, 3, 0, 0, slot + 3);
    expect_ok(root(), CAP_COPY, slot + 1, 0, slot + 4);
    expect_ok(root(), CAP_COPY, slot + 1, 0, slot + 5);
    expect_ok(root(), CAP_DELETE, slot, 0);
    expect_ok(root(), CAP_DELETE, CONTROL, 0);
    expect_ok(root(), CAP_DELETE, slot + 1, 0);
    expect_ok(root(), CAP_DELETE, slot + 5, 0);
    assert_true(sim.of[0].cluster->irqs.handler[1].line.has_handler);
    expect_ok(root(), CAP_DELETE, slot + 4, 0);
    assert_false(sim.of[0].cluster->irqs.handler[1].line.has_handler);
    assert_true(sim.of[0].cluster->irqs.handler[3].line.has_handler);
    expect_ok(root(), IRQ_GET, slot + 2, 1, 0, 0, slot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_irq_get__errors_are_exact),
        SIM_TEST(test_irq_bind__errors_are_exact),
        SIM_TEST(test_irq__needs_its_rights),
        SIM_TEST(test_edge__is_signalled_with_the_badge_until_acknowledged),
        SIM_TEST(test_edge__wakes_a_thread_that_waits),
        SIM_TEST(test_edge__before_bind_and_while_masked_is_kept),
        SIM_TEST(test_level__comes_again_only_after_the_acknowledgement),
        SIM_TEST(test_handler__line_is_free_after_its_last_capability),
        SIM_TEST(test_handler__holds_the_last_capability_of_its_notification),
        SIM_TEST(test_handler__loses_its_notification),
        SIM_TEST(test_handlers__stand_between_controls),
    };

    return cmocka_run_group_tests_name("irq calls", tests, NULL, NULL);
}
