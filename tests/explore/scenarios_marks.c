/* SPDX-License-Identifier: MIT */
/*
 * Owns: a granter whose page is unmarked, unmapped, mapped and marked again while words in it are used,
 * and one who cuts the peer.
 */
#include "scenarios.h"

#define FRAME 60u /* of domain 0's table: its marked frame, and itself */
#define SELF  61u

static void build(void)
{
    struct step *map;

    explore_world();
    grant_through_the_middle(0);
    SIM_ROOT(0, CAP_MOVE, domain[0].frame[MARKED_PAGE], domain[0].table, FRAME);
    SIM_ROOT(0, CAP_COPY, domain[0].pd, domain[0].table, SELF);
    add_call(0, call_on(R4_CALL_FRAME_UNMARK, FRAME));
    add_call(0, call_on(R4_CALL_FRAME_MARK, FRAME));
    add_call(0, call_on(R4_CALL_FRAME_UNMAP, FRAME));
    map = add_call(0, call_on(R4_CALL_FRAME_MAP, FRAME));
    map->argument[0] = SELF;
    map->argument[1] = WINDOW_BASE + MARKED_PAGE * R4_PAGE_BYTES;
    map->argument[2] = R4_RIGHT_READ | R4_RIGHT_WRITE;
    add_call(0, call_on(R4_CALL_FRAME_MARK, FRAME));
    for (uint32_t i = 0; i < 4; i++) {
        add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    }
    /* The domain in the middle keeps a chain of its own. */
    add_call(1, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
}

/* Calls are one after the other: how many of the granter's were before. */
static uint32_t calls_before(const struct result *of)
{
    uint32_t n = 0;

    while (n < actor[0].steps && actor[0].result[n].end < of->end) {
        n++;
    }
    return n;
}

static const char *judge_one(const struct result *of)
{
    static const bool is_marked[] = {true, false, true, false, false, true};
    const bool counts = is_marked[calls_before(of)];

    explore_outcome(counts ? "signal first" : "refused");
    return of->reply.err == (counts ? R4_OK : R4_E_PROXY) && (of->effect != 0) == counts
               ? NULL
               : "a word that counted in a page without mark, or did not count in one with it";
}

static const char *judge(void)
{
    const char *what = judge_one(&actor[1].result[0]);

    for (uint32_t i = 0; i < actor[0].steps && what == NULL; i++) {
        what = actor[0].result[i].reply.err == R4_OK ? NULL : "a call of the granter failed";
    }
    for (uint32_t i = 0; i < actor[2].steps && what == NULL; i++) {
        what = judge_one(&actor[2].result[i]);
    }
    return what;
}

const struct scenario scenario_marks = {
    .name = "marks and mappings that come and go",
    .actors = 3,
    .build = build,
    .judge = judge,
    .wanted = {"signal first", "refused"},
};

/* ------------------------------------------------------------------------------------------------
 * Between the granter and the domain in the middle
 */

static void build_cut(void)
{
    explore_world();
    grant_through_the_middle(0);
    add_call(0, call_on(R4_CALL_CAP_DELETE, PEER_SLOT(1)));
    for (uint32_t i = 0; i < 3; i++) {
        add_call(1, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
        add_call(2, call_on(R4_CALL_NOTIFICATION_SIGNAL, USE_INDEX));
    }
}

static const char *judge_cut(void)
{
    for (uint32_t i = 0; i < 6; i++) {
        const struct result *of = &actor[1u + i % 2u].result[i / 2u];
        const bool counts = calls_before(of) == 0;

        explore_outcome(counts ? "signal first" : "refused");
        if (of->reply.err != (counts ? R4_OK : R4_E_PROXY) || (of->effect != 0) != counts) {
            return "a signal through a peer that was cut, or none through one that was not";
        }
    }
    return NULL;
}

const struct scenario scenario_cut = {
    .name = "a peer that is cut",
    .actors = 3,
    .build = build_cut,
    .judge = judge_cut,
    .wanted = {"signal first", "refused"},
};
