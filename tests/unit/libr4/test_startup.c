/* SPDX-License-Identifier: MIT */
/* libr4/src/startup.c: arguments in the record, and the bounds of it. */
#include "unit.h"

#include <r4/startup.h>
#include <string.h>

static struct r4_startup record;

static void test_startup__arguments_can_be_found(void **state)
{
    (void)state;
    const char *const argv[] = {"hello", "", "two words"};
    record = (struct r4_startup){0};
    assert_int_equal(r4_startup_fill(&record, 3, argv), R4_OK);
    assert_int_equal(record.magic, R4_STARTUP_MAGIC);
    assert_int_equal(record.version, R4_STARTUP_VERSION);
    assert_int_equal(record.argc, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal((const char *)record.text + record.arg_offset[i], argv[i]);
    }
}

static void test_startup__too_many_arguments(void **state)
{
    (void)state;
    const char *argv[R4_ARGS_MAX + 1];
    for (uint32_t i = 0; i <= R4_ARGS_MAX; i++) {
        argv[i] = "x";
    }
    record = (struct r4_startup){0};
    assert_int_equal(r4_startup_fill(&record, R4_ARGS_MAX + 1, argv), R4_E_LIMIT);
    assert_int_equal(record.magic, 0);
    assert_int_equal(r4_startup_fill(&record, R4_ARGS_MAX, argv), R4_OK);
}

static void test_startup__text_fits_to_the_last_byte(void **state)
{
    (void)state;
    static char text[sizeof record.text + 1];
    const char *const argv[] = {text};
    memset(text, 'a', sizeof text - 2);
    record = (struct r4_startup){0};
    assert_int_equal(r4_startup_fill(&record, 1, argv), R4_OK);
    text[sizeof text - 2] = 'a';
    record = (struct r4_startup){0};
    assert_int_equal(r4_startup_fill(&record, 1, argv), R4_E_LIMIT);
    assert_int_equal(record.magic, 0);
}

static void test_startup__ring_lies_in_the_output_page(void **state)
{
    (void)state;
    static struct r4_output page;
    struct r4_ring ring = r4_output_ring(&page);
    assert_ptr_equal(ring.data, page.data);
    assert_int_equal(ring.size, sizeof page.data);
    assert_ptr_equal(ring.produced, &page.produced);
    assert_ptr_equal(ring.consumed, &page.consumed);
    assert_int_equal(ring.mine, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_startup__arguments_can_be_found),
        cmocka_unit_test(test_startup__too_many_arguments),
        cmocka_unit_test(test_startup__text_fits_to_the_last_byte),
        cmocka_unit_test(test_startup__ring_lies_in_the_output_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
