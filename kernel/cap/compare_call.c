/* SPDX-License-Identifier: MIT */
/* Owns: the call that compares two capabilities. No address leaves the kernel by it. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/span.h>

enum r4_err decode_cap_compare(struct call *c, const struct args_cap_compare *a)
{
    return call_slot(c, a->other, 1, R4_TYPE_ANY, 0, &c->plan.one.slot);
}

void commit_cap_compare(struct call *c)
{
    call_result(c, 0, span_relation(c->slot, c->plan.one.slot));
}
