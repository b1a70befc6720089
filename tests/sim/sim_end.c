/* SPDX-License-Identifier: MIT */
/*
 * Owns: destroying from outside what no capability of a root task reaches any more, and counting
 * what is there.
 */
#include "sim.h"

#include <kernel/delete.h>
#include <kernel/derive.h>
#include <kernel/sched.h>

/*
 * What a revoke does, with the kernel's own means: every capability below the slot goes. No other
 * core runs meanwhile: no lock.
 */
uint32_t sim_destroy_children(uint32_t cluster, struct slot *s)
{
    struct core *core = sim_core(cluster, 0);
    const uint32_t pending = core->arch.pending;
    uint32_t destroyed = 0;

    sim_begin_entry(core);
    core->arch.pending = 0;
    while (derive_has_children(s)) {
        struct slot *child = derive_first_child(s);

        while (derive_has_children(child)) {
            child = derive_first_child(child);
        }
        if (slot_is_live(child)) {
            delete_slot(core, child);
            destroyed++;
        }
        while (!delete_reap(core)) {
        }
    }
    core->arch.pending |= pending;
    sched_choose(core);
    sim_end_entry();
    return destroyed;
}

struct sim_count sim_count(uint32_t cluster)
{
    const struct cluster *cl = sim.of[cluster].cluster;
    struct sim_count count = {0};

    for (const struct slot *s = derive_next(&cl->tour, &cl->tour); s != NULL;
         s = derive_next(&cl->tour, s)) {
        count.slots++;
    }
    for (const struct list_link *l = cl->threads.next; l != &cl->threads; l = l->next) {
        count.threads++;
    }
    for (uint32_t i = 0; i < R4_ASIDS_MAX; i++) {
        count.asids += cl->asids.entry[i].pd != NULL;
    }
    return count;
}
