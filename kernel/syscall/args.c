/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the arguments of different calls have in common: exact errors for slots, destinations
 * and handing on.
 */
#include <kernel/call.h>
#include <kernel/derive.h>

static struct cap_table *own_table(const struct call *c)
{
    const struct pd *pd = thread_pd(c->thread);

    return pd == NULL ? NULL : pd_table(pd);
}

enum r4_err call_slot(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                      uint16_t rights, struct slot **out)
{
    struct cap_table *t = own_table(c);
    struct slot *s;

    if (t == NULL || !table_has(t, index)) {
        return call_fail(c, R4_E_INDEX, detail);
    }
    s = table_slot(t, index);
    if (!slot_is_live(s)) {
        return call_fail(c, R4_E_EMPTY, detail);
    }
    if (type != R4_TYPE_ANY && slot_type(s) != type) {
        return call_fail(c, R4_E_TYPE, detail);
    }
    if ((slot_rights(s) & rights) != rights) {
        return call_fail(c, R4_E_RIGHTS, detail);
    }
    *out = s;
    return R4_OK;
}

enum r4_err call_dest_table(struct call *c, uint32_t table, uint32_t detail, struct cap_table **out)
{
    struct slot *s;
    enum r4_err err;

    if (table == 0) {
        struct cap_table *own = own_table(c);

        if (own == NULL) {
            return call_fail(c, R4_E_INDEX, detail);
        }
        *out = own;
        return R4_OK;
    }
    err = call_slot(c, table, detail, R4_TYPE_CAP_TABLE, R4_RIGHT_WRITE, &s);
    if (err != R4_OK) {
        return err;
    }
    *out = table_of(s);
    return R4_OK;
}

enum r4_err call_dest(struct call *c, uint32_t table, uint32_t table_detail, uint32_t number,
                      uint32_t number_detail, struct cap_table **table_out, struct slot **out)
{
    struct cap_table *t;
    struct slot *s;
    enum r4_err err = call_dest_table(c, table, table_detail, &t);

    if (err != R4_OK) {
        return err;
    }
    if (!table_has(t, number)) {
        return call_fail(c, R4_E_RANGE, number_detail);
    }
    s = table_slot(t, number);
    if (!slot_is_empty(s)) {
        return call_fail(c, R4_E_OCCUPIED, number_detail);
    }
    *table_out = t;
    *out = s;
    return R4_OK;
}

struct cap_table *call_invoked_table(const struct call *c)
{
    return table_of(c->slot);
}

enum r4_err call_table_slot(struct call *c, uint32_t number, uint32_t detail, struct slot **out)
{
    struct cap_table *t = call_invoked_table(c);

    if (!table_has(t, number)) {
        return call_fail(c, R4_E_RANGE, detail);
    }
    if (!slot_is_live(table_slot(t, number))) {
        return call_fail(c, R4_E_EMPTY, detail);
    }
    *out = table_slot(t, number);
    return R4_OK;
}

enum r4_err call_may_create(struct call *c, const struct slot *source, uint32_t detail)
{
    if (slot_has(source, SLOT_FROZEN | SLOT_REVOKING)) {
        return call_fail(c, R4_E_REVOKING, detail);
    }
    return c->cluster->freezing.top == NULL ? R4_OK : CALL_FREEZE_FIRST;
}

enum r4_err call_may_derive(struct call *c, const struct slot *source, uint32_t detail)
{
    if (slot_ttl(source) == 0) {
        return call_fail(c, R4_E_TTL, detail);
    }
    return call_may_create(c, source, detail);
}

enum r4_err call_map_source(struct call *c, uint32_t pd_index, struct pd **out)
{
    struct slot *s;
    struct pd *pd;
    enum r4_err err;

    if (slot_has(c->slot, SLOT_MAPPED)) {
        return call_fail(c, R4_E_MAPPED, 0);
    }
    if (slot_has(c->slot, SLOT_FROZEN)) {
        return call_fail(c, R4_E_REVOKING, 0);
    }
    if (slot_type(c->slot) == R4_TYPE_PAGE_TABLE && derive_has_relatives(c->slot)) {
        return call_fail(c, R4_E_BUSY, 0);
    }
    err = call_slot(c, pd_index, 1, R4_TYPE_PD, R4_RIGHT_CONTROL, &s);
    if (err != R4_OK) {
        return err;
    }
    pd = pd_of(s);
    if (pd->asid == 0) {
        return call_fail(c, R4_E_STATE, 1);
    }
    *out = pd;
    return R4_OK;
}
