/* SPDX-License-Identifier: MIT */
#include "domain.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>
#include <string.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)

void domain_make(const struct domain_env *env, struct domain *d, uint32_t memory,
                 uint64_t window_bytes)
{
    uint32_t pd = 0;
    r4_holdings_init(&d->holdings, env->slots);
    d->memory = memory;
    env->must("making a domain", r4_holdings_make(&d->holdings, memory, R4_TYPE_PD, 0, 1, &pd));
    env->must("configuring it", r4_pd_configure(pd, env->table, env->window, window_bytes));
    env->must("giving it an ASID", r4_asid_assign(env->asids, pd, &d->asid));
    d->vspace = (struct r4_vspace){.pd = pd, .untyped = memory, .holdings = &d->holdings};
}

uint32_t domain_page(const struct domain_env *env, struct domain *d, uint64_t address,
                     const uint64_t *words, uint32_t count)
{
    uint32_t frame = 0;
    env->must("making a page of a window",
              r4_holdings_make(&d->holdings, d->memory, R4_TYPE_FRAME, R4_PAGE_BITS, 1, &frame));
    env->must("mapping it here", r4_vspace_map(env->self, frame, env->fill, READ_WRITE));
    memcpy((void *)env->fill, words, count * sizeof *words);
    env->must("unmapping it", r4_frame_unmap(frame));
    env->must("mapping it there", r4_vspace_map(&d->vspace, frame, address, READ_WRITE));
    return frame;
}

void domain_end(const struct domain_env *env, struct domain *d)
{
    env->must("ending a domain", r4_cap_revoke(d->memory));
    r4_holdings_release(&d->holdings);
}
