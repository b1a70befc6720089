/* SPDX-License-Identifier: MIT */
/* Chains that are kept are not forgotten when a page loses its mark. */
#include "mutant.h"

#include <kernel/cluster.h>

#define cluster_forget_chains(cl) ((void)(cl))
#include "../../../kernel/proxy/mark_call.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a chain that is kept after the mark of its page has gone",
                              &scenario_marks};
