/* SPDX-License-Identifier: MIT */
/*
 * Owns: random operations. It looks only into the model: what a place of a call could hold is found
 * there. Most operations are well formed; some are hostile; and what would come about too rarely by
 * chance (the steps to a mapping, calls on what is being revoked) is looked for.
 */
#pragma once

#include "rng.h"
#include "world.h"

struct generator {
    struct rng rng;
    const struct world *world;
    bool is_keeper_needed;  /* the root task's last operation made what was missing */
    bool has_keeper_failed; /* and was refused */
};

void generator_init(struct generator *g, const struct world *w, uint64_t seed);
/* The next operation; afterwards generator_note is told how it came out. */
struct op generator_next(struct generator *g);
void generator_note(struct generator *g);

/* keeper.c: what the root task does next, so that others can do something. */
struct model_call keeper_next(struct generator *g);

/* generate_call.c: what the thread does that runs there. */
void generate_op(struct generator *g, uint32_t thread, struct op *op);

static inline struct model_call make_call(uint16_t number, uint32_t cap, uint64_t w0, uint64_t w1,
                                          uint64_t w2, uint64_t w3, uint64_t w4)
{
    return (struct model_call){(uint64_t)number | (uint64_t)cap << 32, {w0, w1, w2, w3, w4, 0}};
}
