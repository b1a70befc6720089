/* SPDX-License-Identifier: MIT */
/*
 * Calls with any registers, of a thread that has a capability of every kind, in slots and at the end
 * of chains: the kernel survives, and the auditor finds nothing afterwards. Each input begins with
 * the same machine. Monitor capabilities can only read: others end the process.
 */
#include "proxy_world.h"

#include "input.h"

#include <r4/abi/calls.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLS_MAX   12u
#define KINDS       14u
#define FIRST       1u /* of the things' slots in domain 1's table, and of their copies in domain 0's */
#define GRANT_OF(n) (&domain[0].word[2u * (n)])
#define USE_OF(n)   (&domain[1].word[PAGE_WORDS + (n)])

static void give(uint32_t n, uint32_t slot)
{
    SIM_ROOT(0, CAP_COPY, slot, domain[0].table, FIRST + n);
    SIM_ROOT(0, CAP_MOVE, slot, domain[1].table, FIRST + n);
    *GRANT_OF(n) = grant(1, FIRST + n, R4_RIGHTS_DEFINED, 3);
    *USE_OF(n) = use(0, word_index(MARKED_PAGE, 2u * n), 3);
}

static void give_monitor(uint32_t n)
{
    const uint32_t slot = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_DERIVE, R4_INIT_SLOT_MONITOR, 0, slot, R4_RIGHT_READ | R4_RIGHT_LINK);
    give(n, slot);
}

static uint32_t device_frame(void)
{
    const uint32_t slot = sim_slots_take(0, 1);

    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].device, R4_TYPE_FRAME, R4_PAGE_BITS, 0, slot, 1);
    return slot;
}

static uint32_t minted(void)
{
    const uint32_t slot = sim_slots_take(0, 1);

    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), 0, slot, 0x10);
    return slot;
}

static void build(void)
{
    sim.seed = 1;
    sim_start(2, 2);
    proxy_world(3);
    give(0, sim_make(0, R4_TYPE_UNTYPED, 16, 1));
    give(1, sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1));
    give(2, sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1));
    give(3, sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1));
    give(4, sim_make(0, R4_TYPE_PD, 0, 1));
    give(5, sim_make(0, R4_TYPE_THREAD, 0, 1));
    give(6, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1));
    give(7, minted());
    give(8, device_frame());
    give(9, R4_INIT_SLOT_ASID_CONTROL);
    give_monitor(10);
    give(11, R4_INIT_SLOT_IRQ_CONTROL);
    give(12, R4_INIT_SLOT_SERIAL_PORTS);
    give(13, R4_INIT_SLOT_LINKS + 1u);
    SIM_ROOT(0, CAP_MOVE, sim_make(0, R4_TYPE_PEER, 0, 1), domain[1].table, FIRST + KINDS);
    SIM_ROOT(0, CAP_COPY, domain[1].pd, domain[1].table, FIRST + KINDS + 1u);
    SIM_ROOT(0, CAP_COPY, domain[1].table, domain[1].table, FIRST + KINDS + 2u);
    SIM_ROOT(0, CAP_COPY, domain[1].thread, domain[1].table, FIRST + KINDS + 3u);
    SIM_ROOT(0, CAP_MOVE, domain[1].frame[MARKED_PAGE], domain[1].table, FIRST + KINDS + 4u);
    SIM_ROOT(0, CAP_COPY, domain[0].pd, domain[1].table, FIRST + KINDS + 5u);
    run(1);
    sim.audit_every = 0;
    sim.isolate_every = 0;
    sim_keep();
}

/* A slot, a word, or anything. */
static uint64_t index_from(struct input *in)
{
    const uint8_t n = input_byte(in);

    switch (n & 3u) {
    case 0:
    case 1:
        return n >> 2;
    case 2:
        return word_index(PLAIN_PAGE, n >> 2);
    default:
        return input_bytes(in, 3);
    }
}

static uint64_t argument_from(struct input *in)
{
    static const uint64_t usual[] = {WINDOW_BASE + 3 * R4_PAGE_BYTES, R4_RIGHT_READ, 3, UINT64_MAX};

    switch (input_below(in, 4)) {
    case 0:
        return index_from(in);
    case 1:
        return input_byte(in);
    case 2:
        return usual[input_below(in, 4)];
    default:
        return input_bytes(in, 8);
    }
}

static uint64_t call_from(struct input *in)
{
    const uint64_t number = input_byte(in);
    uint64_t call = number | index_from(in) << R4_CALL_INDEX_LO;
    const uint8_t more = input_byte(in);

    if (more == 1) {
        call |= (uint64_t)PEER_SLOT(input_below(in, 3)) << R4_CALL_PEER_LO;
    } else if (more == 2) {
        call ^= UINT64_C(1) << input_below(in, 64);
    }
    return call;
}

/* One that runs and may call; domain 1's if it does. */
static struct thread *caller(void)
{
    for (uint32_t d = 0; d < 3; d++) {
        struct thread *t = domain[(d + 1u) % 3u].t;

        if (sim_is_running(t) && pd_table(thread_pd(t)) != NULL) {
            return t;
        }
    }
    return NULL;
}

static void call_once(struct input *in)
{
    const uint8_t stop = input_byte(in);
    const uint64_t call = call_from(in);
    uint64_t word[6];
    struct thread *t;

    for (unsigned i = 0; i < 6; i++) {
        word[i] = argument_from(in);
    }
    if ((stop & 1u) != 0) {
        sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 1u + stop / 2u % 8u);
    }
    if ((stop & 0x80u) != 0) {
        /* A store of the granter's. */
        *GRANT_OF(stop % KINDS) ^= UINT64_C(1) << input_below(in, 64);
    }
    sim_settle();
    t = caller();
    if (t != NULL) {
        (void)sim_call_raw(t, call, word);
    }
    sim_no_fault_points(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_built;
    struct input in = {data, size};
    struct audit_report report;

    if (!is_built) {
        build();
        is_built = true;
    }
    sim_return();
    for (uint32_t i = 0; i < CALLS_MAX && !input_is_empty(&in); i++) {
        call_once(&in);
    }
    for (uint32_t i = 0; i < sim.clusters; i++) {
        audit_cluster(sim.of[i].cluster, &report);
        if (report.violations != 0) {
            fprintf(stderr, "auditor: %llu\n", (unsigned long long)report.first_detail);
            abort();
        }
    }
    return 0;
}
