/* SPDX-License-Identifier: MIT */
/* Owns: the call that makes a real capability out of a chain. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>

/* As cap_child_meta, but what the last GRANT cost is all that it costs. */
static uint64_t linked_meta(const struct cap_ref *ref)
{
    struct cap_ref longer = *ref;

    longer.ttl++;
    return cap_child_meta(&longer, R4_RIGHTS_DEFINED);
}

enum r4_err decode_cap_link(struct call *c, const struct args_cap_link *a)
{
    enum r4_err err;

    c->reap_first = false;
    if (!c->is_chain) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err = call_may_multiply(c, &c->ref, 0);
    if (err == R4_OK) {
        err = call_untyped_is_free(c, c->slot);
    }
    if (err != R4_OK || c->reap_first) {
        return err;
    }
    err = call_dest(c, 0, 1, a->dest, 1, &c->plan.make.to);
    if (err != R4_OK) {
        return err;
    }
    c->plan.make.meta = linked_meta(&c->ref);
    c->plan.make.extra = cap_child_extra(&c->ref);
    return R4_OK;
}

void commit_cap_link(struct call *c)
{
    call_make_child(c);
}
