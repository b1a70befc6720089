/* SPDX-License-Identifier: MIT */
#include "traffic.h"

#include <r4/abi/enums.h>
#include <r4/abi/exits.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define FIRST_CLUSTER 0u

void bench_check(const char *what, uint64_t got, uint64_t wanted)
{
    (void)what;
    if (got == wanted) {
        return;
    }
    r4_marker(R4_MARKER_FAILED);
    (void)r4_monitor_exit(R4_INIT_SLOT_MONITOR, R4_EXIT_FAIL);
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}

static uint64_t bit_of(uint32_t cluster)
{
    return UINT64_C(1) << cluster;
}

/* Each of the others has rung once. */
static void wait_for_others(const struct r4_bootinfo *info)
{
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    uint64_t heard = bit_of(FIRST_CLUSTER);
    for (uint32_t peer = FIRST_CLUSTER + 1; peer < info->clusters; peer++) {
        world_must("binding a doorbell", r4_link_bind(R4_INIT_SLOT_LINKS + peer, n));
    }
    while (heard != bit_of(info->clusters) - 1) {
        uint64_t bits = 0;
        world_must("waiting for a doorbell", r4_notification_wait(n, &bits));
        heard |= bits;
    }
}

void traffic_begin(const struct r4_bootinfo *info)
{
    if (info->cluster == FIRST_CLUSTER) {
        wait_for_others(info);
        r4_marker(R4_MARKER_BEGIN);
        return;
    }
    r4_marker(R4_MARKER_BEGIN);
    world_must("ringing",
               r4_link_signal(R4_INIT_SLOT_LINKS + FIRST_CLUSTER, bit_of(info->cluster)));
}

void traffic_round(void)
{
    r4_marker(R4_MARKER_ROUND);
    __builtin_ia32_pause();
}

_Noreturn void traffic_end(void)
{
    r4_marker(R4_MARKER_END);
    (void)r4_monitor_exit(R4_INIT_SLOT_MONITOR, R4_EXIT_PASS);
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}
