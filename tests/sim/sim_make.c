/* SPDX-License-Identifier: MIT */
/* Owns: finding and making things through the root tasks, by real calls that must succeed. */
#include "sim.h"

#include <arch/mmu.h>
#include <kernel/object.h>
#include <kernel/table.h>
#include <kernel/vspace.h>
#include <r4/abi/limits.h>
#include <r4/abi/names.h>
#include <stdio.h>

struct core *sim_core(uint32_t cluster, uint32_t core)
{
    return sim.of[cluster].cluster->cores[core];
}

uint32_t sim_cluster_of(const struct thread *t)
{
    return (uint32_t)(arch_dmap_paddr(t).a / R4_GRANULE_BYTES - 1u) / SIM_GRANULES;
}

struct core *sim_core_of(const struct thread *t)
{
    for (uint32_t i = 0; i < host.core_count; i++) {
        if (host.cores[i]->current == t) {
            return host.cores[i];
        }
    }
    return NULL;
}

bool sim_is_running(const struct thread *t)
{
    return sim_core_of(t) != NULL;
}

struct slot *sim_slot(const struct thread *t, uint32_t n)
{
    return table_slot(pd_table(thread_pd(t)), n);
}

struct thread *sim_thread_at(const struct thread *t, uint32_t n)
{
    if (slot_type(sim_slot(t, n)) != R4_TYPE_THREAD) {
        sim_fail("the slot holds no thread");
    }
    return thread_of(sim_slot(t, n));
}

struct pd *sim_pd_at(const struct thread *t, uint32_t n)
{
    if (slot_type(sim_slot(t, n)) != R4_TYPE_PD) {
        sim_fail("the slot holds no protection domain");
    }
    return pd_of(sim_slot(t, n));
}

struct cap_table *sim_table_at(const struct thread *t, uint32_t n)
{
    if (slot_type(sim_slot(t, n)) != R4_TYPE_CAP_TABLE) {
        sim_fail("the slot holds no capability table");
    }
    return table_of(sim_slot(t, n));
}

uint32_t sim_slots_take(uint32_t cluster, uint32_t count)
{
    const uint32_t first = sim.of[cluster].next_slot;

    if (first + count > SIM_TABLE_LAST) {
        sim_fail("the root task's table is full");
    }
    sim.of[cluster].next_slot += count;
    return first;
}

uint64_t sim_root_call(uint32_t cluster, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    const struct sim_reply reply = sim_call(sim.of[cluster].root, call, cap, word);

    if (!reply.is_done || reply.err != R4_OK) {
        fprintf(stderr, "%s of capability %u: %s, detail %u\n", r4_call_name(call), cap,
                reply.is_done ? r4_err_name(reply.err) : "not done", reply.detail);
        sim_fail("a call of the root task failed");
    }
    return reply.word[0];
}

uint32_t sim_make(uint32_t cluster, enum r4_type type, uint8_t bits, uint32_t count)
{
    const uint32_t first = sim_slots_take(cluster, count);

    SIM_ROOT(cluster, UNTYPED_RETYPE, sim.of[cluster].untyped, (uint64_t)type, bits, 0, first,
             count);
    return first;
}

uint32_t sim_make_pd(uint32_t cluster)
{
    const uint32_t pd = sim_make(cluster, R4_TYPE_PD, 0, 1);
    const uint32_t table = sim_make(cluster, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);

    SIM_ROOT(cluster, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, pd);
    SIM_ROOT(cluster, PD_CONFIGURE, pd, table, 0, 0);
    return pd;
}

uint32_t sim_make_thread(uint32_t cluster, uint32_t pd_slot, uint32_t core, uint8_t priority)
{
    const uint32_t thread = sim_make(cluster, R4_TYPE_THREAD, 0, 1);

    SIM_ROOT(cluster, THREAD_CONFIGURE, thread, pd_slot, core, priority);
    SIM_ROOT(cluster, THREAD_START, thread, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    return thread;
}

void sim_make_tables(uint32_t cluster, uint32_t pd_slot, uint64_t va, unsigned level)
{
    const struct pd *pd = sim_pd_at(sim.of[cluster].root, pd_slot);

    while (vspace_walk(pd, va, (uint8_t)level).level > level) {
        SIM_ROOT(cluster, PAGE_TABLE_MAP, sim_make(cluster, R4_TYPE_PAGE_TABLE, 0, 1), pd_slot, va);
    }
}

uint32_t sim_map_frame(uint32_t cluster, uint32_t pd_slot, uint8_t bits, uint64_t va,
                       uint16_t access)
{
    const uint32_t frame = sim_make(cluster, R4_TYPE_FRAME, bits, 1);

    sim_make_tables(cluster, pd_slot, va, (bits - R4_PAGE_BITS) / 9u + 1u);
    SIM_ROOT(cluster, FRAME_MAP, frame, pd_slot, va, access);
    return frame;
}

void sim_fault_point(uint32_t cluster, enum r4_fault_point point, enum fault_action action,
                     uint32_t nth)
{
    struct fault_plan *plan = &sim.of[cluster].cluster->faults;

    plan->entry[0].point = (uint16_t)point;
    plan->entry[0].action = (uint16_t)action;
    plan->entry[0].remaining = nth;
    plan->count = 1;
}

void sim_no_fault_points(uint32_t cluster)
{
    sim.of[cluster].cluster->faults.count = 0;
}
