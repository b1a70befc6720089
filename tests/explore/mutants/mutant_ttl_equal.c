/* SPDX-License-Identifier: MIT */
/* A GRANT may live as long as the capability that it names. */
#include "mutant.h"

#include <kernel/slot.h>

#define slot_ttl(s) (slot_ttl(s) + 1u)
#include "../../../kernel/proxy/resolve.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"time to live that does not fall", &scenario_one_hop};
