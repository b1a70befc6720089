/* SPDX-License-Identifier: MIT */
#include "audit_world.h"

#include <kernel/object.h>
#include <kernel/vspace.h>

struct world world;

void world_build(void)
{
    const uint16_t rw = R4_RIGHT_READ | R4_RIGHT_WRITE;
    const uint32_t third_frame =
        sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, WORLD_VA + 2 * R4_PAGE_BYTES, rw);
    uint32_t waiting;
    uint32_t ready;
    uint32_t stopped;

    world.cluster = sim.of[0].cluster;
    world.root = sim.of[0].root;
    world.parent = sim.of[0].untyped;
    world.second_frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    world.frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, WORLD_VA, rw);
    SIM_ROOT(0, CAP_TABLE_MAP_VIEW, R4_INIT_SLOT_CAP_TABLE, R4_INIT_SLOT_PD, WORLD_VIEWS_VA);
    world.page_table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    world.notification = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    world.badged = sim_slots_take(0, 1);
    world.badged_copy = sim_slots_take(0, 1);
    world.empty = sim_slots_take(0, 1);
    SIM_ROOT(0, CAP_MINT, world.notification, 0, world.badged, 5);
    SIM_ROOT(0, CAP_DERIVE, world.badged, 0, world.badged_copy, R4_RIGHT_LINK | R4_RIGHT_RECEIVE);
    world.pd = sim_make_pd(0);
    world.bare_pd = sim_make(0, R4_TYPE_PD, 0, 1);
    waiting = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 200);
    world.waiting = sim_thread_at(world.root, waiting);
    sim_settle();
    SIM_CALL(world.waiting, NOTIFICATION_WAIT, world.badged_copy, 0);
    ready = sim_make_thread(0, R4_INIT_SLOT_PD, 0, 50);
    world.ready = sim_thread_at(world.root, ready);
    stopped = sim_make_thread(0, world.pd, 0, 60);
    SIM_ROOT(0, THREAD_SUSPEND, stopped);
    world.stopped = sim_thread_at(world.root, stopped);
    SIM_ROOT(0, THREAD_ATTACH, stopped, world.frame, 0);
    SIM_ROOT(0, THREAD_ATTACH, ready, world.frame, 512);
    SIM_ROOT(0, THREAD_ATTACH, waiting, third_frame, 1024);

    if (world.stopped->state != R4_THREAD_STATE_STOPPED ||
        world.ready->state != R4_THREAD_STATE_READY ||
        world.waiting->state != R4_THREAD_STATE_WAITING) {
        sim_fail("the world is not as it should be");
    }
}

struct slot *world_slot(uint32_t n)
{
    return sim_slot(world.root, n);
}

uint64_t *world_leaf(uint64_t va)
{
    return vspace_walk(sim.of[0].pd, va, 1).entry;
}

struct notification *world_notification(uint32_t n)
{
    return container_of(object_of(world_slot(n)), struct notification, object);
}
