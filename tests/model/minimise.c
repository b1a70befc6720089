/* SPDX-License-Identifier: MIT */
#include "minimise.h"

#include <stdlib.h>
#include <string.h>

/* Lists that are no longer than this are compared after each operation. */
#define SHORT_LIST 400u

struct search {
    struct run_record *scratch;
    struct op *op; /* the shortest list that fails so far */
    uint32_t count;
    struct op *attempt;
    enum model_bug bug;
};

/* Whether the attempt fails too; then it is the shortest, up to the operation where it fails. */
static bool try(struct search *s, uint32_t count)
{
    const struct run_options options = {
        .bug = s->bug, .compare_every = count <= SHORT_LIST ? 1 : count / SHORT_LIST};

    if (run_recorded(s->scratch, s->attempt, count, &options) == RUN_AGREES) {
        return false;
    }
    s->count = s->scratch->count;
    memcpy(s->op, s->attempt, s->count * sizeof(*s->op));
    return true;
}

static bool try_without(struct search *s, uint32_t from, uint32_t length)
{
    const uint32_t end = from + length < s->count ? from + length : s->count;

    memcpy(s->attempt, s->op, from * sizeof(*s->op));
    memcpy(s->attempt + from, s->op + end, (s->count - end) * sizeof(*s->op));
    return try(s, s->count - (end - from));
}

/* From the end on: what is needed early is needed by what comes later. */
static bool leave_out(struct search *s, uint32_t length)
{
    bool has_shortened = false;
    uint32_t end = s->count;

    while (end > 0) {
        const uint32_t from = end > length ? end - length : 0;

        has_shortened |= try_without(s, from, end - from);
        end = from < s->count ? from : s->count;
    }
    return has_shortened;
}

static bool try_instead(struct search *s, uint32_t at, const struct op *op)
{
    if (memcmp(&s->op[at], op, sizeof(*op)) == 0) {
        return false;
    }
    memcpy(s->attempt, s->op, s->count * sizeof(*s->op));
    s->attempt[at] = *op;
    return try(s, s->count);
}

/* One operation is made plainer: not interrupted, on the first core that will do, small numbers. */
static void make_plainer(struct search *s, uint32_t at)
{
    struct op op = s->op[at];

    op.entries = 0;
    op.preempt = OP_PREEMPT_NEVER;
    (void)try_instead(s, at, &op);
    for (uint8_t core = 1; at < s->count && core < s->op[at].core; core++) {
        op = s->op[at];
        op.core = core;
        (void)try_instead(s, at, &op);
    }
    for (unsigned i = 0; at < s->count && i < R4_CALL_WORDS; i++) {
        for (uint64_t word = 0; at < s->count && word < 2; word++) {
            op = s->op[at];
            if (op.call.word[i] > word) {
                op.call.word[i] = word;
                (void)try_instead(s, at, &op);
            }
        }
    }
}

/* Many at once, then fewer, down to one; again, until nothing changes. */
static void leave_out_all(struct search *s)
{
    bool has_shortened = true;

    while (has_shortened) {
        has_shortened = false;
        for (uint32_t length = s->count / 2; length > 0; length /= 2) {
            has_shortened |= leave_out(s, length);
        }
    }
}

uint32_t minimise(struct run_record *scratch, struct op *op, uint32_t count, enum model_bug bug)
{
    struct search s = {.scratch = scratch, .op = op, .count = count, .bug = bug};

    s.attempt = malloc(count * sizeof(*op));
    if (s.attempt == NULL) {
        abort();
    }
    leave_out_all(&s);
    for (uint32_t i = 0; i < s.count; i++) {
        make_plainer(&s, i);
    }
    leave_out_all(&s);
    free(s.attempt);
    return s.count;
}
