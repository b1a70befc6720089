/* SPDX-License-Identifier: MIT */
/* A signal wakes who waits without looking whether its words still lead there. */
#include "mutant.h"

#include <kernel/notification.h>

struct thread *real_give(struct notification *n, uint64_t bits);

#define notification_give real_give
#include "../../../kernel/ipc/notification.c"
#undef notification_give

struct thread *notification_give(struct notification *n, uint64_t bits)
{
    struct thread *t = pop_waiter(n);

    give(t, bits);
    return t;
}

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a waiter that is not resolved again", &scenario_wait};
