/* SPDX-License-Identifier: MIT */
/* Words for one use stay busy when the call is to be made again. */
#include "mutant.h"

#include <kernel/proxy.h>

void real_give_back(struct once_words *once);

#define once_give_back real_give_back
#include "../../../kernel/proxy/once.c"
#undef once_give_back

void once_give_back(struct once_words *once)
{
    (void)once;
}

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"once, not given back at a restart", &scenario_once_restart};
