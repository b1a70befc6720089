/* SPDX-License-Identifier: MIT */
/* The boot allocator against a map of its pages. */
#include "unit.h"

#include <lib/boot_pages.h>
#include <stdlib.h>
#include <string.h>

#define PAGE  UINT64_C(4096)
#define PAGES 256u

/* Simulated physical memory; page 0 is there. */
static unsigned char memory[PAGES * PAGE];

static void *pointer(uint64_t paddr)
{
    assert_true(paddr < sizeof(memory));
    return &memory[paddr];
}

static struct boot_pages pages_of(uint32_t count, const struct boot_pages_run *runs)
{
    struct boot_pages pages = {.count = count, .pointer = pointer};

    memcpy(pages.run, runs, count * sizeof(runs[0]));
    memset(memory, 0xa5, sizeof(memory));
    return pages;
}

static uint64_t bytes_left(const struct boot_pages *pages)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < pages->count; i++) {
        bytes += pages->run[i].bytes;
    }
    return bytes;
}

static void test_boot_pages_take__lowest_first_zeroed(void **state)
{
    const struct boot_pages_run runs[] = {{2 * PAGE, 3 * PAGE}, {10 * PAGE, 8 * PAGE}};
    struct boot_pages pages = pages_of(2, runs);

    (void)state;
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), 2 * PAGE);
    for (unsigned i = 0; i < PAGE; i++) {
        assert_int_equal(memory[2 * PAGE + i], 0);
    }
    assert_int_equal(memory[2 * PAGE - 1], 0xa5);
    assert_int_equal(memory[3 * PAGE], 0xa5);
    assert_int_equal(boot_pages_take(&pages, 3 * PAGE, PAGE), 10 * PAGE);
    assert_int_equal(boot_pages_take(&pages, 2 * PAGE, PAGE), 3 * PAGE);
    assert_int_equal(pages.count, 1);
    assert_int_equal(boot_pages_take(&pages, 6 * PAGE, PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, 5 * PAGE, PAGE), 13 * PAGE);
    assert_int_equal(pages.count, 0);
    assert_int_equal(pages.taken_bytes, 11 * PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), 0);
    assert_null(boot_pages_take_pointer(&pages, PAGE, PAGE));
}

static void test_boot_pages_take__what_alignment_skips_stays(void **state)
{
    const struct boot_pages_run runs[] = {{3 * PAGE, 20 * PAGE}};
    struct boot_pages pages = pages_of(1, runs);

    (void)state;
    assert_int_equal(boot_pages_take(&pages, PAGE, 8 * PAGE), 8 * PAGE);
    assert_int_equal(pages.count, 2);
    assert_int_equal(boot_pages_take(&pages, 5 * PAGE, PAGE), 3 * PAGE);
    assert_int_equal(boot_pages_take(&pages, 14 * PAGE, PAGE), 9 * PAGE);
}

static void test_boot_pages_take__never_address_0(void **state)
{
    const struct boot_pages_run runs[] = {{0, 4 * PAGE}};
    struct boot_pages pages = pages_of(1, runs);

    (void)state;
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, 2 * PAGE), 2 * PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), 3 * PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), 0);
    assert_int_equal(bytes_left(&pages), PAGE);
}

static void test_boot_pages_take__refuses_senseless_requests(void **state)
{
    const struct boot_pages_run runs[] = {{PAGE, 8 * PAGE}};
    struct boot_pages pages = pages_of(1, runs);

    (void)state;
    assert_int_equal(boot_pages_take(&pages, 0, PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, PAGE + 1, PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, PAGE, 0), 0);
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE / 2), 0);
    assert_int_equal(boot_pages_take(&pages, PAGE, 3 * PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, UINT64_MAX - PAGE + 1, PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, PAGE, UINT64_C(1) << 63), 0);
    assert_int_equal(bytes_left(&pages), 8 * PAGE);
    assert_int_equal(memory[PAGE], 0xa5);
}

/* A cut in the middle needs a place in the list: without one, another run is taken. */
static void test_boot_pages_take__full_list(void **state)
{
    struct boot_pages_run runs[BOOT_PAGES_RUNS_MAX];
    struct boot_pages pages;

    (void)state;
    for (uint32_t i = 0; i < BOOT_PAGES_RUNS_MAX; i++) {
        runs[i] = (struct boot_pages_run){(1 + 6 * i) * PAGE, 4 * PAGE};
    }
    pages = pages_of(BOOT_PAGES_RUNS_MAX, runs);
    /*
     * Every run begins at an odd page and ends behind an even one: the first even page inside would
     * leave two pieces.
     */
    assert_int_equal(boot_pages_take(&pages, PAGE, 2 * PAGE), 0);
    assert_int_equal(boot_pages_take(&pages, 3 * PAGE, 2 * PAGE), 2 * PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, PAGE), PAGE);
    assert_int_equal(boot_pages_take(&pages, PAGE, 2 * PAGE), 8 * PAGE);
    assert_int_equal(pages.count, BOOT_PAGES_RUNS_MAX);
}

static void test_boot_pages__agrees_with_a_map_of_pages(void **state)
{
    const struct boot_pages_run runs[] = {
        {PAGE, 99 * PAGE}, {120 * PAGE, 100 * PAGE}, {230 * PAGE, 20 * PAGE}};
    uint64_t seed = 0x5eed;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct boot_pages pages = pages_of(3, runs);
        bool is_free[PAGES] = {false};
        uint64_t left = 219 * PAGE;

        for (unsigned i = 0; i < 3; i++) {
            memset(&is_free[runs[i].base / PAGE], true, runs[i].bytes / PAGE);
        }
        for (unsigned i = 0; i < 40; i++) {
            uint64_t count;
            uint64_t align;
            uint64_t place;

            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            count = 1 + (seed >> 40) % 12;
            align = UINT64_C(1) << (seed >> 60) % 5;
            place = boot_pages_take(&pages, count * PAGE, align * PAGE) / PAGE;
            if (place == 0) {
                continue;
            }
            assert_int_equal(place % align, 0);
            for (uint64_t p = place; p < place + count; p++) {
                assert_true(is_free[p]);
                is_free[p] = false;
            }
            left -= count * PAGE;
            assert_int_equal(bytes_left(&pages), left);
        }
        for (uint32_t i = 0; i < pages.count; i++) {
            for (uint64_t p = pages.run[i].base; p < pages.run[i].base + pages.run[i].bytes;
                 p += PAGE) {
                assert_true(is_free[p / PAGE]);
            }
            assert_true(i == 0 ||
                        pages.run[i - 1].base + pages.run[i - 1].bytes < pages.run[i].base + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot_pages_take__lowest_first_zeroed),
        cmocka_unit_test(test_boot_pages_take__what_alignment_skips_stays),
        cmocka_unit_test(test_boot_pages_take__never_address_0),
        cmocka_unit_test(test_boot_pages_take__refuses_senseless_requests),
        cmocka_unit_test(test_boot_pages_take__full_list),
        cmocka_unit_test(test_boot_pages__agrees_with_a_map_of_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
