/* SPDX-License-Identifier: MIT */
/* Reads through a view: ranges that wrap, strings over page bounds, the overlay. */
#include "unit.h"

#include "fake_phys.h"

#include <kernel/boot/phys.h>

static const char everywhere[] = "x";

/* A view that would allow anything, so that refusals are phys_map's own. */
static const void *map_anything(void *ctx, uint64_t paddr, size_t bytes)
{
    (void)ctx;
    (void)paddr;
    (void)bytes;
    return everywhere;
}

static void test_phys_map__empty_and_wrapping(void **state)
{
    const struct phys_view view = {.map = map_anything, .ctx = NULL};
    (void)state;
    assert_null(phys_map(&view, 0x1000, 0));
    assert_null(phys_map(&view, UINT64_MAX, 2));
    assert_null(phys_map(&view, 2, SIZE_MAX));
    assert_non_null(phys_map(&view, UINT64_MAX, 1));
    assert_non_null(phys_map(&view, 0, 1));
}

static void test_phys_read_string__over_pages(void **state)
{
    struct fake_phys phys;
    char text[8192] = {0};
    char out[6000];
    (void)state;
    fake_phys_init(&phys);
    memset(text, 'a', 5000);
    fake_phys_put(&phys, 0x1234, text, sizeof text);
    assert_int_equal(phys_read_string(&phys.view, 0x1234, out, sizeof out), BOOT_OK);
    assert_string_equal(out, text);
    assert_int_equal(phys_read_string(&phys.view, 0x1234, out, 5001), BOOT_OK);
    assert_int_equal(phys_read_string(&phys.view, 0x1234, out, 5000), BOOT_E_STRING_LENGTH);
    assert_int_equal(phys_read_string(&phys.view, 0x9000, out, 10), BOOT_E_UNREADABLE);
    assert_int_equal(phys_read_string(&phys.view, UINT64_MAX, out, 10), BOOT_E_UNREADABLE);
    fake_phys_fini(&phys);
}

static void test_phys_overlay_map__only_the_table(void **state)
{
    struct fake_phys phys;
    uint8_t bytes[2];
    (void)state;
    fake_phys_init(&phys);
    fake_phys_put(&phys, 0x1000, "original", 8);
    struct phys_overlay overlay = {
        .under = &phys.view, .paddr = 0x1000, .copy = "changed and longer", .bytes = 18};
    struct phys_view view = {.map = phys_overlay_map, .ctx = &overlay};
    assert_true(phys_read(&view, 0x1000, bytes, 2));
    assert_memory_equal(bytes, "ch", 2);
    assert_true(phys_read(&view, 0x1002, bytes, 2));
    assert_memory_equal(bytes, "ig", 2);
    assert_non_null(phys_map(&view, 0x1000, 18));
    assert_null(phys_map(&view, 0x1000, 19));
    assert_null(phys_map(&view, 0x1008, 1));
    fake_phys_fini(&phys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phys_map__empty_and_wrapping),
        cmocka_unit_test(test_phys_read_string__over_pages),
        cmocka_unit_test(test_phys_overlay_map__only_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
