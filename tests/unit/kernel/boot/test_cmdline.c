/* SPDX-License-Identifier: MIT */
/* The command line's grammar, and that every boot error and warning has its sentence. */
#include "unit.h"

#include <kernel/boot/options.h>

#include <string.h>

static struct boot_options options;
static struct boot_problem problem;

static enum boot_err parse(const char *text)
{
    char line[BOOT_CMDLINE_BYTES] = {0};
    memset(&options, 0x5a, sizeof options);
    memcpy(line, text, strlen(text));
    return cmdline_parse(line, &options, &problem);
}

static void assert_refused(const char *text, enum boot_err err, const char *where, uint64_t offset)
{
    assert_int_equal(parse(text), err);
    assert_int_equal(problem.err, err);
    assert_string_equal(problem.where, where);
    assert_true(problem.detail == offset);
}

static void test_cmdline_parse__defaults(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "   \t ", "--", " -- "};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(parse(lines[i]), BOOT_OK);
        assert_int_equal(options.policy, BOOT_POLICY_NUMA);
        assert_int_equal(options.slice_us, 10000);
        assert_int_equal(options.watchdog_s, 0);
        assert_string_equal(options.root, "sys/root");
        assert_int_equal(options.fault_count, 0);
        assert_int_equal(options.corruption.table, BOOT_CORRUPT_NOTHING);
        assert_string_equal(options.plant, "");
        assert_false(options.trace);
        assert_string_equal(options.args, "");
    }
}

static void test_cmdline_parse__everything(void **state)
{
    (void)state;
    assert_int_equal(
        parse(" clusters=package root=bin/init.elf\tslice_us=250 fault=grant.send:3:drop "
              "fault=a:4294967295:b corrupt=srat:overlap plant=foreign-frame  --  hello "
              "clusters=no  x=y "),
        BOOT_OK);
    assert_int_equal(options.policy, BOOT_POLICY_PACKAGE);
    assert_string_equal(options.root, "bin/init.elf");
    assert_int_equal(options.slice_us, 250);
    assert_int_equal(options.fault_count, 2);
    assert_string_equal(options.faults[0].point, "grant.send");
    assert_int_equal(options.faults[0].nth, 3);
    assert_string_equal(options.faults[0].action, "drop");
    assert_true(options.faults[1].nth == UINT32_MAX);
    assert_int_equal(options.corruption.table, BOOT_CORRUPT_SRAT);
    assert_int_equal(options.corruption.kind, BOOT_CORRUPT_OVERLAP);
    assert_string_equal(options.plant, "foreign-frame");
    assert_string_equal(options.args, "hello clusters=no  x=y ");
}

static void test_cmdline_parse__every_word_of_a_choice(void **state)
{
    (void)state;
    assert_int_equal(parse("clusters=numa"), BOOT_OK);
    assert_int_equal(options.policy, BOOT_POLICY_NUMA);
    assert_int_equal(parse("clusters=single"), BOOT_OK);
    assert_int_equal(options.policy, BOOT_POLICY_SINGLE);
    assert_int_equal(parse("clusters=core"), BOOT_OK);
    assert_int_equal(options.policy, BOOT_POLICY_CORE);
    assert_int_equal(parse("trace=on"), BOOT_OK);
    assert_true(options.trace);
    assert_int_equal(parse("trace=off"), BOOT_OK);
    assert_false(options.trace);
    assert_int_equal(parse("corrupt=rsdp:checksum"), BOOT_OK);
    assert_int_equal(options.corruption.table, BOOT_CORRUPT_RSDP);
    assert_int_equal(options.corruption.kind, BOOT_CORRUPT_CHECKSUM);
    assert_int_equal(parse("corrupt=module:toomany"), BOOT_OK);
    assert_int_equal(options.corruption.table, BOOT_CORRUPT_MODULE);
    assert_int_equal(options.corruption.kind, BOOT_CORRUPT_TOO_MANY);
}

static void test_cmdline_parse__unknown_words(void **state)
{
    (void)state;
    assert_refused("cluster=numa", BOOT_E_OPTION, "cluster=numa", 0);
    assert_refused("root=a clusterss=numa", BOOT_E_OPTION, "clusterss=numa", 7);
    assert_refused("=", BOOT_E_OPTION, "=", 0);
    assert_refused("quiet", BOOT_E_OPTION, "quiet", 0);
    assert_refused("---", BOOT_E_OPTION, "---", 0);
    assert_refused("a\x01\xff"
                   "b",
                   BOOT_E_OPTION, "a??b", 0);
    assert_refused("abcdefghijklmnopqrstuvwxyz0123456789", BOOT_E_OPTION,
                   "abcdefghijklmnopqrstuvwxyz01234", 0);
}

static void test_cmdline_parse__bad_values(void **state)
{
    static const char *const words[] = {"clusters",
                                        "clusters=",
                                        "clusters=Numa",
                                        "clusters=numa,",
                                        "clusters=nuM",
                                        "slice_us=",
                                        "watchdog_s=0",
                                        "watchdog_s=86401",
                                        "slice_us=99",
                                        "slice_us=1000001",
                                        "slice_us=-5",
                                        "slice_us=0x100",
                                        "slice_us=18446744073709551716",
                                        "slice_us=1e3",
                                        "trace=",
                                        "trace=1",
                                        "root=",
                                        "root=a:b",
                                        "root=\"a\"",
                                        "plant=",
                                        "plant=a=b",
                                        "fault=",
                                        "fault=a",
                                        "fault=a:1",
                                        "fault=a:0:b",
                                        "fault=:1:b",
                                        "fault=a::b",
                                        "fault=a:1:",
                                        "fault=a:1:b:c",
                                        "fault=a:4294967296:b",
                                        "corrupt=",
                                        "corrupt=srat",
                                        "corrupt=srat:",
                                        "corrupt=:length",
                                        "corrupt=dsdt:length",
                                        "corrupt=srat:size",
                                        "corrupt=srat:length:x"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_refused(words[i], BOOT_E_OPTION_VALUE, words[i], 0);
    }
}

static void test_cmdline_parse__name_length(void **state)
{
    (void)state;
    assert_int_equal(parse("root=abcdefghijklmnopqrstuvwxyz01234"), BOOT_OK);
    assert_int_equal(parse("root=abcdefghijklmnopqrstuvwxyz012345"), BOOT_E_OPTION_VALUE);
}

static void test_cmdline_parse__twice(void **state)
{
    (void)state;
    assert_refused("root=a root=a", BOOT_E_OPTION_TWICE, "root=a", 7);
    assert_refused("clusters=numa slice_us=100 clusters=numa", BOOT_E_OPTION_TWICE, "clusters=numa",
                   27);
    assert_int_equal(parse("fault=a:1:b fault=a:1:b fault=a:1:b fault=a:1:b"), BOOT_OK);
    assert_int_equal(options.fault_count, 4);
    assert_refused("fault=a:1:b fault=a:1:b fault=a:1:b fault=a:1:b fault=c:1:b",
                   BOOT_E_OPTION_TWICE, "fault=c:1:b", 48);
}

static void test_cmdline_parse__without_nul(void **state)
{
    char line[BOOT_CMDLINE_BYTES];
    (void)state;
    memset(line, ' ', sizeof line);
    assert_int_equal(cmdline_parse(line, &options, &problem), BOOT_E_STRING_LENGTH);
    line[sizeof line - 1] = '\0';
    assert_int_equal(cmdline_parse(line, &options, &problem), BOOT_OK);
}

static void test_cmdline_parse__longest_args(void **state)
{
    char line[BOOT_CMDLINE_BYTES];
    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "-- ", 3);
    line[sizeof line - 1] = '\0';
    assert_int_equal(cmdline_parse(line, &options, &problem), BOOT_OK);
    assert_int_equal(strlen(options.args), BOOT_CMDLINE_BYTES - 4);
}

static void assert_sentence(const char *text)
{
    assert_non_null(text);
    assert_true(strlen(text) > 5 && text[strlen(text) - 1] == '.');
}

static void test_boot_err_text__all_and_none_twice(void **state)
{
    (void)state;
    for (int err = 0; err < BOOT_ERR_COUNT; err++) {
        const char *text = boot_err_text((enum boot_err)err);
        assert_sentence(text);
        for (int other = 0; other < err; other++) {
            assert_string_not_equal(text, boot_err_text((enum boot_err)other));
        }
    }
    assert_string_equal(boot_err_text(BOOT_ERR_COUNT), "Unknown boot error.");
    for (int kind = 1; kind < BOOT_WARN_COUNT; kind++) {
        assert_sentence(boot_warning_text((enum boot_warning_kind)kind));
    }
    assert_string_equal(boot_warning_text(BOOT_WARN_COUNT), "Unknown boot warning.");
}

static void test_boot_fail__long_place_is_cut(void **state)
{
    (void)state;
    assert_int_equal(
        boot_fail(&problem, BOOT_E_MAGIC, "0123456789012345678901234567890123456789", 7),
        BOOT_E_MAGIC);
    assert_string_equal(problem.where, "0123456789012345678901234567890");
    assert_true(problem.detail == 7);
}

static void test_boot_warn__counts_what_finds_no_room(void **state)
{
    struct boot_warnings warnings = {0};
    (void)state;
    for (uint64_t i = 0; i < BOOT_MAX_WARNINGS + 3; i++) {
        boot_warn(&warnings, BOOT_WARN_CPU_BOTH, i, 0);
    }
    assert_int_equal(warnings.count, BOOT_MAX_WARNINGS);
    assert_int_equal(warnings.dropped, 3);
    assert_true(warnings.items[BOOT_MAX_WARNINGS - 1].a == BOOT_MAX_WARNINGS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmdline_parse__defaults),
        cmocka_unit_test(test_cmdline_parse__everything),
        cmocka_unit_test(test_cmdline_parse__every_word_of_a_choice),
        cmocka_unit_test(test_cmdline_parse__unknown_words),
        cmocka_unit_test(test_cmdline_parse__bad_values),
        cmocka_unit_test(test_cmdline_parse__name_length),
        cmocka_unit_test(test_cmdline_parse__twice),
        cmocka_unit_test(test_cmdline_parse__without_nul),
        cmocka_unit_test(test_cmdline_parse__longest_args),
        cmocka_unit_test(test_boot_err_text__all_and_none_twice),
        cmocka_unit_test(test_boot_fail__long_place_is_cut),
        cmocka_unit_test(test_boot_warn__counts_what_finds_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
