/* SPDX-License-Identifier: MIT */
/* A GRANT is read a second time after it was found to be one: rights of one, slot of the other. */
#include "mutant.h"

#include <arch/word.h>
#include <kernel/proxy_word.h>

#define proxy_is_grant_for(word, peer)                                                             \
    (proxy_is_grant_for(word, peer) && ((word) = arch_word_load(c->grant_at), true))
#include "../../../kernel/proxy/resolve.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"double fetch", &scenario_one_hop};
