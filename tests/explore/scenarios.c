/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

void explore_world(void)
{
    const uint32_t second = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    proxy_world(3);
    SIM_ROOT(0, CAP_MINT, second, domain[0].table, SECOND, SECOND_BIT);
    for (uint32_t d = 0; d < 3; d++) {
        SIM_ROOT(0, THREAD_SET_CORE, domain[d].thread, d + 1u);
        actor[d].t = domain[d].t;
    }
    explore_watch(domain_slot(0, FIRST));
    explore_watch(domain_slot(0, SECOND));
}

void explore_world_of_two_users(void)
{
    explore_world();
    actor[1].t = sim_thread_at(sim.of[0].root, sim_make_thread(0, domain[2].pd, 2, 50));
}

void grant_directly(uint64_t once)
{
    *GRANT_OF(0) = grant(2, FIRST, ALL, TTL) | once;
    *USE_OF(2) = use(0, GRANT_INDEX, TTL);
}

void grant_through_the_middle(uint64_t once)
{
    *GRANT_OF(0) = grant(1, FIRST, ALL, TTL) | once;
    *USE_OF(1) = use(0, GRANT_INDEX, TTL);
    *GRANT_OF(1) = grant(2, USE_INDEX, ALL, TTL - 1u) | once;
    *USE_OF(2) = use(1, GRANT_INDEX, TTL - 1u);
}

void make_children(uint32_t count)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);

    SIM_ROOT(0, CAP_COPY, domain[0].table, 0, sim_slots_take(0, 1));
    SIM_ROOT(0, CAP_COPY, table, domain[0].table, LINKED_SLOT);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word[6] = {LINKED_SLOT, 1u + i};

        sim_settle();
        if (sim_call(domain[0].t, R4_CALL_CAP_COPY, FIRST, word).err != R4_OK) {
            sim_fail("a child cannot be made");
        }
    }
}

static bool is_signal_by(const struct recheck *r, const void *context)
{
    const struct result *of = context;
    enum r4_err err = r->err;

    if (err == R4_OK && (r->rights & R4_RIGHT_SIGNAL) == 0) {
        err = (r->near_rights & R4_RIGHT_SIGNAL) == 0 ? R4_E_RIGHTS : R4_E_PROXY;
    }
    return of->reply.err == err && of->effect == (err == R4_OK ? r->root->extra : 0);
}

bool signal_was_possible(const struct result *during)
{
    return explore_could(pd_of(&domain[2].t->pd_slot), USE_INDEX, during, is_signal_by, during);
}

void name_signal(const struct result *of)
{
    switch (of->reply.err) {
    case R4_OK:
        explore_outcome(of->effect == FIRST_BIT ? "signal first" : "signal second");
        break;
    case R4_E_RIGHTS:
        explore_outcome("refused: rights");
        break;
    case R4_E_TTL:
        explore_outcome("refused: time to live");
        break;
    case R4_E_PROXY:
        explore_outcome("refused");
        break;
    default:
        explore_outcome("another error");
        break;
    }
}
