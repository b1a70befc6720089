/* SPDX-License-Identifier: MIT */
/* Readable views in user addresses: each error, what a program sees there, when they are gone. */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/delete.h>
#include <kernel/view.h>
#include <kernel/vspace.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <string.h>

#define NO_CAP UINT64_C(0x007fffff) /* an index beyond every table */
#define PAGE   R4_PAGE_BYTES
#define VA     UINT64_C(0x10000000)
#define NEXT   (VA + (UINT64_C(1) << 21)) /* what the next page table of level 1 covers */
#define OWN    R4_INIT_SLOT_CAP_TABLE
#define OWN_PD R4_INIT_SLOT_PD
#define R      R4_RIGHT_READ
#define W      R4_RIGHT_WRITE
#define X      R4_RIGHT_EXEC
#define PAGES  (SIM_TABLE_SLOTS / VIEWS_A_PAGE)
#define KERNEL UINT64_C(0xffff800000000000)

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

/* What a program on the core loads. */
static const uint64_t *load(uint32_t core, uint64_t va)
{
    struct paddr pa;

    assert_true(host_translate(sim_core(0, core), va, R, &pa));
    return arch_dmap_ptr(pa);
}

/* What stands at `va` is what the kernel says of each slot of the root task's table. */
static void expect_views(uint32_t core, uint64_t va)
{
    for (uint32_t n = 0; n < SIM_TABLE_SLOTS; n++) {
        const uint64_t *word = load(core, va + n * sizeof(struct r4_slot_view));
        const bool is_slot = table_has(sim.of[0].table, n);
        const struct slot_view expected =
            is_slot ? slot_view_of(slot_at(n)) : (struct slot_view){0};

        assert_int_equal(word[0], expected.meta);
        assert_int_equal(word[1], expected.badge);
        assert_true(word[0] < KERNEL && word[1] < KERNEL);
    }
}

static void map_own(uint64_t va)
{
    sim_make_tables(0, OWN_PD, va, 1);
    sim_make_tables(0, OWN_PD, va + (PAGES - 1u) * PAGE, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, va);
}

static void test_map_view__errors_are_exact(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t raw = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t weak = sim_slots_take(0, 3);
    const struct {
        uint64_t word[2]; /* pd, address */
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {{0, VA}, R4_E_INDEX, 1},
        {{NO_CAP, VA}, R4_E_INDEX, 1},
        {{SIM_TABLE_LAST, VA}, R4_E_INDEX, 1},
        {{weak + 2, VA}, R4_E_EMPTY, 1},
        {{table, VA}, R4_E_TYPE, 1},
        {{weak, VA}, R4_E_RIGHTS, 1},
        {{raw, VA}, R4_E_STATE, 1},
        {{OWN_PD, 0}, R4_E_RANGE, 2},
        {{OWN_PD, R4_USER_TOP}, R4_E_RANGE, 2},
        {{OWN_PD, R4_USER_TOP - PAGE + 8}, R4_E_RANGE, 2},
        {{OWN_PD, KERNEL}, R4_E_RANGE, 2},
        {{OWN_PD, UINT64_MAX - PAGE + 1}, R4_E_RANGE, 2},
        {{OWN_PD, VA + 8}, R4_E_ALIGN, 2},
        {{OWN_PD, VA + PAGE / 2}, R4_E_ALIGN, 2},
        {{OWN_PD, UINT64_C(0x5000000000)}, R4_E_NO_TABLE, 2},
    };

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, OWN_PD, 0, weak, R4_RIGHT_LINK);
    SIM_ROOT(0, CAP_DERIVE, table, 0, weak + 1, R4_RIGHTS_DEFINED & ~(uint64_t)R);
    sim_make_tables(0, OWN_PD, VA, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint64_t *w = cases[i].word;
        const struct sim_reply reply = SIM_CALL(root(), CAP_TABLE_MAP_VIEW, table, w[0], w[1]);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
        assert_false(slot_has(slot_at(table), SLOT_MAPPED));
    }
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_MAP_VIEW, weak + 1, OWN_PD, VA);
    expect_refused(root(), R4_E_RIGHTS, 0, CAP_TABLE_UNMAP_VIEW, weak + 1, 0);
    expect_refused(root(), R4_E_TYPE, 0, CAP_TABLE_MAP_VIEW, OWN_PD, OWN_PD, VA);
    expect_refused(root(), R4_E_STATE, 0, CAP_TABLE_UNMAP_VIEW, table, 0);
    slot_set_flags(slot_at(table), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA);
    slot_set_flags(slot_at(table), 0, SLOT_FROZEN);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA);
    expect_refused(root(), R4_E_MAPPED, 0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA + PAGE);
}

/* No table of this size fits the simulated machine: one that claims to be so large is refused. */
static void test_map_view__largest_and_too_large(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    struct cap_table *t = sim_table_at(root(), table);
    const uint32_t last = t->last;

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    sim.is_checking = false;
    t->last = (R4_VIEW_PAGES_MAX + 1u) * VIEWS_A_PAGE - 1u;
    expect_refused(root(), R4_E_RANGE, 0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA);
    expect_refused(root(), R4_E_RANGE, 0, CAP_TABLE_MAP_VIEW, table, OWN_PD, 8);
    t->last = R4_VIEW_PAGES_MAX * VIEWS_A_PAGE - 1u;
    expect_refused(root(), R4_E_RANGE, 2, CAP_TABLE_MAP_VIEW, table, OWN_PD,
                   R4_USER_TOP - (R4_VIEW_PAGES_MAX - 1u) * PAGE);
    expect_refused(root(), R4_E_NO_TABLE, 2, CAP_TABLE_MAP_VIEW, table, OWN_PD, NEXT - PAGE);
    t->last = last;
    sim.is_checking = true;
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA);
}

static void test_map_view__says_which_table_is_missing(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 4);
    const uint64_t va = NEXT - 2 * PAGE; /* two pages here, two there */

    (void)state;
    assert_int_equal(PAGES, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const uint64_t level = i < 3 ? 3 - i : 1;
        const struct sim_reply reply = SIM_CALL(root(), CAP_TABLE_MAP_VIEW, OWN, OWN_PD, va);

        assert_int_equal(reply.err, R4_E_NO_TABLE);
        assert_int_equal(reply.detail, 2);
        assert_int_equal(reply.word[0], level);
        assert_int_equal(SIM_ROOT(0, PAGE_TABLE_MAP, table + i, OWN_PD, i < 3 ? va : va + 3 * PAGE),
                         level);
    }
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, va);
    expect_views(0, va);
    assert_false(reaches(0, va - PAGE, R));
    assert_false(reaches(0, va + 4 * PAGE, R));
    SIM_ROOT(0, CAP_TABLE_UNMAP_VIEW, OWN, 0);
    for (uint32_t i = 0; i < PAGES; i++) {
        assert_false(reaches(0, va + i * PAGE, R));
    }
}

/* A page in the way anywhere in the range, and a large frame. Nothing is changed. */
static void test_map_view__address_taken(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    sim_make_tables(0, OWN_PD, NEXT, 2);
    for (uint32_t i = 0; i < PAGES; i++) {
        SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA + i * PAGE, R);
        expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, VA);
        for (uint32_t j = 0; j < PAGES; j++) {
            assert_int_equal(reaches(0, VA + j * PAGE, R), i == j);
        }
        SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    }
    /* A missing table is named first, also behind a page that is taken. */
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, NEXT - PAGE, R);
    expect_refused(root(), R4_E_NO_TABLE, 2, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, NEXT - PAGE);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    sim_make_tables(0, OWN_PD, NEXT, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, NEXT - PAGE);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, frame, OWN_PD, NEXT, R);
}

static void test_map_view__large_frame_in_the_way(void **state)
{
    const uint32_t granule = sim.of[0].untyped;
    const uint32_t large = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, UNTYPED_RETYPE, granule, R4_TYPE_FRAME, 21, 0, large, 1);
    sim.of[0].untyped = granule - 1;
    sim_make_tables(0, OWN_PD, VA, 2);
    SIM_ROOT(0, FRAME_MAP, large, OWN_PD, VA, R);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, VA + PAGE);
}

static void test_D1_views_can_be_read_and_nothing_else(void **state)
{
    (void)state;
    map_own(VA);
    for (uint32_t i = 0; i < PAGES; i++) {
        assert_true(reaches(0, VA + i * PAGE, R));
        assert_false(reaches(0, VA + i * PAGE, W));
        assert_false(reaches(0, VA + i * PAGE, X));
    }
    assert_false(reaches(0, VA + PAGES * PAGE, R));
    assert_true(slot_has(slot_at(OWN), SLOT_MAPPED));
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, OWN, 0).word[3], VA);
    expect_views(0, VA);
}

static void test_D1_views_say_what_the_table_holds_at_any_time(void **state)
{
    const uint32_t at = sim_slots_take(0, 4);

    (void)state;
    map_own(VA);
    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].untyped, R4_TYPE_NOTIFICATION, 0, 0, at, 1);
    expect_views(0, VA);
    SIM_ROOT(0, CAP_MINT, at, 0, at + 1, 0x1234);
    expect_views(0, VA);
    assert_int_equal(load(0, VA + (at + 1) * 16)[1], 0x1234);
    SIM_ROOT(0, CAP_DERIVE, at + 1, 0, at + 2, R4_RIGHT_SIGNAL);
    expect_views(0, VA);
    SIM_ROOT(0, CAP_MOVE, at + 1, 0, at + 3);
    expect_views(0, VA);
    assert_int_equal(load(0, VA + (at + 1) * 16)[0], 0);
    SIM_ROOT(0, CAP_REVOKE, at, 0);
    expect_views(0, VA);
    SIM_ROOT(0, CAP_DELETE, at);
    expect_views(0, VA);
    (void)sim_map_frame(0, OWN_PD, 12, VA + 8 * PAGE, R);
    expect_views(0, VA);
}

/* The kernel keeps the views but never looks at them: garbage in them changes nothing that it does. */
static void test_P28_kernel_trusts_no_view(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t at = sim_slots_take(0, 3);
    struct sim_reply reply;

    (void)state;
    SIM_ROOT(0, CAP_MINT, n, 0, at, 5);
    sim.is_checking = false;
    memset(table_block(sim.of[0].table), 0xff, PAGES * PAGE);
    reply = SIM_CALL(root(), CAP_IDENTIFY, at, 0);
    assert_int_equal(reply.word[0], slot_view_of(slot_at(at)).meta);
    assert_int_equal(reply.word[1], 5);
    reply = SIM_CALL(root(), CAP_TABLE_IDENTIFY, OWN, at + 2);
    assert_int_equal(reply.err, R4_OK);
    assert_int_equal(reply.word[0], 0);
    expect_ok(root(), CAP_DERIVE, at, 0, at + 1, R4_RIGHT_SIGNAL);
    expect_refused(root(), R4_E_RIGHTS, 0, NOTIFICATION_POLL, at + 1, 0);
    expect_ok(root(), NOTIFICATION_SIGNAL, at + 1, 0);
    expect_refused(root(), R4_E_EMPTY, 0, CAP_IDENTIFY, at + 2, 0);
    expect_ok(root(), CAP_REVOKE, n, 0);
    assert_true(slot_is_empty(slot_at(at)) && slot_is_empty(slot_at(at + 1)));
    assert_int_equal(table_view(sim.of[0].table, at)->meta, 0);
    assert_int_equal(table_view(sim.of[0].table, at + 2)->meta, UINT64_MAX);
}

/* The other core runs a thread of the same PD and has the pages in its TLB. */
static void test_unmap_view__other_core_forgets_it_too(void **state)
{
    const uint64_t before = sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS];
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);

    (void)state;
    map_own(VA);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, table, OWN_PD, VA + PAGES * PAGE);
    sim_make_thread(0, OWN_PD, 1, 9);
    sim_settle();
    for (uint32_t i = 0; i <= PAGES; i++) {
        assert_true(reaches(1, VA + i * PAGE, R));
    }
    SIM_ROOT(0, CAP_TABLE_UNMAP_VIEW, table, 0);
    assert_false(reaches(1, VA + PAGES * PAGE, R));
    SIM_ROOT(0, CAP_TABLE_UNMAP_VIEW, OWN, 0);
    for (uint32_t i = 0; i < PAGES; i++) {
        assert_false(reaches(1, VA + i * PAGE, R));
    }
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS], before + 2);
    assert_int_equal(slot_at(OWN)->extra, 0);
    expect_refused(root(), R4_E_STATE, 0, CAP_TABLE_UNMAP_VIEW, OWN, 0);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, OWN, OWN_PD, VA);
}

/* A copy is another mapping; each goes with its own capability, and moves with it. */
static void test_map_view__goes_with_its_capability(void **state)
{
    const uint32_t at = sim_slots_take(0, 3);

    (void)state;
    map_own(VA);
    SIM_ROOT(0, CAP_DERIVE, OWN, 0, at, R | R4_RIGHT_LINK | R4_RIGHT_MODIFY);
    assert_false(slot_has(slot_at(at), SLOT_MAPPED));
    assert_int_equal(slot_at(at)->extra, 0);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA + PAGES * PAGE);
    expect_views(0, VA + PAGES * PAGE);
    SIM_ROOT(0, CAP_MOVE, at, 0, at + 1);
    expect_views(0, VA + PAGES * PAGE);
    SIM_ROOT(0, CAP_COPY, at + 1, 0, at);
    assert_false(slot_has(slot_at(at), SLOT_MAPPED));
    SIM_ROOT(0, CAP_DELETE, at + 1);
    assert_false(reaches(0, VA + PAGES * PAGE, R));
    expect_views(0, VA);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA + PAGES * PAGE);
    SIM_ROOT(0, CAP_COPY, at, 0, at + 2);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at + 2, OWN_PD, VA + 2 * PAGES * PAGE);
    SIM_ROOT(0, CAP_REVOKE, at, 0);
    assert_false(reaches(0, VA + 2 * PAGES * PAGE, R));
    expect_views(0, VA + PAGES * PAGE);
    expect_views(0, VA);
}

/* The last capability is deleted: no page of the dying table can be seen, and its memory is free. */
static void test_map_view__goes_with_the_table(void **state)
{
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t at = sim_slots_take(0, 2);

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_CAP_TABLE, 14, 0, at, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA);
    assert_true(reaches(0, VA, R));
    SIM_ROOT(0, CAP_DELETE, at);
    assert_false(reaches(0, VA, R));
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_CAP_TABLE, 14, 0, at, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA);
    SIM_ROOT(0, CAP_REVOKE, untyped, 0);
    assert_false(reaches(0, VA, R));
    assert_true(slot_is_empty(slot_at(at)));
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, 12, 0, at, 1);
    SIM_ROOT(0, FRAME_MAP, at, OWN_PD, VA, R | W);
}

/* The mapping's capability stands in the table that it shows, and is its last one. */
static void test_map_view__capability_inside_its_own_table(void **state)
{
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 14, 1);
    const uint32_t at = sim_slots_take(0, 1);

    (void)state;
    sim_make_tables(0, OWN_PD, VA, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_CAP_TABLE, 14, 0, at, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA);
    SIM_ROOT(0, CAP_MOVE, at, at, 7);
    assert_int_equal(r4_cap_view_type(load(0, VA + 7 * 16)[0]), R4_TYPE_CAP_TABLE);
    assert_true(r4_cap_view_mapped(load(0, VA + 7 * 16)[0]));
    SIM_ROOT(0, CAP_REVOKE, untyped, 0);
    assert_false(reaches(0, VA, R));
    assert_int_equal(SIM_CALL(root(), CAP_IDENTIFY, untyped, 0).word[4], 1 << 14);
}

/* The address space is gone, or a page table: the capability remembers, and takes nobody else's. */
static void test_unmap_view__after_what_it_was_mapped_in(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t at = sim_slots_take(0, 1);
    uint32_t pages;

    (void)state;
    SIM_ROOT(0, CAP_COPY, OWN, 0, at);
    sim_make_tables(0, pd, VA, 1);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, pd, VA);
    SIM_ROOT(0, CAP_DELETE, pd);
    assert_null(vspace_mapped_pd(sim.of[0].cluster, slot_at(at)));
    expect_refused(root(), R4_E_MAPPED, 0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA);
    SIM_ROOT(0, CAP_TABLE_UNMAP_VIEW, at, 0);

    sim_make_tables(0, OWN_PD, VA, 2);
    pages = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    SIM_ROOT(0, PAGE_TABLE_MAP, pages, OWN_PD, VA);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, at, OWN_PD, VA);
    SIM_ROOT(0, PAGE_TABLE_UNMAP, pages, 0);
    assert_false(reaches(0, VA, R));
    SIM_ROOT(0, PAGE_TABLE_MAP, pages, OWN_PD, VA);
    SIM_ROOT(0, FRAME_MAP, frame, OWN_PD, VA + PAGE, R);
    SIM_ROOT(0, CAP_TABLE_UNMAP_VIEW, at, 0);
    assert_true(reaches(0, VA + PAGE, R));
}

static void test_delete_work__counts_pages_of_views_and_cores(void **state)
{
    const uint32_t frame = sim_map_frame(0, OWN_PD, 12, VA + 8 * PAGE, R);
    struct cap_table *t = sim.of[0].table;
    const struct cluster *cl = sim.of[0].cluster;
    const uint32_t mapped = 2 + cl->core_count / DELETE_CORES;

    (void)state;
    assert_int_equal(delete_work(cl, slot_at(OWN)), 1);
    map_own(VA);
    assert_int_equal(delete_work(cl, slot_at(frame)), mapped);
    assert_int_equal(delete_work(cl, slot_at(OWN)), mapped + PAGES / DELETE_VIEWS);
    t->last = R4_VIEW_PAGES_MAX * VIEWS_A_PAGE - 1u;
    assert_int_equal(delete_work(cl, sim_slot(sim.of[1].root, OWN)), 1);
    assert_int_equal(delete_work(cl, (const struct slot *)t - (SIM_TABLE_LAST - OWN)),
                     mapped + R4_VIEW_PAGES_MAX / DELETE_VIEWS);
    t->last = SIM_TABLE_LAST;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_map_view__errors_are_exact),
        SIM_TEST(test_map_view__largest_and_too_large),
        SIM_TEST(test_map_view__says_which_table_is_missing),
        SIM_TEST(test_map_view__address_taken),
        SIM_TEST(test_map_view__large_frame_in_the_way),
        SIM_TEST(test_D1_views_can_be_read_and_nothing_else),
        SIM_TEST(test_D1_views_say_what_the_table_holds_at_any_time),
        SIM_TEST(test_P28_kernel_trusts_no_view),
        SIM_TEST(test_unmap_view__other_core_forgets_it_too),
        SIM_TEST(test_map_view__goes_with_its_capability),
        SIM_TEST(test_map_view__goes_with_the_table),
        SIM_TEST(test_map_view__capability_inside_its_own_table),
        SIM_TEST(test_unmap_view__after_what_it_was_mapped_in),
        SIM_TEST(test_delete_work__counts_pages_of_views_and_cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
