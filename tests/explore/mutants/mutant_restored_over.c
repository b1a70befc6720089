/* SPDX-License-Identifier: MIT */
/* Words for one use are given back by a plain store. */
#include "mutant.h"

#include <arch/word.h>

static bool store_if_grant(uint64_t *word, uint64_t old, uint64_t new_)
{
    if (r4_proxy_kind(new_) != R4_PROXY_KIND_GRANT) {
        return arch_word_swap(word, old, new_);
    }
    host.on_word(HOST_WORD_SWAP, word);
    *word = new_;
    return true;
}

#define arch_word_swap store_if_grant
#include "../../../kernel/proxy/once.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"once, given back over the granter's word", &scenario_once_chain};
