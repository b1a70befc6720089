/* SPDX-License-Identifier: MIT */
#include "crash_threads.h"

#include <r4/abi/names.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>

#define OTHER       (R4_PROGRAM_SLOT_FREE + 0u)
#define HIGH        200u /* the capabilities move between their slots and these */
#define STACK_BYTES 4096u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint32_t has_started;

static void announce(void)
{
    /* Pairs with the acquire in run_beside. */
    __atomic_store_n(&has_started, 1, __ATOMIC_RELEASE);
}

static void spin(uint64_t unused)
{
    (void)unused;
    announce();
    for (;;) {
        __builtin_ia32_pause();
    }
}

/* The output stays where it is: without it nobody would learn of the exit. */
static void move_all(uint32_t from, uint32_t to)
{
    for (uint32_t slot = R4_PROGRAM_SLOT_TABLE; slot <= OTHER; slot++) {
        if (slot != R4_PROGRAM_SLOT_OUTPUT) {
            (void)r4_cap_move(from + slot, 0, to + slot);
        }
    }
}

static void move_about(uint64_t unused)
{
    (void)unused;
    for (;;) {
        move_all(0, HIGH);
        announce();
        move_all(HIGH, 0);
    }
}

/* Starts the thread on the last core of the cluster and exits as soon as it runs. */
static int run_beside(void (*entry)(uint64_t))
{
    const struct r4_startup *startup = r4_startup();
    const struct r4_thread_spec spec = {
        .entry = entry,
        .stack = stack,
        .stack_bytes = STACK_BYTES,
        .core = startup->cores - 1,
        .priority = (uint8_t)startup->priority,
    };
    enum r4_err err = r4_thread_make(OTHER, &spec);
    if (err != R4_OK) {
        r4_printf("crash: starting a thread: %s\n", r4_err_name(err));
        return 1;
    }
    while (__atomic_load_n(&has_started, __ATOMIC_ACQUIRE) == 0) {
        __builtin_ia32_pause();
        (void)r4_yield();
    }
    return 0;
}

int crash_orphan(void)
{
    return run_beside(spin);
}

int crash_restless(void)
{
    return run_beside(move_about);
}
