/* SPDX-License-Identifier: MIT */
/* Page tables and frames: each error, what a program can reach, what outlives what. */
#include "sim_test.h"

#include <kernel/vspace.h>
#include <r4/abi/limits.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */
#define PAGE   R4_PAGE_BYTES
#define VA     UINT64_C(0x10000000)
#define OWN_PD R4_INIT_SLOT_PD
#define R      R4_RIGHT_READ
#define W      R4_RIGHT_WRITE
#define X      R4_RIGHT_EXEC

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct slot *slot_at(uint32_t n)
{
    return sim_slot(root(), n);
}

static bool reaches(uint32_t core, uint64_t va, uint16_t access)
{
    struct paddr pa;

    return host_translate(sim_core(0, core), va, access, &pa);
}

/* A PD without an ASID, a PD capability without CONTROL, an empty slot. */
struct bad_pds {
    uint32_t raw;
    uint32_t weak;
    uint32_t empty;
};

static struct bad_pds make_bad_pds(void)
{
    const struct bad_pds bad = {
        .raw = sim_make(0, R4_TYPE_PD, 0, 1),
        .weak = sim_slots_take(0, 1),
        .empty = sim_slots_take(0, 1),
    };

    SIM_ROOT(0, CAP_DERIVE, OWN_PD, 0, bad.weak, R4_RIGHT_LINK);
    return bad;
}

static void test_frame_map__errors_are_exact(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const struct bad_pds bad = make_bad_pds();
    const struct {
        uint64_t word[3]; /* pd, address, access */
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {{0, VA, R}, R4_E_INDEX, 1},
        {{NO_CAP, VA, R}, R4_E_INDEX, 1},
        {{bad.empty, VA, R}, R4_E_EMPTY, 1},
        {{frame, VA, R}, R4_E_TYPE, 1},
        {{bad.weak, VA, R}, R4_E_RIGHTS, 1},
        {{bad.raw, VA, R}, R4_E_STATE, 1},
        {{OWN_PD, 0, R}, R4_E_RANGE, 2},
        {{OWN_PD, R4_USER_TOP, R}, R4_E_RANGE, 2},
        {{OWN_PD, R4_USER_TOP - 1, R}, R4_E_RANGE, 2},
        {{OWN_PD, UINT64_C(0xffff800000000000), R}, R4_E_RANGE, 2},
        {{OWN_PD, UINT64_MAX - PAGE + 1, R}, R4_E_RANGE, 2},
        {{OWN_PD, VA + 8, R}, R4_E_ALIGN, 2},
        {{OWN_PD, VA, 0}, R4_E_RANGE, 3},
        {{OWN_PD, VA, W}, R4_E_RANGE, 3},
        {{OWN_PD, VA, X}, R4_E_RANGE, 3},
        {{OWN_PD, VA, R | R4_RIGHT_SIGNAL}, R4_E_RANGE, 3},
        {{OWN_PD, VA, UINT64_C(1) << 12}, R4_E_RANGE, 3},
        {{OWN_PD, VA, R | W | X}, R4_E_WX, 3},
        {{OWN_PD, VA, W | X}, R4_E_WX, 3},
        /* The first of several causes is named, in the order of r4.toml. */
        {{OWN_PD, VA, W | X | R4_RIGHT_SIGNAL}, R4_E_WX, 3},
    };

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint64_t *w = cases[i].word;
        const struct sim_reply reply = SIM_CALL(root(), FRAME_MAP, frame, w[0], w[1], w[2]);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
        assert_false(slot_has(slot_at(frame), SLOT_MAPPED));
    }
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA, R);
    expect_refused(root(), R4_E_MAPPED, 0, FRAME_MAP, frame, OWN_PD, VA + PAGE, R);
    SIM_ROOT(0, CAP_COPY, frame, 0, bad.empty);
    assert_int_equal(slot_at(bad.empty)->extra, 0);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, bad.empty, OWN_PD, VA, R);
    slot_set_flags(slot_at(bad.empty), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, FRAME_MAP, bad.empty, OWN_PD, VA + PAGE, R);
    slot_set_flags(slot_at(bad.empty), 0, SLOT_FROZEN);
    expect_refused(root(), R4_E_STATE, 0, FRAME_UNMAP, bad.empty, 0);
}

/* The page table of the last page has an entry more, which stays empty. */
static void test_frame_map__last_page(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);

    (void)state;
    sim_make_tables(0, OWN_PD, R4_USER_TOP - PAGE, 1);
    expect_refused(root(), R4_E_RANGE, 2, FRAME_MAP, frame, OWN_PD, R4_USER_TOP, R);
    expect_refused(root(), R4_E_ALIGN, 2, FRAME_MAP, frame, OWN_PD, R4_USER_TOP - PAGE - 8, R);
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, R4_USER_TOP - PAGE, R);
    assert_true(reaches(0, R4_USER_TOP - 1, R));
}

static void test_frame_map__not_more_than_the_capability_has(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t weak = sim_slots_take(0, 4);

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    SIM_ROOT(0, CAP_DERIVE, frame, 0, weak, R | R4_RIGHT_MODIFY);
    SIM_ROOT(0, CAP_DERIVE, frame, 0, weak + 1, W | X | R4_RIGHT_MODIFY);
    SIM_ROOT(0, CAP_DERIVE, frame, 0, weak + 2, R);
    expect_refused(root(), R4_E_RIGHTS, 3, FRAME_MAP, weak, OWN_PD, VA, R | W);
    expect_refused(root(), R4_E_RIGHTS, 3, FRAME_MAP, weak, OWN_PD, VA, R | X);
    expect_refused(root(), R4_E_RIGHTS, 3, FRAME_MAP, weak + 1, OWN_PD, VA, R);
    expect_refused(root(), R4_E_RIGHTS, 0, FRAME_MAP, weak + 2, OWN_PD, VA, R);
    SIM_ROOT(0, FRAME_MAP, weak, OWN_PD, VA, R);
    assert_true(reaches(0, VA, R));
    assert_false(reaches(0, VA, W));
    assert_false(reaches(0, VA, X));
}

static void test_frame_map__says_which_table_is_missing(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 4);

    (void)state;
    for (uint32_t level = 3; level >= 1; level--) {
        const struct sim_reply reply = SIM_CALL(root(), FRAME_MAP, frame, OWN_PD, VA, R | W);

        assert_int_equal(reply.err, R4_E_NO_TABLE);
        assert_int_equal(reply.detail, 2);
        assert_int_equal(reply.word[0], level);
        assert_int_equal(SIM_ROOT(0, PAGE_TABLE_MAP, table + 3 - level, OWN_PD, VA), level);
    }
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, PAGE_TABLE_MAP, table + 3, OWN_PD, VA);
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA, R | W);
    assert_true(reaches(0, VA, W));
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_false(reaches(0, VA, R));
    assert_int_equal(slot_at(frame)->extra, 0);
    expect_refused(root(), R4_E_STATE, 0, FRAME_UNMAP, frame, 0);
}

/*
 * The largest untyped is a granule that nothing was made of yet; small things come from the one
 * before it.
 */
static void test_frame_map__large_frames(void **state)
{
    const uint32_t granule = sim.of[0].untyped;
    const uint32_t large = sim_slots_take(0, 1);
    uint32_t small;
    uint32_t table;
    struct sim_reply reply;

    (void)state;
    assert_int_equal(slot_size_bits(slot_at(granule)), 21);
    SIM_ROOT(0, UNTYPED_RETYPE, granule, R4_TYPE_FRAME, 21, 0, large, 1);
    sim.of[0].untyped = granule - 1;
    small = sim_make(0, R4_TYPE_FRAME, 12, 1);
    table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    reply = SIM_CALL(root(), FRAME_MAP, large, OWN_PD, VA, R | W);
    assert_int_equal(reply.err, R4_E_NO_TABLE);
    assert_int_equal(reply.word[0], 3);
    sim_make_tables(0, OWN_PD, VA, 2);
    expect_refused(root(), R4_E_ALIGN, 2, FRAME_MAP, large, OWN_PD, VA + PAGE, R | W);
    expect_refused(root(), R4_E_RANGE, 2, FRAME_MAP, large, OWN_PD, R4_USER_TOP - PAGE, R);
    SIM_ROOT(0, FRAME_MAP, large, OWN_PD, VA, R | W);
    assert_true(reaches(0, VA + (UINT64_C(1) << 21) - 1, W));
    assert_false(reaches(0, VA + (UINT64_C(1) << 21), R));
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, small, OWN_PD, VA + PAGE, R);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, PAGE_TABLE_MAP, table, OWN_PD, VA + PAGE);
    SIM_ROOT(0, FRAME_UNMAP, large, 0);
    assert_false(reaches(0, VA + 5 * PAGE, R));
    SIM_ROOT(0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, large, OWN_PD, VA, R);
}

static void test_page_table_map__errors_are_exact(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    const struct bad_pds bad = make_bad_pds();
    const struct {
        uint64_t word[2]; /* pd, address */
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {{0, VA}, R4_E_INDEX, 1},
        {{bad.empty, VA}, R4_E_EMPTY, 1},
        {{table, VA}, R4_E_TYPE, 1},
        {{bad.weak, VA}, R4_E_RIGHTS, 1},
        {{bad.raw, VA}, R4_E_STATE, 1},
        {{OWN_PD, R4_USER_TOP}, R4_E_RANGE, 2},
        {{OWN_PD, UINT64_MAX}, R4_E_RANGE, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sim_reply reply =
            SIM_CALL(root(), PAGE_TABLE_MAP, table, cases[i].word[0], cases[i].word[1]);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
    }
    expect_refused(root(), R4_E_STATE, 0, PAGE_TABLE_UNMAP, table, 0);
    slot_set_flags(slot_at(table), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    slot_set_flags(slot_at(table), 0, SLOT_FROZEN);
    SIM_ROOT(0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    expect_refused(root(), R4_E_MAPPED, 0, PAGE_TABLE_MAP, table, OWN_PD, VA);
}

/* A page table in two places, or at two levels, would let a program write page tables. */
static void test_page_table_map__in_one_place_only(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    const uint32_t copy = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_COPY, table, 0, copy);
    expect_refused(root(), R4_E_BUSY, 0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    expect_refused(root(), R4_E_BUSY, 0, PAGE_TABLE_MAP, copy, OWN_PD, VA);
    SIM_ROOT(0, CAP_DELETE, table);
    SIM_ROOT(0, PAGE_TABLE_MAP, copy, OWN_PD, VA);
    SIM_ROOT(0, CAP_COPY, copy, 0, table);
    assert_false(slot_has(slot_at(table), SLOT_MAPPED));
    expect_refused(root(), R4_E_BUSY, 0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    SIM_ROOT(0, CAP_DELETE, copy);
    SIM_ROOT(0, PAGE_TABLE_MAP, table, OWN_PD, VA);
}

static void test_page_table_unmap__what_was_below_never_comes_back(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 2);

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 2);
    SIM_ROOT(0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA, R | W);
    assert_true(reaches(0, VA, W));
    SIM_ROOT(0, PAGE_TABLE_UNMAP, table, 0);
    assert_false(reaches(0, VA, R));
    expect_refused(root(), R4_E_STATE, 0, PAGE_TABLE_UNMAP, table, 0);
    SIM_ROOT(0, PAGE_TABLE_MAP, table, OWN_PD, VA);
    assert_false(reaches(0, VA, R));
    /* The first frame's slot still remembers; the second one's mapping is not taken for it. */
    SIM_ROOT(0, FRAME_MAP, frame + 1, OWN_PD, VA, R);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_true(reaches(0, VA, R));
    SIM_ROOT(0, CAP_DELETE, table);
    assert_false(reaches(0, VA, R));
    SIM_ROOT(0, CAP_DELETE, frame + 1);
}

/* An upper table goes: the lower one stays marked, but its place is not its own any more. */
static void test_page_table_unmap__upper_level_first(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 4);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        SIM_ROOT(0, PAGE_TABLE_MAP, table + i, OWN_PD, VA);
    }
    SIM_ROOT(0, PAGE_TABLE_UNMAP, table + 1, 0);
    assert_int_equal(SIM_ROOT(0, PAGE_TABLE_MAP, table + 3, OWN_PD, VA), 2);
    SIM_ROOT(0, PAGE_TABLE_UNMAP, table + 2, 0);
    assert_int_equal(SIM_ROOT(0, PAGE_TABLE_MAP, table + 1, OWN_PD, VA), 1);
    assert_int_equal(vspace_walk(thread_pd(root()), VA, 1).level, 1);
}

/* The other core runs a thread of the same PD and has the page in its TLB. */
static void test_frame_unmap__other_core_forgets_it_too(void **state)
{
    const uint32_t frame = sim_map_frame(0, OWN_PD, 12, VA, R | W);
    const uint32_t neighbour = sim_map_frame(0, OWN_PD, 12, VA + PAGE, R | W);
    const uint64_t before = sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS];

    (void)state;
    sim_make_thread(0, OWN_PD, 1, 9);
    sim_settle();
    assert_true(reaches(1, VA, W));
    assert_true(reaches(1, VA + PAGE, W));
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_false(reaches(1, VA, R));
    SIM_ROOT(0, CAP_DELETE, neighbour);
    assert_false(reaches(1, VA + PAGE, R));
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS], before + 2);
}

/* A capability remembers an address space that is gone; the ASID's next user is left alone. */
static void test_frame_unmap__after_the_pd_died(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t tables = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 3);

    (void)state;
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    for (uint32_t i = 0; i < 3; i++) {
        SIM_ROOT(0, PAGE_TABLE_MAP, tables + i, pd, VA);
    }
    SIM_ROOT(0, FRAME_MAP, frame, pd, VA, R | X);
    SIM_ROOT(0, CAP_DELETE, pd);
    assert_null(vspace_mapped_pd(sim.of[0].cluster, slot_at(frame)));
    expect_refused(root(), R4_E_MAPPED, 0, FRAME_MAP, frame, OWN_PD, VA, R);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    for (uint32_t i = 0; i < 3; i++) {
        SIM_ROOT(0, PAGE_TABLE_UNMAP, tables + i, 0);
        SIM_ROOT(0, PAGE_TABLE_MAP, tables + i, OWN_PD, VA);
    }
    assert_false(reaches(0, VA, R));
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA, R | X);
    assert_true(reaches(0, VA, X));
}

static void test_cap_move__mapping_goes_along(void **state)
{
    const uint32_t frame = sim_map_frame(0, OWN_PD, 12, VA, R);
    const uint32_t to = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_MOVE, frame, 0, to);
    assert_true(reaches(0, VA, R));
    SIM_ROOT(0, FRAME_UNMAP, to, 0);
    assert_false(reaches(0, VA, R));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_frame_map__errors_are_exact),
        SIM_TEST(test_frame_map__not_more_than_the_capability_has),
        SIM_TEST(test_frame_map__says_which_table_is_missing),
        SIM_TEST(test_frame_map__last_page),
        SIM_TEST(test_frame_map__large_frames),
        SIM_TEST(test_page_table_map__errors_are_exact),
        SIM_TEST(test_page_table_map__in_one_place_only),
        SIM_TEST(test_page_table_unmap__what_was_below_never_comes_back),
        SIM_TEST(test_page_table_unmap__upper_level_first),
        SIM_TEST(test_frame_unmap__other_core_forgets_it_too),
        SIM_TEST(test_frame_unmap__after_the_pd_died),
        SIM_TEST(test_cap_move__mapping_goes_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
