/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include "../root/console.h"

#include <lib/channel_frame.h>
#include <lib/json.h>
#include <r4/abi/enums.h>
#include <r4/abi/exits.h>
#include <r4/abi/stubs.h>

#define JSON_MAX 2048u

static char text[JSON_MAX];
static char frame[JSON_MAX + CHANNEL_FRAME_EXTRA_BYTES];

static struct json begin_record(const char *type)
{
    struct json json;
    json_begin(&json, text, sizeof text);
    json_string(&json, "type", type);
    return json;
}

static void end_record(struct json *json)
{
    size_t bytes = json_end(json);
    channel_write(frame, channel_frame_encode(frame, sizeof frame, text, bytes));
}

void bench_check(const char *what, uint64_t got, uint64_t wanted)
{
    if (got == wanted) {
        return;
    }
    struct json json = begin_record("failure");
    json_string(&json, "what", what);
    json_number(&json, "got", got);
    json_number(&json, "wanted", wanted);
    end_record(&json);
    bench_exit(1);
}

void bench_begin(struct bench *b)
{
    b->round = 0;
}

void bench_sample(struct bench *b, uint32_t difference)
{
    bench_check("a row takes too many samples", b->round < BENCH_ROUNDS, true);
    if (b->round >= BENCH_WARMUPS) {
        b->samples[b->round - BENCH_WARMUPS] = difference - b->own_cost;
    }
    b->round++;
}

void bench_end(const struct bench *b, const char *row)
{
    bench_check("a row takes too few samples", b->round, BENCH_ROUNDS);
    struct json json = begin_record("result");
    json_string(&json, "name", row);
    json_number(&json, "warmups", BENCH_WARMUPS);
    json_number(&json, "own_cost", b->own_cost);
    json_numbers(&json, "samples", b->samples, BENCH_SAMPLES);
    end_record(&json);
}

void bench_calibrate(struct bench *b)
{
    b->own_cost = 0;
    bench_begin(b);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        BENCH_MEASURE(b, (void)0);
    }
    for (uint32_t i = 1; i < BENCH_SAMPLES; i++) {
        bench_check("two readings cost the same each time", b->samples[i], b->samples[0]);
    }
    b->own_cost = b->samples[0];
}

_Noreturn void bench_exit(uint32_t status)
{
    struct json json = begin_record("exit");
    json_number(&json, "status", status);
    end_record(&json);
    (void)r4_monitor_exit(R4_INIT_SLOT_MONITOR, status == 0 ? R4_EXIT_PASS : R4_EXIT_FAIL);
    bench_sleep();
}

_Noreturn void bench_sleep(void)
{
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}
