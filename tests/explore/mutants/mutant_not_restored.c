/* SPDX-License-Identifier: MIT */
/* Words for one use are not given back when the call does not come to its end. */
#include "mutant.h"

#include <arch/word.h>

static bool swap_but_restore(uint64_t *word, uint64_t old, uint64_t new_)
{
    return r4_proxy_kind(new_) == R4_PROXY_KIND_GRANT || arch_word_swap(word, old, new_);
}

#define arch_word_swap swap_but_restore
#include "../../../kernel/proxy/once.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"once, not given back after a refusal", &scenario_once_chain};
