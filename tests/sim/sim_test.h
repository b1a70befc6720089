/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the tests on the simulation share: start, seed, and the expectation of a call's
 * outcome.
 */
#pragma once

#include "sim.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/* R4_SEED repeats a run. */
static inline uint64_t sim_seed(void)
{
    const char *text = getenv("R4_SEED");

    return text == NULL ? 1 : strtoull(text, NULL, 0);
}

/* Two clusters of two cores; the usual set-up of a test. */
static inline int sim_setup(void **state)
{
    (void)state;
    sim.seed = sim_seed();
    sim_start(2, 2);
    return 0;
}

static inline int sim_teardown(void **state)
{
    (void)state;
    sim_end();
    return 0;
}

#define SIM_TEST(function) cmocka_unit_test_setup_teardown(function, sim_setup, sim_teardown)

/* The call (NAME, capability, words...) ends with this error about this argument. */
#define expect_refused(t, error, argument, ...)                                                    \
    do {                                                                                           \
        const struct sim_reply reply_ = SIM_CALL(t, __VA_ARGS__);                                  \
        assert_true(reply_.is_done);                                                               \
        assert_int_equal(reply_.err, (error));                                                     \
        assert_int_equal(reply_.detail, (argument));                                               \
    } while (0)

#define expect_ok(t, ...)                                                                          \
    do {                                                                                           \
        const struct sim_reply reply_ = SIM_CALL(t, __VA_ARGS__);                                  \
        assert_true(reply_.is_done);                                                               \
        assert_int_equal(reply_.err, R4_OK);                                                       \
    } while (0)

/* The call does not come back: its thread waits. */
#define expect_waiting(t, ...)                                                                     \
    do {                                                                                           \
        const struct sim_reply reply_ = SIM_CALL(t, __VA_ARGS__, 0);                               \
        assert_false(reply_.is_done);                                                              \
        assert_int_equal((t)->state, R4_THREAD_STATE_WAITING);                                     \
    } while (0)
