/* SPDX-License-Identifier: MIT */
/*
 * Owns: the call that revokes. Made again after an interrupt, it is about whatever then stands in
 * the slot: who can change one's table changes what one's calls mean.
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/revoke.h>

enum r4_err decode_cap_revoke(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_cap_revoke(struct call *c)
{
    c->restart = !revoke_descendants(c->core, c->slot);
}
