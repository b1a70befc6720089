/* SPDX-License-Identifier: MIT */
/* Owns: scenarios of words for one use. */
#include "scenarios.h"

#include <kernel/derive.h>

#define ONCE R4_PROXY_ONCE_MASK

/* ------------------------------------------------------------------------------------------------
 * Two threads, one word, and a granter who writes another one over it
 */

static uint64_t second_word(void)
{
    return grant(2, SECOND, ALL, TTL) | ONCE;
}

static void build_race(void)
{
    explore_world_of_two_users();
    grant_directly(ONCE);
    add_store(0, GRANT_OF(0), second_word());
    add_call(1, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

/* How many signals through a word with this badge succeeded. */
static uint32_t successes(uint64_t effect)
{
    uint32_t count = 0;

    for (uint32_t a = 1; a < 3; a++) {
        for (uint32_t i = 0; i < actor[a].steps; i++) {
            const struct result *r = &actor[a].result[i];

            count += r->reply.err == R4_OK && r->effect == effect;
        }
    }
    return count;
}

static const char *judge_race(void)
{
    const uint32_t first = successes(FIRST_BIT);
    const uint32_t second = successes(SECOND_BIT);

    for (uint32_t a = 1; a < 3; a++) {
        for (uint32_t i = 0; i < actor[a].steps; i++) {
            name_signal(&actor[a].result[i]);
        }
    }
    explore_outcome(first + second == 2 ? "both words used"
                    : second == 1       ? "second used"
                                        : "first used or none");
    if (first > 1 || second > 1) {
        return "a word for one use that was used twice";
    }
    return *GRANT_OF(0) == (second == 1 ? 0 : second_word())
               ? NULL
               : "the granter's word is not what it wrote, or was not used up";
}

const struct scenario scenario_once_race = {
    .name = "once, two threads and a granter",
    .actors = 3,
    .build = build_race,
    .judge = judge_race,
    .wanted = {"signal first", "signal second", "refused", "both words used", "second used"},
};

/* ------------------------------------------------------------------------------------------------
 * Two words of one chain, whose owners write to them: taken together or not at all
 */

static void build_chain(void)
{
    explore_world();
    grant_through_the_middle(ONCE);
    add_store(0, GRANT_OF(0), grant(1, SECOND, ALL, TTL) | ONCE);
    add_store(0, GRANT_OF(0), grant(1, FIRST, ALL, TTL) | ONCE);
    add_store(1, GRANT_OF(1), grant(2, USE_INDEX, R4_RIGHT_SIGNAL, TTL - 1u) | ONCE);
    add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

/* What the word is if no call used it up: its owner's last one. */
static uint64_t last_stored(uint32_t a)
{
    return actor[a].step[actor[a].steps - 1u].value;
}

static const char *judge_chain(void)
{
    const struct result *of = &actor[2].result[0];
    const uint64_t near = last_stored(1);
    const uint64_t far = last_stored(0);
    const bool near_is_last = actor[1].result[0].end < of->begin;
    const bool far_is_last = actor[0].result[1].end < of->begin;

    name_signal(of);
    if (of->reply.err != R4_OK) {
        return *GRANT_OF(1) == near && *GRANT_OF(0) == far
                   ? NULL
                   : "a refused call left a word other than its owner wrote it";
    }
    if ((near_is_last && *GRANT_OF(1) != 0) || (far_is_last && *GRANT_OF(0) != 0)) {
        return "a word for one use was not used up";
    }
    if ((*GRANT_OF(1) != 0 && *GRANT_OF(1) != near) || (*GRANT_OF(0) != 0 && *GRANT_OF(0) != far)) {
        return "a word is neither used up nor what its owner wrote";
    }
    if ((actor[0].result[1].begin > of->end && *GRANT_OF(0) != far) ||
        (actor[1].result[0].begin > of->end && *GRANT_OF(1) != near)) {
        return "a word was written over after the call";
    }
    return NULL;
}

const struct scenario scenario_once_chain = {
    .name = "once, two words of a chain and their owners",
    .actors = 3,
    .build = build_chain,
    .judge = judge_chain,
    .wanted = {"signal first", "signal second", "refused"},
};

/* ------------------------------------------------------------------------------------------------
 * A long call through a word for one use, interrupted; two threads, a granter who writes
 */

#define CHILDREN 20u /* more than are deleted between two preemption points */

static void build_restart(void)
{
    explore_world_of_two_users();
    make_children(CHILDREN);
    grant_directly(ONCE);
    add_store(0, GRANT_OF(0), second_word());
    add_call(1, call_on(R4_CALL_CAP_REVOKE, USE_INDEX))->polls = 1;
    add_call(2, call_on(R4_CALL_CAP_REVOKE, USE_INDEX))->polls = 1;
}

static const char *judge_restart(void)
{
    const bool has_children = derive_has_children(domain_slot(0, FIRST));
    const bool is_unused = *GRANT_OF(0) == second_word();
    uint32_t done = 0;
    uint32_t interrupted = 0;

    for (uint32_t a = 1; a < 3; a++) {
        done += actor[a].result[0].reply.err == R4_OK;
        interrupted += actor[a].result[0].interrupted;
        if (actor[a].result[0].reply.err != R4_OK && actor[a].result[0].reply.err != R4_E_PROXY) {
            return "a revoke with an error of its own";
        }
    }
    explore_outcome(done == 2 ? "both words used" : is_unused ? "first used" : "second used");
    if (interrupted > 0) {
        explore_outcome("interrupted");
    }
    if (!is_unused && *GRANT_OF(0) != 0) {
        return "the granter's word is neither what it wrote nor used up";
    }
    if (done == 0) {
        return "a word for one use that nobody could use";
    }
    if (done == 2 && (is_unused || has_children)) {
        return "a word for one use that was used twice";
    }
    return NULL;
}

const struct scenario scenario_once_restart = {
    .name = "once, a revoke that is interrupted, two threads and a granter",
    .actors = 3,
    .build = build_restart,
    .judge = judge_restart,
    .wanted = {"both words used", "first used", "second used", "interrupted"},
};
