/* SPDX-License-Identifier: MIT */
/*
 * spin ITERATIONS [THREADS]: burns processor time in each of the threads, spread over the cores of the
 * cluster, and prints the sum that each came to. All must come to the same.
 */
#include "number.h"

#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>

#define THREADS_MAX  16u
#define STACK_BYTES  4096u
#define DONE_SLOT    R4_PROGRAM_SLOT_FREE
#define THREAD_SLOTS (R4_PROGRAM_SLOT_FREE + 1u)

struct worker {
    uint64_t iterations;
    uint64_t sum;
    uint32_t is_done;
};

static struct worker workers[THREADS_MAX];
static uint8_t stacks[THREADS_MAX][STACK_BYTES] __attribute__((aligned(16)));

/* A linear congruential generator: each step needs the one before. */
static uint64_t burn(uint64_t iterations)
{
    uint64_t x = 1;
    for (uint64_t i = 0; i < iterations; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        __asm__ volatile("" : "+r"(x));
    }
    return x;
}

static void work(uint64_t arg)
{
    struct worker *w = &workers[arg];
    w->sum = burn(w->iterations);
    /* Pairs with the acquire in wait_for_all. */
    __atomic_store_n(&w->is_done, 1, __ATOMIC_RELEASE);
    (void)r4_notification_signal(DONE_SLOT);
    for (;;) {
        (void)r4_thread_suspend((uint32_t)(THREAD_SLOTS + arg));
    }
}

static enum r4_err start(uint64_t threads, uint64_t iterations)
{
    const struct r4_startup *startup = r4_startup();
    enum r4_err err =
        r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_NOTIFICATION, 0, 0, DONE_SLOT, 1);
    for (uint32_t i = 0; err == R4_OK && i < threads; i++) {
        const struct r4_thread_spec spec = {
            .entry = work,
            .arg = i,
            .stack = stacks[i],
            .stack_bytes = STACK_BYTES,
            .core = (startup->core + i) % startup->cores,
            .priority = (uint8_t)startup->priority,
        };
        workers[i].iterations = iterations;
        err = r4_thread_make(THREAD_SLOTS + i, &spec);
    }
    return err;
}

static enum r4_err wait_for_all(uint64_t threads)
{
    enum r4_err err = R4_OK;
    for (uint64_t i = 0; err == R4_OK && i < threads; i++) {
        while (err == R4_OK && __atomic_load_n(&workers[i].is_done, __ATOMIC_ACQUIRE) == 0) {
            err = r4_notification_wait(DONE_SLOT, NULL);
        }
    }
    return err;
}

int main(int argc, char **argv)
{
    uint64_t iterations;
    uint64_t threads = 1;
    bool is_valid = (argc == 2 || argc == 3) && number_parse_count(argv[1], &iterations);
    if (is_valid && argc == 3) {
        is_valid = number_parse_count(argv[2], &threads) && threads <= THREADS_MAX;
    }
    if (!is_valid) {
        r4_printf("spin: expected ITERATIONS [THREADS], 1 or more, at most %u threads\n",
                  THREADS_MAX);
        return 2;
    }
    enum r4_err err = start(threads, iterations);
    if (err == R4_OK) {
        err = wait_for_all(threads);
    }
    if (err != R4_OK) {
        r4_printf("spin: %s: %s\n", r4_err_name(err), r4_err_text(err));
        return 1;
    }
    int status = 0;
    for (uint64_t i = 0; i < threads; i++) {
        r4_printf("spin: thread %lu came to %016lx\n", i, workers[i].sum);
        status |= workers[i].sum != workers[0].sum;
    }
    return status;
}
