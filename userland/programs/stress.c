/* SPDX-License-Identifier: MIT */
/*
 * stress [ROUNDS]: one thread on each core of the cluster makes, looks at and deletes capabilities of the same notification, all
 * at once, and signals it. Every result must be exact. What it stresses is the cluster's one lock: the derivation tour and the
 * object's count are shared by all of them.
 */
#include "number.h"

#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>

#define ROUNDS_DEFAULT 300u
#define WORKERS_MAX    64u
#define STACK_BYTES    4096u
#define WIDTH          8u /* capabilities that a worker holds at once */
#define SHARED_SLOT    R4_PROGRAM_SLOT_FREE
#define DONE_SLOT      (R4_PROGRAM_SLOT_FREE + 1u)
#define THREAD_SLOTS   (R4_PROGRAM_SLOT_FREE + 2u)
#define WORK_SLOTS     (THREAD_SLOTS + WORKERS_MAX)

static uint64_t rounds = ROUNDS_DEFAULT;
static uint64_t wrong;    /* results that were not as they must be */
static uint64_t finished; /* workers */
static uint8_t stacks[WORKERS_MAX][STACK_BYTES] __attribute__((aligned(16)));

static uint64_t one_round(uint32_t first)
{
    uint64_t bad = 0;
    uint32_t source = SHARED_SLOT;
    for (uint32_t i = 0; i < WIDTH; i++) {
        bad += r4_cap_copy(source, 0, first + i) != R4_OK;
        source = first + i;
    }
    bad += r4_cap_copy(SHARED_SLOT, 0, first) != R4_E_OCCUPIED;
    bad += r4_notification_signal(first + WIDTH - 1) != R4_OK;
    for (uint32_t i = 0; i < WIDTH; i++) {
        bad += r4_cap_delete(first + i) != R4_OK;
    }
    bad += r4_cap_delete(first) != R4_E_EMPTY;
    return bad;
}

static void worker(uint64_t number)
{
    uint32_t first = WORK_SLOTS + (uint32_t)number * WIDTH;
    for (uint64_t i = 0; i < rounds; i++) {
        __atomic_fetch_add(&wrong, one_round(first), __ATOMIC_RELAXED);
    }
    /* Pairs with the acquire in wait_for. */
    __atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
    (void)r4_notification_signal(DONE_SLOT);
    for (;;) {
        (void)r4_thread_suspend(THREAD_SLOTS + (uint32_t)number);
    }
}

static enum r4_err start(uint32_t workers)
{
    enum r4_err err =
        r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_NOTIFICATION, 0, 0, SHARED_SLOT, 2);
    for (uint32_t i = 0; err == R4_OK && i < workers; i++) {
        const struct r4_thread_spec spec = {
            .entry = worker,
            .arg = i,
            .stack = stacks[i],
            .stack_bytes = STACK_BYTES,
            .core = i,
            .priority = (uint8_t)r4_startup()->priority,
        };
        err = r4_thread_make(THREAD_SLOTS + i, &spec);
    }
    return err;
}

static enum r4_err wait_for(uint32_t workers)
{
    enum r4_err err = R4_OK;
    while (err == R4_OK && __atomic_load_n(&finished, __ATOMIC_ACQUIRE) < workers) {
        err = r4_notification_wait(DONE_SLOT, NULL);
    }
    return err;
}

int main(int argc, char **argv)
{
    if (argc > 2 || (argc == 2 && !number_parse(argv[1], &rounds))) {
        r4_printf("stress: expected [ROUNDS]\n");
        return 2;
    }
    uint32_t workers = r4_startup()->cores < WORKERS_MAX ? r4_startup()->cores : WORKERS_MAX;
    enum r4_err err = start(workers);
    if (err == R4_OK) {
        err = wait_for(workers);
    }
    if (err != R4_OK) {
        r4_printf("stress: %s: %s\n", r4_err_name(err), r4_err_text(err));
        return 1;
    }
    r4_printf("stress: %u workers, %lu rounds each, %lu wrong results\n", workers, rounds, wrong);
    return wrong == 0 ? 0 : 1;
}
