/* SPDX-License-Identifier: MIT */
/*
 * The states of one interrupt line: each rule by itself, then random steps against a model that
 * counts edges.
 */
#include "unit.h"

#include <kernel/irq_line.h>

static struct irq_line taken(bool is_level)
{
    struct irq_line line;
    irq_line_take(&line, is_level);
    return line;
}

static struct irq_line bound(bool is_level)
{
    struct irq_line line = taken(is_level);
    assert_false(irq_line_bind(&line));
    return line;
}

static void test_fire__free_line_ignores(void **state)
{
    struct irq_line line = {.has_handler = false};

    (void)state;
    assert_false(irq_line_fire(&line));
    assert_false(irq_line_is_open(&line));
    assert_true(irq_line_is_sound(&line));
}

static void test_fire__edge_is_delivered_once_and_merged(void **state)
{
    struct irq_line line = bound(false);

    (void)state;
    assert_true(irq_line_fire(&line));
    assert_false(irq_line_fire(&line));
    assert_false(irq_line_fire(&line));
    assert_int_equal(line.merged, 1);
    assert_true(irq_line_ack(&line));
    assert_false(irq_line_ack(&line));
    assert_int_equal(line.delivered, 2);
}

static void test_fire__edge_waits_for_the_notification(void **state)
{
    struct irq_line line = taken(false);

    (void)state;
    assert_true(irq_line_is_open(&line));
    assert_false(irq_line_fire(&line));
    assert_true(irq_line_bind(&line));
    assert_true(line.is_delivered);
}

static void test_fire__edge_waits_for_unmask(void **state)
{
    struct irq_line line = bound(false);

    (void)state;
    irq_line_mask(&line);
    assert_true(irq_line_is_open(&line));
    assert_false(irq_line_fire(&line));
    assert_true(irq_line_unmask(&line));
    irq_line_mask(&line);
    assert_false(irq_line_ack(&line));
    assert_false(irq_line_fire(&line));
    assert_true(irq_line_unmask(&line));
}

static void test_unmask__does_not_deliver_before_the_acknowledgement(void **state)
{
    struct irq_line line = bound(false);

    (void)state;
    assert_true(irq_line_fire(&line));
    assert_false(irq_line_fire(&line));
    irq_line_mask(&line);
    assert_false(irq_line_unmask(&line));
    assert_true(irq_line_ack(&line));
}

static void test_level__is_closed_until_acknowledged(void **state)
{
    struct irq_line line = taken(true);

    (void)state;
    assert_false(irq_line_is_open(&line));
    irq_line_bind(&line);
    assert_true(irq_line_is_open(&line));
    assert_true(irq_line_fire(&line));
    assert_false(irq_line_is_open(&line));
    assert_false(irq_line_ack(&line));
    assert_true(irq_line_is_open(&line));
    irq_line_mask(&line);
    assert_false(irq_line_is_open(&line));
    assert_false(irq_line_unmask(&line));
    assert_true(irq_line_is_open(&line));
}

static void test_level__late_interrupt_is_not_kept(void **state)
{
    struct irq_line line = bound(true);

    (void)state;
    assert_true(irq_line_fire(&line));
    assert_false(irq_line_fire(&line));
    assert_false(irq_line_ack(&line));
    irq_line_mask(&line);
    assert_false(irq_line_fire(&line));
    assert_false(irq_line_unmask(&line));
    assert_int_equal(line.merged, 0);
}

static void test_unbind__signal_that_may_be_unseen_waits_again(void **state)
{
    struct irq_line line = bound(false);

    (void)state;
    assert_true(irq_line_fire(&line));
    irq_line_unbind(&line);
    assert_true(irq_line_is_sound(&line));
    assert_true(irq_line_bind(&line));
    assert_false(irq_line_ack(&line));
    irq_line_unbind(&line);
    assert_false(irq_line_bind(&line));
}

static void test_unbind__level_forgets(void **state)
{
    struct irq_line line = bound(true);

    (void)state;
    assert_true(irq_line_fire(&line));
    irq_line_unbind(&line);
    assert_false(irq_line_is_open(&line));
    assert_false(irq_line_bind(&line));
    assert_true(irq_line_is_open(&line));
}

static void test_is_sound__finds_what_cannot_be(void **state)
{
    const struct irq_line bad[] = {
        {.is_bound = true},
        {.is_waiting = true},
        {.has_handler = true, .is_delivered = true},
        {.has_handler = true, .is_bound = true, .is_waiting = true},
        {.has_handler = true, .is_level = true, .is_masked = true, .is_waiting = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(irq_line_is_sound(&bad[i]));
    }
}

/* What an edge line owes: an edge that nobody was told about after it came. */
struct model {
    bool owes;
    bool is_bound, is_masked, is_delivered;
};

static bool model_deliver(struct model *m)
{
    const bool is_told = m->owes && m->is_bound && !m->is_masked && !m->is_delivered;

    m->is_delivered |= is_told;
    m->owes &= !is_told;
    return is_told;
}

static void step(struct irq_line *line, struct model *m, unsigned what)
{
    switch (what) {
    case 0:
    case 1:
        m->owes = true;
        assert_int_equal(irq_line_fire(line), model_deliver(m));
        break;
    case 2:
        m->is_delivered = false;
        assert_int_equal(irq_line_ack(line), model_deliver(m));
        break;
    case 3:
        m->is_masked = true;
        irq_line_mask(line);
        break;
    case 4:
        m->is_masked = false;
        assert_int_equal(irq_line_unmask(line), model_deliver(m));
        break;
    case 5:
        m->owes |= m->is_delivered;
        m->is_delivered = m->is_bound = false;
        irq_line_unbind(line);
        break;
    default:
        m->is_bound = true;
        assert_int_equal(irq_line_bind(line), model_deliver(m));
        break;
    }
}

static void test_edge__random_steps_agree_with_the_model(void **state)
{
    struct irq_line line = taken(false);
    struct model m = {.owes = false};
    uint64_t random = 1;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1u;
        step(&line, &m, (unsigned)(random >> 40) % 7u);
        assert_true(irq_line_is_sound(&line));
        assert_true(irq_line_is_open(&line));
        assert_int_equal(line.is_waiting, m.owes);
    }
    irq_line_free(&line);
    assert_true(irq_line_is_sound(&line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fire__free_line_ignores),
        cmocka_unit_test(test_fire__edge_is_delivered_once_and_merged),
        cmocka_unit_test(test_fire__edge_waits_for_the_notification),
        cmocka_unit_test(test_fire__edge_waits_for_unmask),
        cmocka_unit_test(test_unmask__does_not_deliver_before_the_acknowledgement),
        cmocka_unit_test(test_level__is_closed_until_acknowledged),
        cmocka_unit_test(test_level__late_interrupt_is_not_kept),
        cmocka_unit_test(test_unbind__signal_that_may_be_unseen_waits_again),
        cmocka_unit_test(test_unbind__level_forgets),
        cmocka_unit_test(test_is_sound__finds_what_cannot_be),
        cmocka_unit_test(test_edge__random_steps_agree_with_the_model),
    };

    return cmocka_run_group_tests_name("irq line", tests, NULL, NULL);
}
