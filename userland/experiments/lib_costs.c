/* SPDX-License-Identifier: MIT */
/*
 * lib-costs: what the functions of libr4 that work with words cost, where they need no call of the
 * kernel. Counted by the time-stamp counter; under -icount these are instructions, and the ones that
 * the headers state. Results: lib-costs call=.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/tree.h>

#define ROUNDS 16u
#define NODES  16u
#define ALL    R4_RIGHTS_DEFINED

enum { TAKE, GIVE, MAKE, GRANT, CLOSE, OPEN, END, GROUP, LEAF, CUT, SWEEP, CALLS };

static const char *const name[CALLS] = {
    "r4_window_take",     "r4_window_give",    "r4_caretaker_make", "r4_caretaker_grant",
    "r4_caretaker_close", "r4_caretaker_open", "r4_caretaker_end",  "r4_tree_group",
    "r4_tree_leaf",       "r4_tree_cut",       "r4_tree_sweep",
};
static struct lab_samples samples[CALLS];

/* One call, between two readings of the clock. */
#define MEASURE(call, statement)                                                                   \
    do {                                                                                           \
        const uint64_t start_ = lab_clock();                                                       \
        statement;                                                                                 \
        const uint64_t end_ = lab_clock();                                                         \
        lab_sample(&samples[call], end_ - start_);                                                 \
    } while (0)

static void window_calls(void)
{
    uint32_t index = 0;
    enum r4_err err;
    MEASURE(TAKE, err = r4_window_take(lab_window(), R4_NEAR_NOTHING, &index));
    lab_must("taking a word", err);
    MEASURE(GIVE, err = r4_window_give(lab_window(), index));
    lab_must("giving it back", err);
}

static void caretaker_calls(uint32_t target)
{
    struct r4_caretaker c;
    volatile uint64_t word;
    enum r4_err err;
    MEASURE(MAKE, err = r4_caretaker_make(lab_self(), target, R4_TTL_MAX, ALL, &c));
    lab_must("making a caretaker", err);
    MEASURE(GRANT, word = r4_caretaker_grant(&c, lab_self()->far, ALL));
    lab_equal("a GRANT", word != 0, true);
    MEASURE(CLOSE, r4_caretaker_close(lab_self(), &c));
    MEASURE(OPEN, r4_caretaker_open(lab_self(), &c));
    MEASURE(END, r4_caretaker_end(lab_self(), &c));
}

/* A group and a leaf in a tree of NODES nodes, of which these are the second and the third. */
static void tree_calls(struct r4_tree *tree)
{
    uint32_t group = 0;
    uint32_t leaf = 0;
    enum r4_err err;
    MEASURE(GROUP, err = r4_tree_group(tree, 0, ALL, &group));
    lab_must("a group", err);
    MEASURE(LEAF, err = r4_tree_leaf(tree, group, lab_self()->far, ALL, &leaf));
    lab_must("a leaf", err);
    MEASURE(CUT, err = r4_tree_cut(tree, group));
    lab_must("cutting", err);
    MEASURE(SWEEP, r4_tree_sweep(tree));
}

int main(int argc, char **argv)
{
    static struct r4_tree_node nodes[NODES];
    struct r4_tree tree;
    lab_begin("lib-costs");
    lab_arguments(argc, argv, NULL, 0);
    const uint32_t target = lab_make(R4_TYPE_NOTIFICATION, 0);
    lab_must("a tree", r4_tree_init(&tree, lab_self(), nodes, NODES, target, R4_TTL_MAX, ALL));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        window_calls();
        caretaker_calls(target);
        tree_calls(&tree);
    }
    for (uint32_t call = 0; call < CALLS; call++) {
        char what[64];
        (void)r4_snprintf(what, sizeof what, "lib-costs call=%s", name[call]);
        lab_result(what, &samples[call]);
    }
    return 0;
}
