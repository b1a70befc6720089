/* SPDX-License-Identifier: MIT */
/*
 * lock_wait: every core makes 256 threads in one call and revokes them, again and again, so that each
 * waits for the lock behind all others. An experiment (lab.h).
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define ROUNDS     20u
#define TABLE_BITS 15u
#define ROOM_BITS  19u
#define CORES_MAX  16u
#define COUNT      256u

static uint32_t table[CORES_MAX];
static uint32_t room[CORES_MAX];
static uint32_t finished;

static void work(uint64_t core)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        lab_must("making", r4_untyped_retype(room[core], R4_TYPE_THREAD, 0, table[core], 1, COUNT));
        lab_must("revoking", r4_cap_revoke(room[core]));
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

static void work_and_sleep(uint64_t core)
{
    work(core);
    lab_sleep();
}

int main(int argc, char **argv)
{
    const uint32_t cores = lab_cores();
    (void)argc;
    (void)argv;
    lab_begin("lock_wait");
    lab_equal("too many cores", cores <= CORES_MAX, true);
    for (uint32_t i = 0; i < cores; i++) {
        table[i] = lab_make(R4_TYPE_CAP_TABLE, TABLE_BITS);
        room[i] = lab_make(R4_TYPE_UNTYPED, ROOM_BITS);
    }
    for (uint32_t i = 1; i < cores; i++) {
        (void)lab_thread(work_and_sleep, i, (r4_startup()->core + i) % cores);
    }
    work(0);
    while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < cores) {
        __builtin_ia32_pause();
    }
    return 0;
}
