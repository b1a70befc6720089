/* SPDX-License-Identifier: MIT */
/* A fence that enters the kernel and does not wait for the lock. */
#include "mutant.h"

const uint64_t explore_fence_call = R4_CALL_NULL;
const struct mutant mutant = {"a fence that waits for nobody", &scenario_fence};
