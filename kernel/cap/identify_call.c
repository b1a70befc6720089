/* SPDX-License-Identifier: MIT */
/* Owns: the calls that say what a capability is. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/mapping.h>
#include <kernel/untyped.h>
#include <r4/abi/layout.h>

static uint64_t free_bytes(const struct slot *untyped)
{
    return (UINT64_C(1) << slot_size_bits(untyped)) - untyped_state_of(untyped).watermark_bytes;
}

enum r4_err decode_cap_identify(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_cap_identify(struct call *c)
{
    const struct slot *s = c->slot;
    const struct cap_ref *ref = call_invoked(c);
    const struct slot_view view = slot_view_of(s);
    const uint8_t type = slot_type(s);
    const bool is_memory = type == R4_TYPE_UNTYPED || type == R4_TYPE_FRAME;
    const bool is_mapping = slot_has(s, SLOT_MAPPED) && !c->is_chain;

    call_result(c, 0,
                r4_cap_view_with_ttl(r4_cap_view_with_rights(view.meta, ref->rights), ref->ttl));
    call_result(c, 1, type_has_badge(type) ? cap_child_extra(ref) : 0);
    call_result(c, 2, is_memory ? s->object : 0);
    call_result(c, 3, is_mapping ? mapping_address(s->extra) : 0);
    call_result(c, 4, type == R4_TYPE_UNTYPED ? free_bytes(s) : 0);
}

enum r4_err decode_cap_table_identify(struct call *c, const struct args_cap_table_identify *a)
{
    struct cap_table *t = call_invoked_table(c);

    if (!table_has(t, a->slot)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.one.slot = table_slot_checked(t, a->slot);
    return R4_OK;
}

void commit_cap_table_identify(struct call *c)
{
    const struct slot_view view = slot_view_of(c->plan.one.slot);

    call_result(c, 0, view.meta);
    call_result(c, 1, view.badge);
}
