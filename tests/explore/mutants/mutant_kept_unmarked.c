/* SPDX-License-Identifier: MIT */
/* What walks found is not forgotten when a page loses its mark. */
#include "mutant.h"

#include <kernel/pd.h>

#define pd_forget_pages(pd) ((void)(pd))
#include "../../../kernel/proxy/mark_call.c"

const uint64_t explore_fence_call = R4_CALL_FENCE;
const struct mutant mutant = {"a page that is known after its mark has gone", &scenario_marks};
