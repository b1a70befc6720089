/* SPDX-License-Identifier: MIT */
/* libr4/src/window.c: pages of a window come when they are needed, words are free or taken. */
#include "unit.h"

#include "fake_invoke.h"
#include "window_world.h"

#include <r4/abi/errors.h>

static struct window_world world;

static int setup(void **state)
{
    (void)state;
    window_world_init(&world, 17);
    return 0;
}

static uint32_t take(uint32_t near)
{
    uint32_t index = 0;
    assert_int_equal(r4_window_take(&world.window, near, &index), R4_OK);
    assert_true((index & R4_INDEX_WORD) != 0);
    return index & (R4_INDEX_WORD - 1u);
}

static void test_take__pages_come_when_they_are_needed(void **state)
{
    (void)state;
    assert_int_equal(window_world_marks(), 0);
    for (uint32_t i = 0; i < WORLD_PAGES * R4_PAGE_WORDS; i++) {
        assert_int_equal(take(R4_NEAR_NOTHING), i);
        assert_int_equal(window_world_marks(), i / R4_PAGE_WORDS + 1);
    }
    uint32_t index = 7;
    assert_int_equal(r4_window_take(&world.window, R4_NEAR_NOTHING, &index), R4_E_LIMIT);
    assert_int_equal(index, 7);
}

/* A relation's words are in one page as long as there is room. */
static void test_take__near_another_word(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < R4_PAGE_WORDS + 1; i++) {
        (void)take(R4_NEAR_NOTHING);
    }
    assert_int_equal(r4_window_give(&world.window, R4_INDEX_WORD | 3u), R4_OK);
    assert_int_equal(take(R4_INDEX_WORD | R4_PAGE_WORDS), R4_PAGE_WORDS + 1);
    assert_int_equal(take(R4_INDEX_WORD | 100u), 3);
    assert_int_equal(take(R4_INDEX_WORD | 100u), R4_PAGE_WORDS + 2);
}

static void test_give__erases_the_word(void **state)
{
    (void)state;
    const uint32_t index = R4_INDEX_WORD | take(R4_NEAR_NOTHING);
    r4_grant(r4_window_word(&world.window, index), r4_word_of(r4_grant_to(1, 8, 1), 2));
    assert_int_equal(r4_window_give(&world.window, index), R4_OK);
    assert_int_equal(*r4_window_word(&world.window, index), 0);
    assert_int_equal(r4_window_give(&world.window, index), R4_E_STATE);
    assert_int_equal(r4_window_give(&world.window, 0), R4_E_INDEX);
    assert_int_equal(r4_window_give(&world.window, R4_INDEX_WORD | R4_PAGE_WORDS), R4_E_INDEX);
    assert_int_equal(R4_INDEX_WORD | take(R4_NEAR_NOTHING), index);
}

/* Whichever call fails, no frame stays and the window has no page. */
static void test_take__a_page_that_cannot_be_made(void **state)
{
    (void)state;
    uint32_t index;
    unsigned failed = 0;
    for (unsigned at = 1;; at++) {
        window_world_init(&world, 17);
        fake_fail_at = at;
        if (r4_window_take(&world.window, R4_NEAR_NOTHING, &index) == R4_OK) {
            break;
        }
        failed++;
        assert_int_equal(world.window.pages, 0);
        assert_int_equal(window_world_marks(), 0);
        assert_int_equal(fake_frames(), 0);
        assert_int_equal(r4_window_take(&world.window, R4_NEAR_NOTHING, &index), R4_OK);
    }
    assert_true(failed >= 3);
}

/* It can be tried as often as one likes: only page tables that are in place stay. */
static void test_take__a_page_that_cannot_be_made_costs_no_slots(void **state)
{
    (void)state;
    uint32_t index;
    for (unsigned at = 1;; at++) {
        window_world_init(&world, 17);
        const struct r4_holdings *holdings = world.window.vspace->holdings;
        const uint32_t before = holdings->slots->free;
        fake_fail_at = at;
        if (r4_window_take(&world.window, R4_NEAR_NOTHING, &index) == R4_OK) {
            break;
        }
        assert_int_equal(holdings->count, fake_count() - 1);
        assert_int_equal(holdings->slots->free, before - holdings->count);
    }
}

#define MANY_PAGES 200u

/* How large a window gets does not depend on how long the list of holdings is. */
static void test_take__more_pages_than_rows_of_holdings(void **state)
{
    (void)state;
    static struct r4_window_page pages[MANY_PAGES];
    _Static_assert(MANY_PAGES > 2 * R4_HOLDINGS_MAX, "many");
    struct r4_vspace *vspace = world.window.vspace;
    window_world_init(&world, 21);
    const uint32_t before = vspace->holdings->slots->free;
    r4_window_init(&world.window, vspace, UINT64_C(0x40000000), pages, MANY_PAGES);
    for (uint32_t i = 0; i < MANY_PAGES * R4_PAGE_WORDS; i++) {
        (void)take(R4_NEAR_NOTHING);
    }
    assert_int_equal(window_world_marks(), MANY_PAGES);
    r4_window_release(&world.window);
    assert_int_equal(world.window.pages, 0);
    assert_int_equal(fake_frames(), 0);
    assert_int_equal(vspace->holdings->slots->free, before - vspace->holdings->count);
}

static void test_init__no_larger_than_a_window_can_be(void **state)
{
    (void)state;
    struct r4_window window;
    r4_window_init(&window, NULL, 0, NULL, UINT32_MAX);
    assert_int_equal(window.pages_max, R4_WINDOW_BYTES_MAX / R4_PAGE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_take__pages_come_when_they_are_needed, setup),
        cmocka_unit_test_setup(test_take__near_another_word, setup),
        cmocka_unit_test_setup(test_give__erases_the_word, setup),
        cmocka_unit_test_setup(test_take__a_page_that_cannot_be_made, setup),
        cmocka_unit_test_setup(test_take__a_page_that_cannot_be_made_costs_no_slots, setup),
        cmocka_unit_test_setup(test_take__more_pages_than_rows_of_holdings, setup),
        cmocka_unit_test_setup(test_init__no_larger_than_a_window_can_be, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
