/* SPDX-License-Identifier: MIT */
/* Link does not care whether its root is being revoked. */
#include "mutant.h"

#include <kernel/call.h>

#define call_may_multiply(c, ref, detail) ((void)(ref), R4_OK)
#include "../../../kernel/proxy/link_call.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a link below a revoke", &scenario_link_revoke};
