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
    enum r4_err err;

    if (!slot_is_empty(&invoked(c)->notification_slot)) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err =
        call_slot(c, a->notification, 1, R4_TYPE_NOTIFICATION, R4_RIGHT_SIGNAL, &c->plan.one.slot);
    if (err != R4_OK) {
        return err;
    }
    return call_may_derive(c, c->plan.one.slot, 1);
}

/* What came before is delivered by the drain. */
void commit_link_bind(struct call *c)
{
    struct link *link = invoked(c);

    slot_embed(c->plan.one.slot, &link->notification_slot, SLOT_HOME_LINK);
    c->cluster->links_bound |= UINT64_C(1) << link->peer;
    link_drain(c->core);
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
