/* SPDX-License-Identifier: MIT */
/*
 * D15, D16, D18, T1 to T3: random operations on the kernel and on the reference model at once. Every
 * reply, and all of the state every few operations, must be the same. R4_SEED repeats a run, R4_OPS
 * sets its length. What differs is printed as a short list of operations that shows it.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "minimise.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPS           1000000u
#define EPOCH_OPS     10000u
#define COMPARE_EVERY 10u
#define AUDIT_EVERY   5000u
#define GOOD_PERCENT  30u
_Static_assert(EPOCH_OPS <= RUN_OPS_MAX, "an epoch is recorded");

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

static void report(struct run_record *r, uint64_t seed, uint64_t step)
{
    const struct run_options loud = {.is_loud = true, .compare_every = 1};
    struct op *op = malloc(sizeof(r->op));
    uint32_t count = r->count;

    printf("kernel and model differ: R4_SEED=%llu, operation %llu: %s\n", (unsigned long long)seed,
           (unsigned long long)step, r->text);
    if (op == NULL) {
        abort();
    }
    memcpy(op, r->op, count * sizeof(*op));
    count = minimise(r, op, count, MODEL_BUG_NONE);
    printf("these %u operations show it:\n", count);
    (void)run_recorded(r, op, count, &loud);
    printf("%s\n", r->text);
    free(op);
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The run is cut into epochs, each of which begins with a machine that has just booted. */
static void run_epoch(struct run_record *r, uint64_t seed, uint64_t done, uint64_t ops)
{
    const struct run_options options = {.compare_every = COMPARE_EVERY, .audit_every = AUDIT_EVERY};
    const uint32_t count = ops - done < EPOCH_OPS ? (uint32_t)(ops - done) : EPOCH_OPS;

    if (run_random(r, seed + (done / EPOCH_OPS << 32), count, &options) != RUN_AGREES) {
        report(r, seed, done + r->count);
        fail();
    }
}

static void test_D15_kernel_and_model_agree(void **state)
{
    const uint64_t seed = number_of("R4_SEED", 1);
    const uint64_t ops = number_of("R4_OPS", OPS);
    struct run_record *r = run_record_new();
    const double began = seconds();
    uint64_t done;

    (void)state;
    printf("  R4_SEED=%llu R4_OPS=%llu\n", (unsigned long long)seed, (unsigned long long)ops);
    for (done = 0; done < ops; done += EPOCH_OPS) {
        run_epoch(r, seed, done, ops);
    }
    /* What is rare may take a little longer. */
    for (; ops >= OPS && coverage_missing(&r->coverage) != 0 && done < 2 * ops; done += EPOCH_OPS) {
        run_epoch(r, seed, done, 2 * ops);
    }
    coverage_print(&r->coverage);
    printf("  %llu operations, %.1f s\n", (unsigned long long)done, seconds() - began);
    assert_true(coverage_good_percent(&r->coverage) >= GOOD_PERCENT);
    if (ops >= OPS) {
        assert_int_equal(coverage_report_missing(&r->coverage), 0);
    }
    run_record_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_D15_kernel_and_model_agree)};

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
