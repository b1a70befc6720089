/* SPDX-License-Identifier: MIT */
/* A signal wakes who waits without looking whether its words still lead there. */
#include "mutant.h"

#include <kernel/notification.h>

void real_signal(struct core *core, struct notification *n, uint64_t bits);

#define notification_signal real_signal
#include "../../../kernel/ipc/notification.c"
#undef notification_signal

void notification_signal(struct core *core, struct notification *n, uint64_t bits)
{
    struct thread *t = pop_waiter(n);

    if (t == NULL) {
        n->bits |= bits;
        return;
    }
    thread_set_reply(t, R4_OK);
    arch_regs_set_word(&t->context.regs, 0, bits);
    sched_ready(core, t);
}

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a waiter that is not resolved again", &scenario_wait};
