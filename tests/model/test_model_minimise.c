/* SPDX-License-Identifier: MIT */
/*
 * The comparison finds planted bugs of the model, and the minimiser makes short lists of what shows
 * them.
 */
#include "minimise.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPS       4000u
#define SEEDS_MAX 40u
#define FEW       16u /* a thread besides the root task's takes nine */
#define MANY      64u /* two domains with windows and a peer take thirty */
#define SOME      32u /* what has little time to live takes twelve more */

struct planted {
    const char *name;
    uint32_t most; /* operations that show it */
};

static const struct planted planted[MODEL_BUG_COUNT] = {
    [MODEL_BUG_COPY_IS_FREE] = {"copy is free", 2},
    [MODEL_BUG_DERIVE_KEEPS_RIGHTS] = {"derive keeps rights", 2},
    [MODEL_BUG_REVOKE_SPARES] = {"revoke spares children of children", 32},
    [MODEL_BUG_DELETE_ORPHANS] = {"delete makes children roots", FEW},
    [MODEL_BUG_NO_ALIGNMENT] = {"objects are not aligned", FEW},
    [MODEL_BUG_NO_RESET] = {"an untyped does not start again", SOME},
    [MODEL_BUG_UNMAP_KEEPS_ENTRY] = {"unmap keeps the entry", SOME},
    [MODEL_BUG_REVOKE_THAWS] = {"revoke does not freeze", SOME},
    [MODEL_BUG_MARK_IGNORED] = {"a mark does not matter", MANY},
    [MODEL_BUG_ONCE_STAYS] = {"a word for one use stays", MANY},
    [MODEL_BUG_CHAIN_RIGHTS] = {"rights of a GRANT do not matter", MANY},
    [MODEL_BUG_CUT_ONE_WAY] = {"a peer is cut one way", MANY},
    [MODEL_BUG_LINK_FORGETS] = {"link forgets the session id", MANY},
    [MODEL_BUG_STOPS] = {"the process stops", FEW},
};

struct found {
    struct run_record *record;
    struct op *op;
    uint32_t count;
    enum run_end end;
};

static struct found find(enum model_bug bug)
{
    const struct run_options options = {.bug = bug, .compare_every = 10};
    struct found f = {.record = run_record_new(), .op = malloc(sizeof(f.record->op))};

    assert_non_null(f.op);
    for (uint64_t seed = 1; seed <= SEEDS_MAX && f.end == RUN_AGREES; seed++) {
        f.end = run_random(f.record, seed, OPS, &options);
    }
    f.count = f.record->count;
    memcpy(f.op, f.record->op, f.count * sizeof(*f.op));
    return f;
}

static void forget(struct found *f)
{
    run_record_free(f->record);
    free(f->op);
}

static enum run_end run_without(struct found *f, uint32_t left_out, enum model_bug bug)
{
    const struct run_options options = {.bug = bug, .compare_every = 1};
    struct op rest[MANY];

    assert_true(f->count <= sizeof(rest) / sizeof(rest[0]));
    memcpy(rest, f->op, left_out * sizeof(*rest));
    memcpy(rest + left_out, f->op + left_out + 1, (f->count - left_out - 1u) * sizeof(*rest));
    return run_recorded(f->record, rest, f->count - 1u, &options);
}

static void test_planted_bugs_are_found_and_made_short(void **state)
{
    (void)state;
    for (enum model_bug bug = MODEL_BUG_NONE + 1; bug < MODEL_BUG_COUNT; bug++) {
        const struct run_options loud = {.bug = bug, .compare_every = 1, .is_loud = true};
        struct found f = find(bug);

        printf("%s: found after %u operations", planted[bug].name, f.count);
        assert_int_not_equal(f.end, RUN_AGREES);
        assert_int_equal(f.end == RUN_STOPS, bug == MODEL_BUG_STOPS);
        f.count = minimise(f.record, f.op, f.count, bug);
        printf(", shown by %u:\n", f.count);
        assert_int_not_equal(run_recorded(f.record, f.op, f.count, &loud), RUN_AGREES);
        printf("  %s\n", f.record->text);
        assert_true(f.count <= planted[bug].most);
        for (uint32_t i = 0; i < f.count; i++) {
            assert_int_equal(run_without(&f, i, bug), RUN_AGREES);
        }
        /* It is the plant that they show. */
        const struct run_options sound = {.compare_every = 1};

        assert_int_equal(run_recorded(f.record, f.op, f.count, &sound), RUN_AGREES);
        forget(&f);
    }
}

static void test_a_seed_repeats_its_run(void **state)
{
    const struct run_options options = {.compare_every = 100};
    struct run_record *first = run_record_new();
    struct run_record *second = run_record_new();

    (void)state;
    assert_int_equal(run_random(first, 7, OPS, &options), RUN_AGREES);
    assert_int_equal(run_random(second, 7, OPS, &options), RUN_AGREES);
    assert_int_equal(first->count, OPS);
    assert_memory_equal(first->op, second->op, OPS * sizeof(struct op));
    assert_memory_equal(&first->coverage, &second->coverage, sizeof(first->coverage));
    assert_int_equal(run_recorded(second, first->op, OPS, &options), RUN_AGREES);
    run_record_free(first);
    run_record_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_bugs_are_found_and_made_short),
        cmocka_unit_test(test_a_seed_repeats_its_run),
    };

    return cmocka_run_group_tests_name("model_minimise", tests, NULL, NULL);
}
