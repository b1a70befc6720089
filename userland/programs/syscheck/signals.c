/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of notifications: bits, waiting, ping-pong between cores, broken-off waits.
 */
#include "check.h"

#include <r4/thread.h>

#define PING        SLOT(0)
#define PONG        SLOT(1)
#define BADGED      SLOT(2)
#define WORKER      SLOT(3)
#define ROUNDS      200u
#define STACK_BYTES 4096u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t received;
static uint32_t wait_err; /* how the worker's last wait ended */

static struct r4_result signal(uint32_t notification)
{
    return r4_invoke0(notification, R4_CALL_NOTIFICATION_SIGNAL);
}

static struct r4_result wait(uint32_t notification)
{
    return r4_invoke0(notification, R4_CALL_NOTIFICATION_WAIT);
}

static struct r4_result poll(uint32_t notification)
{
    return r4_invoke0(notification, R4_CALL_NOTIFICATION_POLL);
}

static void stop_here(void)
{
    for (;;) {
        (void)r4_invoke0(WORKER, R4_CALL_THREAD_SUSPEND);
    }
}

static void answer(uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++) {
        if (wait(PING).err == R4_OK) {
            __atomic_fetch_add(&received, 1, __ATOMIC_RELAXED);
        }
        (void)signal(PONG);
    }
    stop_here();
}

/* Waits twice and says how each wait ended. */
static void wait_in_vain(uint64_t unused)
{
    (void)unused;
    for (;;) {
        uint32_t err = wait(PING).err;
        __atomic_store_n(&wait_err, err, __ATOMIC_RELEASE);
        (void)signal(PONG);
        if (err != R4_E_CANCELED) {
            stop_here();
        }
    }
}

static void start_worker(void (*entry)(uint64_t), uint64_t arg, uint32_t core)
{
    const struct r4_thread_spec spec = {
        .entry = entry,
        .arg = arg,
        .stack = stack,
        .stack_bytes = STACK_BYTES,
        .core = core,
        .priority = (uint8_t)r4_startup()->priority,
    };
    check_equal("start a worker", r4_thread_make(WORKER, &spec), R4_OK);
}

static void check_bits(void)
{
    check_ok("make two notifications", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, PING, 2));
    check("poll without a signal", poll(PING), R4_E_AGAIN, 0);
    check_ok("signal", signal(PING));
    check_ok("signal again", signal(PING));
    check_equal("signals merge", check_ok("poll", poll(PING)).m[0], 1);
    check("they were taken", poll(PING), R4_E_AGAIN, 0);
    check_ok("mint", r4_invoke3(PING, R4_CALL_CAP_MINT, 0, BADGED, 0x24));
    check_ok("signal with a badge", signal(BADGED));
    check_ok("signal without", signal(PING));
    check_equal("bits of both", check_ok("wait", wait(PING)).m[0], 0x25);
    check_ok("delete the badge", call_delete(BADGED));
}

static void check_ping_pong(void)
{
    for (uint32_t core = 0; core < r4_startup()->cores; core++) {
        __atomic_store_n(&received, 0, __ATOMIC_RELAXED);
        start_worker(answer, ROUNDS, core);
        for (uint32_t i = 0; i < ROUNDS; i++) {
            check_ok("ping", signal(PING));
            check_ok("pong", wait(PONG));
        }
        check_equal("every ping arrived", __atomic_load_n(&received, __ATOMIC_RELAXED), ROUNDS);
        check_ok("delete the worker", call_delete(WORKER));
    }
}

static void wait_until_it_waits(void)
{
    uint32_t rounds = 0;
    while (r4_invoke0(WORKER, R4_CALL_THREAD_STATE).m[0] != R4_THREAD_STATE_WAITING &&
           wait_a_little(&rounds)) {
    }
    check_equal("the worker waits", r4_invoke0(WORKER, R4_CALL_THREAD_STATE).m[0],
                R4_THREAD_STATE_WAITING);
}

static void check_broken_off(void)
{
    start_worker(wait_in_vain, 0, r4_startup()->cores - 1);
    wait_until_it_waits();
    check_ok("suspend it", r4_invoke0(WORKER, R4_CALL_THREAD_SUSPEND));
    check_ok("resume it", r4_invoke0(WORKER, R4_CALL_THREAD_RESUME));
    check_ok("it says", wait(PONG));
    check_equal("canceled", __atomic_load_n(&wait_err, __ATOMIC_ACQUIRE), R4_E_CANCELED);
    wait_until_it_waits();
    check_ok("destroy what it waits for", call_delete(PING));
    check_ok("it says", wait(PONG));
    check_equal("dead", __atomic_load_n(&wait_err, __ATOMIC_ACQUIRE), R4_E_DEAD);
    check_ok("delete the worker", call_delete(WORKER));
    check_ok("delete the other", call_delete(PONG));
}

void check_signals(void)
{
    check_bits();
    check_ping_pong();
    check_broken_off();
}
