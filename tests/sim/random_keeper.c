/* SPDX-License-Identifier: MIT */
#include "random_keeper.h"

#include <kernel/table.h>
#include <r4/abi/limits.h>
#include <string.h>

#define CLUSTERS     2u
#define SUBJECTS     2u
#define THREADS      3u
#define GIFTS        16u
#define UNTYPED_BITS 18u
#define KEEPER_BIT   (UINT64_C(1) << 62)
#define WAKE_NS      UINT64_C(1000000)
#define WAKES_MAX    1000u

/* Slots of the keeper's table. */
struct subject {
    uint32_t untyped;
    uint32_t table;
    uint32_t pd;
    uint32_t thread[THREADS];
    uint32_t gift[GIFTS]; /* what is put into slot i + 1 of its table, 0: nothing */
};

static struct subject subjects[CLUSTERS][SUBJECTS];
static uint32_t wake_slot[CLUSTERS];    /* notification at which each keeper sleeps */
static uint32_t monitor_slot[CLUSTERS]; /* the monitor without CONTROL */
static uint32_t shared_slot[CLUSTERS];  /* notification for all subjects */
static uint64_t unreachable;

uint64_t keeper_unreachable(void)
{
    return unreachable;
}

/* A call of the keeper that may be refused. */
static enum r4_err try_call(uint32_t c, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    const struct sim_reply reply = sim_call(sim.of[c].root, call, cap, word);

    if (!reply.is_done) {
        sim_fail("a call of the keeper was not done");
    }
    return reply.err;
}
#define TRY(c, name, cap, ...)                                                                     \
    try_call((c), R4_CALL_##name, (cap), (const uint64_t[6]){__VA_ARGS__})

static void replenish(uint32_t c, const struct subject *s)
{
    for (uint32_t i = 0; i < GIFTS; i++) {
        if (s->gift[i] != 0) {
            (void)TRY(c, CAP_COPY, s->gift[i], s->table, i + 1u);
        }
    }
}

static void make_subject(uint32_t c, uint32_t index)
{
    struct subject *s = &subjects[c][index];

    s->untyped = sim_make(c, R4_TYPE_UNTYPED, UNTYPED_BITS, 1);
    s->pd = sim_make_pd(c);
    s->table = s->pd + 1u;
    for (uint32_t i = 0; i < THREADS; i++) {
        s->thread[i] = sim_make_thread(c, s->pd, i % sim.cores, (uint8_t)(20u + i));
    }
}

static void choose_gifts(uint32_t c, uint32_t index)
{
    struct subject *s = &subjects[c][index];
    const uint32_t gifts[GIFTS] = {
        s->table,
        s->pd,
        s->thread[0],
        s->thread[1],
        s->thread[2],
        R4_INIT_SLOT_ASID_CONTROL,
        monitor_slot[c],
        s->untyped,
        R4_INIT_SLOT_LINKS + 1u - c,
        shared_slot[c],
        subjects[c][(index + 1u) % SUBJECTS].table,
        R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * (1u - c) + index,
        s->untyped,
        index == 0 ? sim.of[c].device : 0,
        c == 0 ? R4_INIT_SLOT_SERIAL_PORTS : 0,
        c == 0 ? R4_INIT_SLOT_IRQ_CONTROL : 0,
    };

    memcpy(s->gift, gifts, sizeof(gifts));
}

/* Everything that the subject has goes; its untyped is whole again. */
static void empty_subject(uint32_t c, const struct subject *s)
{
    const uint32_t last = sim_table_at(sim.of[c].root, s->table)->last;

    for (uint32_t n = 1; n < last; n++) {
        (void)TRY(c, CAP_TABLE_DELETE, s->table, n);
    }
    unreachable += sim_count(c).slots;
    SIM_ROOT(c, CAP_REVOKE, s->untyped, 0);
    unreachable -= sim_count(c).slots;
}

static void revive(uint32_t c, uint32_t thread)
{
    switch ((enum r4_thread_state)SIM_ROOT(c, THREAD_STATE, thread, 0)) {
    case R4_THREAD_STATE_WAITING:
        SIM_ROOT(c, THREAD_SUSPEND, thread, 0);
        SIM_ROOT(c, THREAD_RESUME, thread, 0);
        break;
    case R4_THREAD_STATE_STOPPED:
    case R4_THREAD_STATE_FAULTED:
        SIM_ROOT(c, THREAD_RESUME, thread, 0);
        break;
    case R4_THREAD_STATE_READY:
    case R4_THREAD_STATE_RUNNING:
        break;
    case R4_THREAD_STATE_NEW:
    case R4_THREAD_STATE_DEAD:
        sim_fail("a subject's thread is gone, though its keeper holds thread and PD");
    }
}

void keeper_sleep(uint32_t c)
{
    while (SIM_CALL(sim.of[c].root, NOTIFICATION_WAIT, wake_slot[c], 0).is_done) {
    }
    if (sim.of[c].root->state != R4_THREAD_STATE_WAITING) {
        sim_fail("the keeper does not sleep");
    }
}

static void wake(uint32_t c)
{
    const struct link *link = &sim.of[c].cluster->links[1u - c];

    for (uint32_t tries = 0; !sim_is_running(sim.of[c].root); tries++) {
        *link->incoming |= KEEPER_BIT;
        host_raise(sim_core(c, 0), HOST_INTERRUPT_DOORBELL);
        sim_advance(WAKE_NS);
        if (tries > WAKES_MAX) {
            sim_fail("the keeper does not wake");
        }
    }
}

void keeper_work(uint32_t c)
{
    wake(c);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        if (rng_percent(&sim.rng, 5)) {
            empty_subject(c, &subjects[c][i]);
        }
        replenish(c, &subjects[c][i]);
        for (uint32_t t = 0; t < THREADS; t++) {
            revive(c, subjects[c][i].thread[t]);
        }
    }
    keeper_sleep(c);
}

void keeper_init(uint32_t c)
{
    SIM_ROOT(c, THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, 255);
    wake_slot[c] = sim_make(c, R4_TYPE_NOTIFICATION, 0, 1);
    SIM_ROOT(c, LINK_BIND, R4_INIT_SLOT_LINKS + 1u - c, wake_slot[c]);
}

void keeper_make_subjects(uint32_t c)
{
    shared_slot[c] = sim_make(c, R4_TYPE_NOTIFICATION, 0, 1);
    monitor_slot[c] = sim_slots_take(c, 1);
    SIM_ROOT(c, CAP_DERIVE, R4_INIT_SLOT_MONITOR, 0, monitor_slot[c],
             R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_LINK);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        make_subject(c, i);
    }
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        choose_gifts(c, i);
        replenish(c, &subjects[c][i]);
    }
    keeper_sleep(c);
}

void keeper_demolish(uint32_t c, uint32_t first_slot)
{
    wake(c);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        empty_subject(c, &subjects[c][i]);
    }
    for (uint32_t n = first_slot; n < sim.of[c].next_slot; n++) {
        (void)TRY(c, CAP_DELETE, n, 0);
    }
    SIM_ROOT(c, THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, SIM_ROOT_PRIORITY);
}
