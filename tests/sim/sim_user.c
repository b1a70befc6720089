/* SPDX-License-Identifier: MIT */
#include "sim_user.h"

#include "sim.h"

#include <arch/mmu.h>
#include <r4/abi/limits.h>
#include <string.h>

/* Threads are told apart by the memory they lie in. */
#define THREAD_BYTES (UINT64_C(1) << R4_THREAD_SIZE_BITS)
#define USERS_MAX    ((1u + SIM_CLUSTERS_MAX * SIM_GRANULES) * R4_GRANULE_BYTES / THREAD_BYTES)

struct user {
    uint64_t key; /* of the thread; 0: nothing is known of it */
    uint64_t fpu[HOST_FPU_WORDS];
    uint64_t call_ip;
    bool is_calling;
};

static struct user users[USERS_MAX];
static uint64_t
    on_core[HOST_CORES_MAX]; /* number of the thread that computes there, by hardware id */

static struct user kept_users[USERS_MAX];
static uint64_t kept_on_core[HOST_CORES_MAX];

void sim_user_reset(void)
{
    memset(users, 0, sizeof(users));
    memset(on_core, 0, sizeof(on_core));
}

void sim_user_keep(void)
{
    memcpy(kept_users, users, sizeof(users));
    memcpy(kept_on_core, on_core, sizeof(on_core));
}

void sim_user_return(void)
{
    memcpy(users, kept_users, sizeof(users));
    memcpy(on_core, kept_on_core, sizeof(on_core));
}

/* Numbers are those of a cluster and never used twice, as memory is. */
static uint64_t key_of(const struct thread *t)
{
    return t->number * SIM_CLUSTERS_MAX + sim_cluster_of(t);
}

static struct user *user_of(const struct thread *t)
{
    const uint64_t key = key_of(t);
    struct user *u = &users[arch_dmap_paddr(t).a / THREAD_BYTES];

    if (u->key != key) {
        *u = (struct user){.key = key};
        for (unsigned i = 0; i < HOST_FPU_WORDS; i++) {
            u->fpu[i] = HOST_FPU_CLEAN;
        }
    }
    return u;
}

void sim_user_leave(const struct core *core)
{
    on_core[core->hardware_id] = 0;
}

void sim_user_enter(struct core *core)
{
    const struct thread *t = core->current;
    struct user *u;

    if (t == NULL || on_core[core->hardware_id] == key_of(t)) {
        on_core[core->hardware_id] = t == NULL ? 0 : key_of(t);
        return;
    }
    u = user_of(t);
    if (memcmp(core->arch.fpu, u->fpu, sizeof(u->fpu)) != 0) {
        sim_fail("a thread finds another one's FPU state");
    }
    for (unsigned i = 0; i < HOST_FPU_WORDS; i++) {
        u->fpu[i] = core->arch.fpu[i] = u->key << 32 | (uint32_t)rng_next(&sim.rng);
    }
    on_core[core->hardware_id] = u->key;
}

void sim_user_begin_call(const struct thread *t)
{
    struct user *u = user_of(t);

    u->is_calling = true;
    u->call_ip = arch_regs_get(&t->context.regs, R4_REGISTER_RIP);
}

bool sim_user_must_repeat(const struct thread *t)
{
    const struct user *u = user_of(t);

    return u->is_calling && arch_regs_get(&t->context.regs, R4_REGISTER_RIP) == u->call_ip;
}

void sim_user_restart(const struct thread *t)
{
    user_of(t)->key = 0;
}
