/* SPDX-License-Identifier: MIT */
#include "door.h"

#include <kernel/cluster.h>

static void account(struct core *core, uint64_t now)
{
    uint64_t *longest = &core->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];
    const uint64_t spent = now - core->entered_at;

    if (spent > *longest) {
        *longest = spent;
    }
}

void door_account(struct core *core)
{
    account(core, arch_cycles());
}

NOINLINE struct thread *door_release_long(struct core *core)
{
    const uint64_t now = arch_cycles();
    const uint64_t *hold = &core->cluster->counters[R4_COUNTER_LOCK_LONGEST_HOLD];
    const uint64_t *entry = &core->counters[R4_COUNTER_LONGEST_IRQS_OFF - CORE_COUNTER_BASE];

    account(core, now);
    lock_release(core, now);
    core->known_stretch = (uint32_t)(*hold < *entry ? *hold : *entry);
    return core->current;
}

NOINLINE bool door_drain(struct core *core)
{
    return link_drain(core);
}
