/* SPDX-License-Identifier: MIT */
/*
 * stress [ROUNDS]: one thread on each core of the cluster makes, looks at and deletes capabilities of the same notification, all
 * at once, and signals it. Every result must be exact. What it stresses is the cluster's one lock: the derivation tour and the
 * object's count are shared by all of them.
 *
 * stress revoke [ROUNDS]: the first thread copies a notification and revokes it, again and again, while the others copy the
 * copies as fast as they can. A copy is made, or is refused because of the revoke, or finds its source gone; after each revoke
 * nothing is left. The run fails unless copies were made and refused.
 */
#include "number.h"

#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>
#include <stdbool.h>
#include <string.h>

#define ROUNDS_DEFAULT 300u
#define WORKERS_MAX    64u
#define STACK_BYTES    4096u
#define WIDTH          8u /* capabilities that a worker holds at once */
#define SHARED_SLOT    R4_PROGRAM_SLOT_FREE
#define DONE_SLOT      (R4_PROGRAM_SLOT_FREE + 1u)
#define THREAD_SLOTS   (R4_PROGRAM_SLOT_FREE + 2u)
#define WORK_SLOTS     (THREAD_SLOTS + WORKERS_MAX)
#define FAMILY         64u /* copies that are revoked at once; the last ones go last */

static uint64_t rounds = ROUNDS_DEFAULT;
static uint64_t wrong;    /* results that were not as they must be */
static uint64_t finished; /* workers */
static uint64_t made;     /* copies of what is revoked */
static uint64_t refused;  /* of them, because of the revoke */
static uint64_t tries;    /* to copy */
static bool shall_revoke;
static bool is_racing;
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

static void work(uint32_t first)
{
    for (uint64_t i = 0; i < rounds; i++) {
        __atomic_fetch_add(&wrong, one_round(first), __ATOMIC_RELAXED);
    }
}

/* Until somebody tried to copy, if anybody does. */
static void wait_for_a_try(void)
{
    uint64_t before = __atomic_load_n(&tries, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 1000 && __atomic_load_n(&tries, __ATOMIC_RELAXED) == before; i++) {
        __builtin_ia32_pause();
    }
}

static uint64_t revoke_once(void)
{
    uint64_t bad = 0;
    for (uint32_t i = 0; i < FAMILY; i++) {
        bad += r4_cap_copy(SHARED_SLOT, 0, WORK_SLOTS + i) != R4_OK;
    }
    wait_for_a_try();
    bad += r4_cap_revoke(SHARED_SLOT) != R4_OK;
    for (uint32_t i = 0; i < FAMILY; i++) {
        bad += r4_cap_identify(WORK_SLOTS + i, NULL, NULL, NULL, NULL, NULL) != R4_E_EMPTY;
    }
    return bad;
}

/* Until both outcomes were seen, at most so often that a run ends. */
static void revoke_all(void)
{
    for (uint64_t i = 0; i < 100 * rounds; i++) {
        bool is_enough = __atomic_load_n(&made, __ATOMIC_RELAXED) != 0 &&
                         __atomic_load_n(&refused, __ATOMIC_RELAXED) != 0;
        if (i >= rounds && is_enough) {
            break;
        }
        __atomic_fetch_add(&wrong, revoke_once(), __ATOMIC_RELAXED);
    }
    __atomic_store_n(&is_racing, false, __ATOMIC_RELEASE);
}

/* The oldest copies are revoked last. */
static void copy_all(uint32_t own)
{
    while (__atomic_load_n(&is_racing, __ATOMIC_ACQUIRE)) {
        enum r4_err err = r4_cap_copy(WORK_SLOTS, 0, own);
        __atomic_fetch_add(&tries, 1, __ATOMIC_RELAXED);
        if (err == R4_OK) {
            __atomic_fetch_add(&made, 1, __ATOMIC_RELAXED);
            err = r4_cap_delete(own);
        }
        if (err == R4_E_REVOKING) {
            __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
        } else if (err != R4_OK && err != R4_E_EMPTY) {
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        }
    }
}

static void worker(uint64_t number)
{
    if (!shall_revoke) {
        work(WORK_SLOTS + (uint32_t)number * WIDTH);
    } else if (number == 0) {
        revoke_all();
    } else {
        copy_all(WORK_SLOTS + FAMILY + (uint32_t)number);
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

/* [revoke] [ROUNDS] */
static bool parse(int argc, char **argv)
{
    int at = 1;
    if (argc > 1 && strcmp(argv[1], "revoke") == 0) {
        shall_revoke = true;
        is_racing = true;
        at++;
    }
    return at == argc || (at + 1 == argc && number_parse_count(argv[at], &rounds));
}

static void report(uint32_t workers)
{
    r4_printf("stress: %u workers, %lu rounds each, %lu wrong results\n", workers, rounds, wrong);
    if (shall_revoke) {
        r4_printf("stress: %lu copies made, %lu refused\n", made, refused);
    }
}

int main(int argc, char **argv)
{
    if (!parse(argc, argv)) {
        r4_printf("stress: expected [revoke] [ROUNDS], at least 1 round\n");
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
    report(workers);
    return wrong == 0 && (!shall_revoke || (made != 0 && refused != 0)) ? 0 : 1;
}
