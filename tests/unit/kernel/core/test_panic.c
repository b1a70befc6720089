/* SPDX-License-Identifier: MIT */
/* The last words, on both devices, and the status. */
#include "sim_test.h"

#include <kernel/panic.h>
#include <r4/abi/exits.h>
#include <string.h>

static void panic_and_return(const char *where, const char *what)
{
    jmp_buf exit_target;

    host.on_exit = &exit_target;
    if (setjmp(exit_target) == 0) {
        r4_panic(where, what);
    }
}

static void test_panic__says_where_and_what(void **state)
{
    (void)state;
    panic_and_return("lock.c:12", "cl->lock == \"free\"");
    assert_int_equal(host.exit_status, R4_EXIT_PANIC);
    assert_string_equal(host.console, "\npanic: lock.c:12: cl->lock == \"free\"\n");
    assert_string_equal(
        host.channel + 18,
        "{\"type\":\"panic\",\"where\":\"lock.c:12\",\"what\":\"cl->lock == \\\"free\\\"\"}\n");
    assert_memory_equal(host.channel, "\x1eR4 0042 ", 9);
}

/* Whatever the length, and with every character escaped, the frame is whole. */
static void test_panic__long_texts_are_cut(void **state)
{
    char text[2000];

    (void)state;
    memset(text, '"', sizeof text - 1);
    text[sizeof text - 1] = 0;
    panic_and_return(text, text);
    assert_int_equal(host.exit_status, R4_EXIT_PANIC);
    assert_true(host.console_bytes < 256);
    assert_memory_equal(host.channel + host.channel_bytes - 5, "\\\"\"}\n", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_panic__says_where_and_what),
        SIM_TEST(test_panic__long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
