/* SPDX-License-Identifier: MIT */
/* Owns: who operates next, and how its long operations are interrupted. */
#include "generate.h"

#include <r4/abi/layout.h>

#define ROOT_PERCENT     12u
#define PREEMPT_PERCENT  25u
#define REST_PERCENT     65u
#define PATIENCE_PERCENT 90u

static bool is_revoke(const struct op *op)
{
    return r4_call_number(op->call.call_register) == R4_CALL_CAP_REVOKE;
}

static uint8_t random_preemption(struct rng *rng)
{
    if (!rng_percent(rng, PREEMPT_PERCENT)) {
        return OP_PREEMPT_NEVER;
    }
    return rng_percent(rng, 60) ? OP_PREEMPT_ALWAYS : (uint8_t)(1u + rng_below(rng, 12));
}

/* Rests must not be the rule, or most of what there is would be frozen. */
static void let_rest(struct generator *g, struct op *op, bool is_pending)
{
    const bool is_long = is_pending || is_revoke(op);

    if (op->core != 0 && is_long && rng_percent(&g->rng, REST_PERCENT)) {
        op->entries = (uint16_t)(1u + rng_below(&g->rng, 3));
        op->preempt = OP_PREEMPT_ALWAYS;
    }
}

void generator_init(struct generator *g, const struct world *w, uint64_t seed)
{
    *g = (struct generator){
        .rng = {seed},
        .world = w,
    };
}

/* A thread that rests in a revoke has its turn less often, so that others meet what it left. */
static uint8_t pick_core(struct generator *g)
{
    const uint8_t core = (uint8_t)(1u + rng_below(&g->rng, WORLD_CORES - 1u));

    if (world_is_pending(core) && rng_percent(&g->rng, PATIENCE_PERCENT)) {
        return (uint8_t)(1u + rng_below(&g->rng, WORLD_CORES - 1u));
    }
    return core;
}

struct op generator_next(struct generator *g)
{
    struct op op = {.core = pick_core(g)};
    const uint32_t thread = world_thread_on(g->world, op.core);
    const bool is_pending = thread != 0 && world_is_pending(op.core);

    if (thread == 0 || rng_percent(&g->rng, ROOT_PERCENT)) {
        op.core = 0;
    }
    op.preempt = random_preemption(&g->rng);
    if (op.core == 0) {
        op.call = keeper_next(g);
    } else if (!is_pending) {
        generate_op(g, thread, &op);
    }
    let_rest(g, &op, op.core != 0 && is_pending);
    return op;
}

void generator_note(struct generator *g)
{
    if (g->is_keeper_needed) {
        g->has_keeper_failed = g->world->outcome.error != R4_OK;
        g->is_keeper_needed = false;
    }
}
