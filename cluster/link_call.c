/* SPDX-License-Identifier: MIT */
/* Owns: the calls on cluster links. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/link.h>

static struct link *invoked(const struct call *c)
{
    return (struct link *)(uintptr_t)c->slot->object;
}

enum r4_err decode_link_signal(struct call *c, const struct args_link_signal *a)
{
    const uint64_t badge = c->slot->extra;
    const enum r4_err err = call_may_signal(c, call_invoked(c), 0);

    if (err != R4_OK) {
        return err;
    }
    if (a->bits == 0 || (badge != 0 && (a->bits & ~badge) != 0)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->bits;
    return R4_OK;
}

void commit_link_signal(struct call *c)
{
    link_signal(c->core, invoked(c), c->plan.word[0]);
}

enum r4_err decode_link_bind(struct call *c, const struct args_link_bind *a)
{
    if (!slot_is_empty(&invoked(c)->notification_slot)) {
        return call_fail(c, R4_E_STATE, 0);
    }
    return call_signal_source(c, a->notification, 1, &c->plan.source);
}

/* What came before is delivered by the drain. */
void commit_link_bind(struct call *c)
{
    struct link *link = invoked(c);

    slot_embed(&c->plan.source, &link->notification_slot, SLOT_HOME_LINK);
    c->cluster->links_bound |= UINT64_C(1) << link->peer;
    (void)link_drain(c->core);
}

enum r4_err decode_link_info(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_link_info(struct call *c)
{
    const struct link *link = invoked(c);

    call_result(c, 0, link->peer);
    call_result(c, 1, link->distance);
    call_result(c, 2, link->sent);
    call_result(c, 3, link->received);
}
