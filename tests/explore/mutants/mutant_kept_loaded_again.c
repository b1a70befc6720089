/* SPDX-License-Identifier: MIT */
/* Words that were loaded to compare are loaded again by the walk. */
#include "mutant.h"

#include <kernel/proxy.h>

enum r4_err real_walk(const struct cluster *cl, struct pd *pd, struct proxy_start start,
                      struct once_words *once, struct cap_ref *out, uint32_t *about);

#define proxy_walk real_walk
#include "../../../kernel/proxy/resolve.c"
#undef proxy_walk

enum r4_err proxy_walk(const struct cluster *cl, struct pd *pd, struct proxy_start start,
                       struct once_words *once, struct cap_ref *out, uint32_t *about)
{
    struct kept_chain *kept = proxy_kept(pd, start);

    kept->end = kept->word;
    for (uint32_t i = 0; i < CHAIN_WORDS_MAX; i++) {
        kept->word[i].at = NULL;
    }
    return real_walk(cl, pd, start, once, out, about);
}

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a word that is loaded to compare and again to walk",
                              &scenario_two_hops};
