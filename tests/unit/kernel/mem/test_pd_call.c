/* SPDX-License-Identifier: MIT */
/* Making a protection domain usable: table, window, ASID. */
#include "sim_test.h"

#include <kernel/asid.h>
#include <kernel/derive.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define NO_CAP 0x7fffffu /* an index outside every table, and no word */
#define PAGE   R4_PAGE_BYTES
#define MIB    (UINT64_C(1) << 20)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static void test_pd_configure__errors_are_exact(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t t = sim_make(0, R4_TYPE_CAP_TABLE, 14, 1);
    const uint32_t copies = sim_slots_take(0, R4_TTL_MAX);
    const uint32_t weak = sim_slots_take(0, 2);
    const struct {
        uint64_t word[3]; /* table, window, window_bytes */
        enum r4_err err;
        uint32_t detail;
    } cases[] = {
        {{0, 0, 0}, R4_E_INDEX, 1},
        {{NO_CAP, 0, 0}, R4_E_INDEX, 1},
        {{weak + 1, 0, 0}, R4_E_EMPTY, 1},
        {{pd, 0, 0}, R4_E_TYPE, 1},
        {{weak, 0, 0}, R4_E_RIGHTS, 1},
        {{copies + R4_TTL_MAX - 1, 0, 0}, R4_E_TTL, 1},
        {{t, 0x1001, PAGE}, R4_E_ALIGN, 2},
        {{t, R4_USER_TOP, PAGE}, R4_E_RANGE, 2},
        {{t, R4_USER_TOP - PAGE, 2 * PAGE}, R4_E_RANGE, 2},
        {{t, UINT64_C(0xffff800000000000), 0}, R4_E_RANGE, 2},
        {{t, 0, PAGE}, R4_E_RANGE, 2},
        {{t, 0x1000, 0x1001}, R4_E_ALIGN, 3},
        {{t, 0x1000, 64 * MIB + PAGE}, R4_E_RANGE, 3},
        {{t, 0x1000, UINT64_MAX - PAGE + 1}, R4_E_RANGE, 3},
        /* The first of several causes is named, in the order of r4.toml. */
        {{t, R4_USER_TOP, 0x1001}, R4_E_ALIGN, 3},
        {{t, R4_USER_TOP, 64 * MIB + PAGE}, R4_E_RANGE, 3},
    };

    (void)state;
    for (uint32_t i = 0; i < R4_TTL_MAX; i++) {
        SIM_ROOT(0, CAP_COPY, i == 0 ? t : copies + i - 1, 0, copies + i);
    }
    SIM_ROOT(0, CAP_DERIVE, t, 0, weak, R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_LINK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint64_t *w = cases[i].word;
        const struct sim_reply reply = SIM_CALL(root(), PD_CONFIGURE, pd, w[0], w[1], w[2]);

        assert_int_equal(reply.err, cases[i].err);
        assert_int_equal(reply.detail, cases[i].detail);
        assert_int_equal(sim_pd_at(root(), pd)->configured, 0);
    }
    slot_set_flags(sim_slot(root(), t), SLOT_FROZEN, 0);
    expect_refused(root(), R4_E_REVOKING, 1, PD_CONFIGURE, pd, t, 0, 0);
    slot_set_flags(sim_slot(root(), t), 0, SLOT_FROZEN);
}

static void test_pd_configure__once_for_ever(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    const uint32_t t = sim_make(0, R4_TYPE_CAP_TABLE, 14, 1);
    const struct pd *object = sim_pd_at(root(), pd);

    (void)state;
    SIM_ROOT(0, PD_CONFIGURE, pd, t, R4_USER_TOP - 64 * MIB, 64 * MIB);
    assert_ptr_equal(pd_table(object), sim_table_at(root(), t));
    assert_int_equal(object->window_base, R4_USER_TOP - 64 * MIB);
    assert_int_equal(object->window_bytes, 64 * MIB);
    assert_ptr_equal(derive_first_child(sim_slot(root(), t)), &object->table_slot);
    expect_refused(root(), R4_E_STATE, 0, PD_CONFIGURE, pd, t, 0, 0);
}

static void test_asid_assign__errors_are_exact(void **state)
{
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 2);
    const uint32_t weak = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, pd, 0, weak, R4_RIGHT_LINK);
    expect_refused(root(), R4_E_INDEX, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, 0);
    expect_refused(root(), R4_E_INDEX, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, NO_CAP);
    expect_refused(root(), R4_E_EMPTY, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, weak + 1);
    expect_refused(root(), R4_E_TYPE, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL,
                   R4_INIT_SLOT_THREAD);
    expect_refused(root(), R4_E_RIGHTS, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, weak);
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    expect_refused(root(), R4_E_STATE, 1, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    sim.audit_every = 0;
    while (asid_is_available(&sim.of[0].cluster->asids)) {
        asid_take(&sim.of[0].cluster->asids, sim_pd_at(root(), pd + 1));
    }
    expect_refused(root(), R4_E_LIMIT, 0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd + 1);
}

static void test_asid_assign__generation_moves_on_with_the_pd(void **state)
{
    struct asid_table *asids = &sim.of[0].cluster->asids;
    const uint32_t pd = sim_make(0, R4_TYPE_PD, 0, 1);
    uint32_t asid;

    (void)state;
    asid = (uint32_t)SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    assert_ptr_equal(asid_find(asids, r4_asid_index(asid), r4_asid_generation(asid)),
                     sim_pd_at(root(), pd));
    SIM_ROOT(0, CAP_DELETE, pd);
    assert_null(asid_find(asids, r4_asid_index(asid), r4_asid_generation(asid)));
    assert_int_equal(asids->entry[r4_asid_index(asid)].generation, r4_asid_generation(asid) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_pd_configure__errors_are_exact),
        SIM_TEST(test_pd_configure__once_for_ever),
        SIM_TEST(test_asid_assign__errors_are_exact),
        SIM_TEST(test_asid_assign__generation_moves_on_with_the_pd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
