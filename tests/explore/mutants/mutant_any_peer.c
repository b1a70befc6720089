/* SPDX-License-Identifier: MIT */
/* Whom a GRANT is for is not compared. */
#include "mutant.h"

#include <kernel/proxy_word.h>

#define proxy_is_grant_for(word, peer)                                                             \
    ((void)(peer), proxy_is_grant_for(word, (uint32_t)r4_proxy_peer(word)))
#include "../../../kernel/proxy/resolve.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a GRANT for another peer", &scenario_one_hop};
