/* SPDX-License-Identifier: MIT */
/* The last word of a chain that is kept is not compared. */
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
    const enum r4_err err = real_walk(cl, pd, start, once, out, about);

    kept->end--;
    return err;
}

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a word of a chain that is kept, not compared", &scenario_two_hops};
