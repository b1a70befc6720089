/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows of the way into the kernel and back.
 *   null_call         with the lock taken and released, which is what every other call pays
 *   null_call_nolock  without any shared state
 */
#include "bench.h"

#include <r4/abi/stubs.h>

static void run_null_call(struct bench *b)
{
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_null_locked());
        bench_check("null_call", err, R4_OK);
    }
    bench_end(b, "null_call");
}

static void run_null_call_nolock(struct bench *b)
{
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        BENCH_MEASURE(b, err = r4_null());
        bench_check("null_call_nolock", err, R4_OK);
    }
    bench_end(b, "null_call_nolock");
}

const struct bench_row rows_entry[] = {
    {"null_call", run_null_call},
    {"null_call_nolock", run_null_call_nolock},
    {NULL, NULL},
};
