/* SPDX-License-Identifier: MIT */
/* Chains that are kept are not forgotten when a peer is cut. */
#include "mutant.h"

#include <kernel/cluster.h>

#define cluster_forget_chains(cl) ((void)(cl))
#include "../../../kernel/proxy/peer.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a chain that is kept after its peer was cut", &scenario_cut};
