/* SPDX-License-Identifier: MIT */
/* Completion: what may stand where, and what names have in common. */
#include "unit.h"

#include "complete.h"

#include <string.h>

static const char *const commands[] = {"help", "cluster", "clusters", "cores", "run", "on", NULL};
static const char *const programs[] = {"hello", "spin", NULL};

static const char *name_of(void *context, enum complete_kind kind, size_t i)
{
    (void)context;
    switch (kind) {
    case COMPLETE_COMMAND:
        return commands[i];
    case COMPLETE_PROGRAM:
        return programs[i];
    case COMPLETE_NOTHING:
        break;
    }
    return NULL;
}

static void test_complete_place__kinds(void **state)
{
    static const struct {
        const char *line;
        enum complete_kind kind;
        const char *prefix;
    } cases[] = {
        {"", COMPLETE_COMMAND, ""},
        {"  cl", COMPLETE_COMMAND, "cl"},
        {"run ", COMPLETE_PROGRAM, ""},
        {"run he", COMPLETE_PROGRAM, "he"},
        {"run hello ", COMPLETE_NOTHING, ""},
        {"run -m ", COMPLETE_NOTHING, ""},
        {"run -m 4 he", COMPLETE_PROGRAM, "he"},
        {"run -m 4 hello ", COMPLETE_NOTHING, ""},
        {"on 1 run -m 4 he", COMPLETE_PROGRAM, "he"},
        {"on 1 run -m 4 hello x", COMPLETE_NOTHING, NULL},
        {"help c", COMPLETE_COMMAND, "c"},
        {"help cores c", COMPLETE_NOTHING, "c"},
        {"on", COMPLETE_COMMAND, "on"},
        {"on 1", COMPLETE_NOTHING, "1"},
        {"on 1 r", COMPLETE_COMMAND, "r"},
        {"on 1 run he", COMPLETE_PROGRAM, "he"},
        {"on 1 run hello a b c d e f g", COMPLETE_NOTHING, NULL},
        {"echo c", COMPLETE_NOTHING, "c"},
        {"cores c", COMPLETE_NOTHING, "c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct complete_place place = complete_place(cases[i].line, strlen(cases[i].line));
        assert_int_equal(place.kind, cases[i].kind);
        if (cases[i].prefix != NULL) {
            assert_int_equal(place.bytes, strlen(cases[i].prefix));
            assert_memory_equal(place.prefix, cases[i].prefix, place.bytes);
        }
    }
}

static void test_complete_place__only_what_is_before_the_cursor(void **state)
{
    const struct complete_place place = complete_place("cores", 2);

    (void)state;
    assert_int_equal(place.bytes, 2);
    assert_int_equal(place.kind, COMPLETE_COMMAND);
}

static void test_complete_find(void **state)
{
    static const struct {
        const char *line;
        const char *inserted;
        bool is_open;
    } cases[] = {
        {"h", "elp ", false},     {"help", " ", false},     {"cl", "uster", true},
        {"cluster", "", true},    {"c", "", true},          {"x", "", false},
        {"coresx", "", false},    {"run s", "pin ", false}, {"echo c", "", false},
        {"clusters", " ", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct complete_place place = complete_place(cases[i].line, strlen(cases[i].line));
        struct edit_completion found;
        complete_find(&place, name_of, NULL, &found);
        assert_int_equal(found.bytes, strlen(cases[i].inserted));
        assert_memory_equal(found.text, cases[i].inserted, found.bytes);
        assert_int_equal(found.is_open, cases[i].is_open);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete_place__kinds),
        cmocka_unit_test(test_complete_place__only_what_is_before_the_cursor),
        cmocka_unit_test(test_complete_find),
    };

    return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
