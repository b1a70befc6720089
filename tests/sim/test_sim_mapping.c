/* SPDX-License-Identifier: MIT */
/*
 * Directed scenarios: address spaces. Every step is checked for translations that outlived their
 * page-table entry.
 */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/mapping.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define VA     UINT64_C(0x10000000)
#define ACCESS (R4_RIGHT_READ | R4_RIGHT_WRITE)

static struct thread *root(void)
{
    return sim.of[0].root;
}

/* What the program on the core reaches; 0: it faults. */
static uint64_t reach(uint32_t core, uint64_t va, uint16_t access)
{
    struct paddr pa;

    return host_translate(sim_core(0, core), va, access, &pa) ? pa.a : 0;
}

/* A thread of the root task's PD that runs on core 1. */
static struct thread *run_on_core_1(uint32_t *slot)
{
    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);
    sim_settle();
    assert_true(sim_is_running(sim_thread_at(root(), *slot)));
    return sim_thread_at(root(), *slot);
}

static void test_D24_map_needs_its_tables(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 4);
    const uint64_t levels[] = {3, 2, 1};
    struct sim_reply reply;

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        reply = SIM_CALL(root(), FRAME_MAP, frame, R4_INIT_SLOT_PD, VA, ACCESS);
        assert_int_equal(reply.err, R4_E_NO_TABLE);
        assert_int_equal(reply.detail, 2);
        assert_int_equal(reply.word[0], levels[i]);
        reply = SIM_CALL(root(), PAGE_TABLE_MAP, table + i, R4_INIT_SLOT_PD, VA);
        assert_int_equal(reply.err, R4_OK);
        assert_int_equal(reply.word[0], levels[i]);
    }
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, PAGE_TABLE_MAP, table + 3, R4_INIT_SLOT_PD, VA);
    expect_refused(root(), R4_E_MAPPED, 0, PAGE_TABLE_MAP, table, R4_INIT_SLOT_PD, VA);
    expect_refused(root(), R4_E_RANGE, 2, PAGE_TABLE_MAP, table + 3, R4_INIT_SLOT_PD, R4_USER_TOP);
    expect_ok(root(), FRAME_MAP, frame, R4_INIT_SLOT_PD, VA, ACCESS);
    assert_int_equal(reach(0, VA + 8, R4_RIGHT_WRITE), sim_slot(root(), frame)->object + 8);
}

static void test_D24_frame_errors_are_exact(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, ACCESS);
    const uint32_t other = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t bare = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t weak = sim_slots_take(0, 2);
    const uint64_t next = VA + R4_PAGE_BYTES;
    const uint64_t pd = R4_INIT_SLOT_PD;

    (void)state;
    expect_ok(root(), CAP_DERIVE, other, 0, weak, R4_RIGHT_READ | R4_RIGHT_MODIFY);
    expect_ok(root(), CAP_DERIVE, other, 0, weak + 1, ACCESS);
    expect_refused(root(), R4_E_MAPPED, 0, FRAME_MAP, frame, pd, next, ACCESS);
    expect_refused(root(), R4_E_RIGHTS, 0, FRAME_MAP, weak + 1, pd, next, R4_RIGHT_READ);
    expect_refused(root(), R4_E_INDEX, 1, FRAME_MAP, other, 0, next, ACCESS);
    expect_refused(root(), R4_E_TYPE, 1, FRAME_MAP, other, frame, next, ACCESS);
    expect_refused(root(), R4_E_STATE, 1, FRAME_MAP, other, bare, next, ACCESS);
    expect_refused(root(), R4_E_RANGE, 2, FRAME_MAP, other, pd, 0, ACCESS);
    expect_refused(root(), R4_E_RANGE, 2, FRAME_MAP, other, pd, R4_USER_TOP, ACCESS);
    expect_refused(root(), R4_E_RANGE, 2, FRAME_MAP, other, pd, UINT64_C(1) << 63, ACCESS);
    expect_refused(root(), R4_E_ALIGN, 2, FRAME_MAP, other, pd, next + 8, ACCESS);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, other, pd, VA, ACCESS);
    expect_refused(root(), R4_E_RANGE, 3, FRAME_MAP, other, pd, next, 0);
    expect_refused(root(), R4_E_RANGE, 3, FRAME_MAP, other, pd, next, R4_RIGHT_WRITE);
    expect_refused(root(), R4_E_WX, 3, FRAME_MAP, other, pd, next,
                   R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_EXEC);
    expect_refused(root(), R4_E_RIGHTS, 3, FRAME_MAP, weak, pd, next, ACCESS);
    assert_int_equal(reach(0, next, R4_RIGHT_READ), 0);
    expect_ok(root(), FRAME_MAP, weak, pd, next, R4_RIGHT_READ);
    assert_int_equal(reach(0, next, R4_RIGHT_WRITE), 0);
    assert_int_not_equal(reach(0, next, R4_RIGHT_READ), 0);
}

static void test_D24_unmap_reaches_every_core(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, ACCESS);
    uint32_t slot;
    const uint64_t before = sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS];

    (void)state;
    run_on_core_1(&slot);
    assert_int_not_equal(reach(0, VA, R4_RIGHT_WRITE), 0);
    assert_int_equal(reach(1, VA, R4_RIGHT_WRITE), reach(0, VA, R4_RIGHT_WRITE));
    expect_ok(root(), FRAME_UNMAP, frame, 0);
    assert_int_equal(reach(0, VA, R4_RIGHT_READ), 0);
    assert_int_equal(reach(1, VA, R4_RIGHT_READ), 0);
    assert_int_equal(sim.of[0].cluster->counters[R4_COUNTER_SHOOTDOWNS], before + 1);
    expect_refused(root(), R4_E_STATE, 0, FRAME_UNMAP, frame, 0);
}

/* A core that runs nothing, or another PD, is not asked. */
static void test_D24_unmap_asks_only_who_uses_the_space(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, ACCESS);
    const uint64_t before = host.logged_of[HOST_EVENT_IPI];

    (void)state;
    sim_make_thread(0, sim_make_pd(0), 1, 50);
    sim_settle();
    const uint64_t after = host.logged_of[HOST_EVENT_IPI];

    assert_true(after > before);
    expect_ok(root(), FRAME_UNMAP, frame, 0);
    assert_int_equal(host.logged_of[HOST_EVENT_IPI], after);
}

static void test_D24_delete_of_the_frame_unmaps(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, ACCESS);
    const uint32_t copy = sim_slots_take(0, 1);
    uint32_t slot;

    (void)state;
    run_on_core_1(&slot);
    expect_ok(root(), CAP_COPY, frame, 0, copy);
    expect_ok(root(), FRAME_MAP, copy, R4_INIT_SLOT_PD, VA + R4_PAGE_BYTES, R4_RIGHT_READ);
    assert_int_not_equal(reach(1, VA, R4_RIGHT_READ), 0);
    assert_int_equal(reach(1, VA + R4_PAGE_BYTES, R4_RIGHT_READ), reach(1, VA, R4_RIGHT_READ));
    expect_ok(root(), CAP_DELETE, frame, 0);
    assert_int_equal(reach(1, VA, R4_RIGHT_READ), 0);
    assert_int_not_equal(reach(1, VA + R4_PAGE_BYTES, R4_RIGHT_READ), 0);
}

static void test_D24_unmapping_a_table_takes_all_below(void **state)
{
    const uint32_t tables = sim.of[0].next_slot + 1u; /* sim_map_frame takes the frame first */
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, ACCESS);
    uint32_t slot;

    (void)state;
    run_on_core_1(&slot);
    assert_int_not_equal(reach(1, VA, R4_RIGHT_READ), 0);
    expect_ok(root(), PAGE_TABLE_UNMAP, tables + 1u, 0);
    assert_int_equal(reach(0, VA, R4_RIGHT_READ), 0);
    assert_int_equal(reach(1, VA, R4_RIGHT_READ), 0);
    expect_refused(root(), R4_E_STATE, 0, PAGE_TABLE_UNMAP, tables + 1u, 0);
    expect_ok(root(), FRAME_UNMAP, frame, 0);
    /* It is empty when it comes back. */
    expect_ok(root(), PAGE_TABLE_MAP, tables + 1u, R4_INIT_SLOT_PD, VA);
    expect_refused(root(), R4_E_NO_TABLE, 2, FRAME_MAP, frame, R4_INIT_SLOT_PD, VA, ACCESS);
    expect_refused(root(), R4_E_MAPPED, 0, PAGE_TABLE_MAP, tables + 2u, R4_INIT_SLOT_PD, VA);
    expect_ok(root(), PAGE_TABLE_UNMAP, tables + 2u, 0);
    expect_ok(root(), PAGE_TABLE_MAP, tables + 2u, R4_INIT_SLOT_PD, VA);
    expect_ok(root(), FRAME_MAP, frame, R4_INIT_SLOT_PD, VA, ACCESS);
}

static void test_D24_large_frames(void **state)
{
    const uint64_t va = UINT64_C(0x40000000);
    const uint64_t inside = UINT64_C(0x123456);
    const uint32_t whole = sim.of[0].untyped;
    const uint32_t frame = sim_slots_take(0, 1);
    uint32_t small;
    uint32_t slot;

    (void)state;
    sim.of[0].untyped--;
    small = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    sim_make_tables(0, R4_INIT_SLOT_PD, va, 2);
    expect_ok(root(), UNTYPED_RETYPE, whole, R4_TYPE_FRAME, 21, 0, frame, 1);
    expect_refused(root(), R4_E_ALIGN, 2, FRAME_MAP, frame, R4_INIT_SLOT_PD, va + R4_PAGE_BYTES,
                   ACCESS);
    expect_ok(root(), FRAME_MAP, frame, R4_INIT_SLOT_PD, va, ACCESS);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, FRAME_MAP, small, R4_INIT_SLOT_PD, va, ACCESS);
    expect_refused(root(), R4_E_ADDRESS_TAKEN, 2, PAGE_TABLE_MAP,
                   sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1), R4_INIT_SLOT_PD, va);
    run_on_core_1(&slot);
    assert_int_equal(reach(1, va + inside, R4_RIGHT_WRITE),
                     sim_slot(root(), frame)->object + inside);
    expect_ok(root(), FRAME_UNMAP, frame, 0);
    assert_int_equal(reach(1, va + inside, R4_RIGHT_READ), 0);
}

/* Both clusters map the frame that boot shared between them, and see one memory. */
static void test_shared_frames_reach_both_clusters(void **state)
{
    const uint32_t frame[2] = {R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES, R4_INIT_SLOT_PAIR_FRAMES};
    struct paddr pa[2];

    (void)state;
    for (uint32_t c = 0; c < 2; c++) {
        sim_make_tables(c, R4_INIT_SLOT_PD, VA, 1);
        SIM_ROOT(c, FRAME_MAP, frame[c], R4_INIT_SLOT_PD, VA, ACCESS);
        assert_true(host_translate(sim_core(c, 0), VA, R4_RIGHT_WRITE, &pa[c]));
    }
    assert_int_equal(pa[0].a, pa[1].a);
    expect_refused(root(), R4_E_RIGHTS, 3, FRAME_MAP, frame[0] + 1u, R4_INIT_SLOT_PD,
                   VA + R4_PAGE_BYTES, R4_RIGHT_READ | R4_RIGHT_EXEC);
    SIM_ROOT(0, FRAME_UNMAP, frame[0], 0);
    assert_true(host_translate(sim_core(1, 0), VA, R4_RIGHT_WRITE, &pa[1]));
}

static void test_P23_asid_reuse_revives_no_old_mapping(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t other = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    struct asid_table *asids = &sim.of[0].cluster->asids;
    const uint32_t first = sim_make_pd(0);
    const uint32_t old = sim_pd_at(root(), first)->asid;
    uint32_t second;

    (void)state;
    sim_make_tables(0, first, VA, 1);
    expect_ok(root(), FRAME_MAP, frame, first, VA, ACCESS);
    expect_ok(root(), CAP_DELETE, first, 0);
    assert_null(asid_find(asids, r4_asid_index(old), r4_asid_generation(old)));
    assert_true(slot_has(sim_slot(root(), frame), SLOT_MAPPED));
    /* The index comes up next. */
    asids->free_head = r4_asid_index(old);
    asids->entry[asids->free_tail].next_free = 0;
    sim.audit_every = 0;
    second = sim_make_pd(0);
    assert_int_equal(r4_asid_index(sim_pd_at(root(), second)->asid), r4_asid_index(old));
    assert_int_equal(r4_asid_generation(sim_pd_at(root(), second)->asid),
                     r4_asid_generation(old) + 1);
    sim_make_tables(0, second, VA, 1);
    expect_ok(root(), FRAME_MAP, other, second, VA, ACCESS);
    /* The old mapping word names the same index, address and level, and touches nothing. */
    expect_ok(root(), FRAME_UNMAP, frame, 0);
    sim_make_thread(0, second, 1, 50);
    sim_settle();
    assert_int_equal(reach(1, VA, R4_RIGHT_READ), sim_slot(root(), other)->object);
}

static void test_P23_used_up_generation_retires_the_index(void **state)
{
    struct asid_table *asids = &sim.of[0].cluster->asids;
    const uint16_t index = asids->free_head;
    uint32_t pd;

    (void)state;
    asids->entry[index].generation = UINT16_MAX;
    pd = sim_make_pd(0);
    assert_int_equal(r4_asid_index(sim_pd_at(root(), pd)->asid), index);
    expect_ok(root(), CAP_DELETE, pd, 0);
    assert_int_equal(asids->entry[index].generation, 0);
    assert_null(asids->entry[index].pd);
    for (uint32_t i = asids->free_head; i != 0; i = asids->entry[i].next_free) {
        assert_int_not_equal(i, index);
    }
}

static void test_asids_run_out_and_come_back(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 2);
    const struct asid_table full = sim.of[0].cluster->asids;
    struct asid_table *asids = &sim.of[0].cluster->asids;

    (void)state;
    sim.audit_every = 0;
    asids->entry[asids->free_head].next_free = 0;
    asids->free_tail = asids->free_head;
    expect_ok(root(), ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    expect_refused(root(), R4_E_STATE, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    expect_refused(root(), R4_E_LIMIT, 0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd + 1);
    expect_ok(root(), CAP_DELETE, pd, 0);
    expect_ok(root(), ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd + 1);
    assert_int_equal(r4_asid_index(sim_pd_at(root(), pd + 1)->asid), full.free_head);
    assert_int_equal(r4_asid_generation(sim_pd_at(root(), pd + 1)->asid), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D24_map_needs_its_tables),
        SIM_TEST(test_D24_frame_errors_are_exact),
        SIM_TEST(test_D24_unmap_reaches_every_core),
        SIM_TEST(test_D24_unmap_asks_only_who_uses_the_space),
        SIM_TEST(test_D24_delete_of_the_frame_unmaps),
        SIM_TEST(test_D24_unmapping_a_table_takes_all_below),
        SIM_TEST(test_D24_large_frames),
        SIM_TEST(test_shared_frames_reach_both_clusters),
        SIM_TEST(test_P23_asid_reuse_revives_no_old_mapping),
        SIM_TEST(test_P23_used_up_generation_retires_the_index),
        SIM_TEST(test_asids_run_out_and_come_back),
    };

    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
