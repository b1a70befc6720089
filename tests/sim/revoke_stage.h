/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the tests of interrupted revokes share: a revoker on core 0, another thread on core 1, both with
 * the root task's table, and a revoke that stops where a test wants it.
 */
#pragma once

#include "sim_test.h"

#include <kernel/derive.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/points.h>

#define MANY      200u /* copies; more brackets than one step of freezing takes */
#define AREA_BITS 19u
#define ENTRIES   10000u

static struct thread *revoker; /* the root task's */
static struct thread *other;

static inline struct slot *slot_at(uint32_t n)
{
    return sim_slot(sim.of[0].root, n);
}

static inline struct derive_walk *freezing(void)
{
    return &sim.of[0].cluster->freezing;
}

static inline int setup(void **state)
{
    const int failed = sim_setup(state);
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);

    revoker = sim.of[0].root;
    other = sim_thread_at(revoker, slot);
    sim_settle();
    sim.audit_every = 7;
    return failed;
}

static inline void interrupt_always(void)
{
    sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
}

/* A notification with `count` copies, every second one below the one before it. */
static inline uint32_t make_family(uint32_t count)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    const uint32_t first = sim_slots_take(0, count);

    for (uint32_t i = 0; i < count; i++) {
        SIM_ROOT(0, CAP_COPY, i % 2 == 1 ? first + i - 1u : n, 0, first + i);
    }
    return n;
}

static inline void load(struct thread *t, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    sim_load_call(t, r4_call_with_number(r4_call_with_index(0, cap), (uint16_t)call), word);
}

static inline void load_revoke(struct thread *t, uint32_t cap)
{
    load(t, R4_CALL_CAP_REVOKE, cap, (const uint64_t[6]){0});
}

/* Makes the loaded call until it is done. */
static inline enum r4_err finish(struct thread *t)
{
    for (uint32_t i = 0; i < ENTRIES; i++) {
        if (sim_enter_call(t)) {
            return sim_reply_of(t).err;
        }
    }
    sim_fail("a call does not end");
}

/* Interrupted for the first time while it freezes. */
static inline void stop_freezing(uint32_t cap)
{
    interrupt_always();
    load_revoke(revoker, cap);
    assert_false(sim_enter_call(revoker));
    assert_non_null(freezing()->top);
}

/* Interrupted for the first time when all is frozen and something is left. */
static inline void stop_deleting(uint32_t cap)
{
    interrupt_always();
    load_revoke(revoker, cap);
    do {
        assert_false(sim_enter_call(revoker));
    } while (freezing()->top != NULL);
    assert_true(derive_has_children(slot_at(cap)));
    assert_true(slot_has(slot_at(cap), SLOT_REVOKING));
}

static inline void expect_whole(uint32_t cap)
{
    assert_false(derive_has_children(slot_at(cap)));
    assert_false(slot_has(slot_at(cap), SLOT_REVOKING));
    assert_null(freezing()->top);
}

#define RACE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, sim_teardown)
