/* SPDX-License-Identifier: MIT */
/* scripts/plugin/lines.c: how cache lines move between sockets, and which are shared. */
#include "lines.h"
#include "unit.h"

#define LINES 4u

struct world {
    struct line line[LINES];
    struct lines lines;
};

static void touch(struct world *w, uint64_t number, uint32_t socket, bool is_store, bool counts)
{
    const struct lines_access access = {.number = number,
                                        .pc = 0x1000 + socket,
                                        .socket = socket,
                                        .is_store = is_store,
                                        .counts = counts};
    lines_touch(&w->lines, &access);
}

static void load(struct world *w, uint64_t number, uint32_t socket)
{
    touch(w, number, socket, false, true);
}

static void store(struct world *w, uint64_t number, uint32_t socket)
{
    touch(w, number, socket, true, true);
}

static struct world *make(struct world *w)
{
    *w = (struct world){0};
    lines_init(&w->lines, w->line, LINES);
    return w;
}

static void test_lines__one_socket_moves_nothing(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    for (uint32_t i = 0; i < 10; i++) {
        store(&w, i % LINES, 3);
        load(&w, i % LINES, 3);
    }
    assert_int_equal(w.lines.moved.count, 0);
    assert_int_equal(w.lines.shared.count, 0);
    assert_int_equal(w.lines.invalidations[3], 0);
}

static void test_lines__load_moves_once_until_the_next_store(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    store(&w, 1, 0);
    load(&w, 1, 2);
    load(&w, 1, 2);
    assert_int_equal(w.lines.migrations[0][2], 1);
    store(&w, 1, 0);
    assert_int_equal(w.lines.invalidations[0], 1);
    load(&w, 1, 2);
    assert_int_equal(w.lines.migrations[0][2], 2);
    assert_int_equal(w.lines.migrations[2][0], 0);
}

static void test_lines__store_takes_the_line_from_its_owner(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    store(&w, 0, 1);
    store(&w, 0, 0);
    store(&w, 0, 1);
    assert_int_equal(w.lines.migrations[1][0], 1);
    assert_int_equal(w.lines.migrations[0][1], 1);
    assert_int_equal(w.lines.invalidations[0] + w.lines.invalidations[1], 0);
}

static void test_lines__a_line_that_all_load_is_not_shared(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    touch(&w, 2, 0, true, false);
    for (uint32_t socket = 0; socket < 4; socket++) {
        load(&w, 2, socket);
    }
    assert_int_equal(w.lines.moved.count, 3);
    assert_int_equal(w.lines.shared.count, 0);
}

static void test_lines__shared_in_either_order(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    store(&w, 0, 0);
    load(&w, 0, 1);
    load(&w, 1, 1);
    store(&w, 1, 0);
    store(&w, 1, 2);
    assert_int_equal(w.lines.shared.count, 2);
    assert_int_equal(w.lines.shared.access[0].number, 0);
    assert_int_equal(w.lines.shared.access[0].socket, 1);
    assert_int_equal(w.lines.shared.access[0].pc, 0x1001);
    assert_int_equal(w.lines.shared.access[1].number, 1);
    assert_true(w.lines.shared.access[1].is_store);
}

static void test_lines__what_does_not_count_moves_the_line_only(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    touch(&w, 3, 0, true, false);
    touch(&w, 3, 1, true, false);
    assert_int_equal(w.lines.moved.count, 0);
    assert_int_equal(w.lines.shared.count, 0);
    store(&w, 3, 0);
    assert_int_equal(w.lines.cold[0], 1);
    assert_int_equal(w.lines.moved.count, 0);
    store(&w, 3, 1);
    assert_int_equal(w.lines.migrations[0][1], 1);
    assert_int_equal(w.lines.cold[1], 0);
    assert_int_equal(w.lines.shared.count, 1);
}

static void test_lines__the_log_is_bounded_and_counts_on(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    for (uint32_t i = 0; i <= 2 * LINES_LOG_MAX; i++) {
        store(&w, 0, i % 2);
    }
    assert_int_equal(w.lines.moved.count, 2 * LINES_LOG_MAX);
    assert_int_equal(w.lines.moved.access[LINES_LOG_MAX - 1].socket, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__one_socket_moves_nothing),
        cmocka_unit_test(test_lines__load_moves_once_until_the_next_store),
        cmocka_unit_test(test_lines__store_takes_the_line_from_its_owner),
        cmocka_unit_test(test_lines__a_line_that_all_load_is_not_shared),
        cmocka_unit_test(test_lines__shared_in_either_order),
        cmocka_unit_test(test_lines__what_does_not_count_moves_the_line_only),
        cmocka_unit_test(test_lines__the_log_is_bounded_and_counts_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
