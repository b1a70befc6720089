/* SPDX-License-Identifier: MIT */
#include <kernel/cluster.h>

#include <kernel/derive.h>

#define SLICE_NS UINT64_C(10000000)

void cluster_init(struct cluster *cl, uint32_t id)
{
    cl->canary_low = R4_CANARY;
    cl->canary_high = R4_CANARY;
    cl->id = id;
    cl->slice_ns = SLICE_NS;
    cl->next_thread_number = 1;
    cl->chain_epoch = 1;
    list_init(&cl->threads);
    derive_init(&cl->tour);
    asid_table_init(&cl->asids);
}

void core_init(struct cluster *cl, struct core *core, uint32_t index, uint32_t hardware_id)
{
    core->cluster = cl;
    core->index = index;
    core->hardware_id = hardware_id;
    core->canary = R4_CANARY;
    runq_init(&core->runq);
    core->thread_place = &cl->threads;
    cl->cores[index] = core;
    cl->core_count++;
}
