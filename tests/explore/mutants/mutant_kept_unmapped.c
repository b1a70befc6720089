/* SPDX-License-Identifier: MIT */
/* Chains that are kept are not forgotten when a page is unmapped. */
#include "mutant.h"

#include <kernel/cluster.h>

#define cluster_forget_chains(cl) ((void)(cl))
#include "../../../kernel/mem/vspace.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a chain that is kept after its page was unmapped", &scenario_marks};
