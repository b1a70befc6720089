/* SPDX-License-Identifier: MIT */
/*
 * proxy-storm [THREADS] [ROUNDS] [SEED]: threads on all cores of the cluster grant, use, link and take
 * back at random, all over the same words. Every outcome is counted; one that no order of the stores
 * explains ends the program as failed, and so does the auditor at the end. Results: proxy-storm seed=,
 * then an outcome each.
 *
 * Words for one use and words for many lead to notifications with a badge each; what a call comes back
 * with must be one of these badges, with rights that some GRANT gives.
 */
#include "lab.h"

#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define THREADS     4u
#define THREADS_MAX 16u
#define ROUNDS      2000u
#define TARGETS     4u
#define WORDS       16u
#define ERRORS      32u

static uint32_t target[TARGETS];
static uint32_t grant[WORDS];
static uint32_t use[WORDS];
static uint32_t own_slot[THREADS_MAX];
static uint64_t rounds;
static uint64_t seed;
static uint64_t outcome[ERRORS]; /* of calls, by error; atomic */
static uint64_t stores;
static uint64_t odd; /* results that nothing explains */
static uint64_t finished;

/* Of GRANTs: one of two sets, so that mixed words would be seen. */
static uint16_t rights_of(uint32_t n)
{
    return n % 2 == 0 ? R4_RIGHT_SIGNAL | R4_RIGHT_LINK : R4_RIGHT_RECEIVE | R4_RIGHT_LINK;
}

static void count(uint64_t *what)
{
    __atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

/* A target with a badge comes with the rights that all GRANTs of it give. */
static bool is_explained(const struct r4_result *r)
{
    const uint64_t rights = r4_cap_view_rights(r->m[0]);
    for (uint32_t n = 0; n < TARGETS; n++) {
        if (r->m[1] == UINT64_C(1) << n) {
            return rights == rights_of(n);
        }
    }
    return false;
}

static void note(struct r4_result r, bool is_identify)
{
    count(&outcome[r.err % ERRORS]);
    const bool is_legal = r.err == R4_OK || r.err == R4_E_PROXY || r.err == R4_E_EMPTY ||
                          r.err == R4_E_RIGHTS || r.err == R4_E_ONCE;
    if (!is_legal || (is_identify && r.err == R4_OK && !is_explained(&r))) {
        count(&odd);
    }
}

static void link_and_look(uint32_t n, uint32_t slot)
{
    const struct r4_result r = r4_invoke1(use[n], R4_CALL_CAP_LINK, slot);
    note(r, false);
    if (r.err == R4_OK) {
        note(r4_invoke0(slot, R4_CALL_CAP_IDENTIFY), true);
        lab_must("deleting what was linked", r4_cap_delete(slot));
    }
}

static void one_step(uint64_t *state, uint32_t thread)
{
    const uint32_t n = (uint32_t)lab_random(state) % WORDS;
    const uint32_t t = (uint32_t)lab_random(state) % TARGETS;
    const uint64_t word = r4_word_of(r4_grant_to(lab_self()->far, rights_of(t), 1), target[t]);
    switch (lab_random(state) % 8) {
    case 0:
    case 1:
        r4_grant(lab_at(grant[n]), word);
        count(&stores);
        break;
    case 2:
        r4_grant(lab_at(grant[n]), r4_grant_once(word));
        count(&stores);
        break;
    case 3:
        r4_ungrant(lab_at(grant[n]));
        count(&stores);
        break;
    case 4:
        link_and_look(n, own_slot[thread]);
        break;
    case 5:
        note(r4_invoke0(use[n], R4_CALL_NOTIFICATION_SIGNAL), false);
        break;
    default:
        note(r4_invoke0(use[n], R4_CALL_CAP_IDENTIFY), true);
        break;
    }
    if (lab_random(state) % 16 == 0) {
        lab_must("fence", r4_fence());
    }
}

static void storm(uint64_t thread)
{
    uint64_t state = seed + thread;
    for (uint64_t i = 0; i < rounds; i++) {
        one_step(&state, (uint32_t)thread);
        __builtin_ia32_pause();
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
    lab_sleep();
}

static void report(void)
{
    r4_printf("result proxy-storm seed=%lu stores=%lu odd=%lu\n", seed, stores, odd);
    for (uint32_t i = 0; i < ERRORS; i++) {
        if (outcome[i] != 0) {
            r4_printf("result proxy-storm outcome=%s count=%lu\n", r4_err_name(i), outcome[i]);
        }
    }
}

int main(int argc, char **argv)
{
    lab_begin("proxy-storm");
    struct lab_parameter given[] = {{"THREADS", 1, THREADS_MAX, THREADS},
                                    {"ROUNDS", 1, UINT64_MAX, ROUNDS},
                                    {"SEED", 0, UINT64_MAX, 1}};
    lab_arguments(argc, argv, given, sizeof given / sizeof given[0]);
    const uint64_t threads = given[0].value;
    rounds = given[1].value;
    seed = given[2].value;
    for (uint32_t i = 0; i < TARGETS; i++) {
        target[i] = lab_badged(UINT64_C(1) << i);
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        grant[i] = lab_word(R4_NEAR_NOTHING);
        use[i] = lab_word(grant[i]);
        r4_use(lab_at(use[i]),
               r4_word_of(r4_use_from(lab_self()->near, R4_RIGHTS_DEFINED, 1), grant[i]));
    }
    for (uint32_t i = 0; i < threads; i++) {
        own_slot[i] = lab_slots(1);
    }
    for (uint32_t i = 0; i < threads; i++) {
        (void)lab_thread(storm, i, i % lab_cores());
    }
    while (__atomic_load_n(&finished, __ATOMIC_ACQUIRE) < threads) {
        (void)r4_yield();
        __builtin_ia32_pause();
    }
    lab_audit();
    report();
    return odd == 0 ? 0 : 1;
}
