/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the arguments of different calls have in common: exact errors for slots, destinations
 * and handing on.
 */
#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/proxy_word.h>
#include <lib/hints.h>
#include <r4/abi/layout.h>

/* A thread that makes a call has a PD. */
static struct cap_table *own_table(const struct call *c)
{
    return pd_table(pd_of(&c->thread->pd_slot));
}

const struct cap_ref *call_invoked(struct call *c)
{
    if (!c->is_chain) {
        c->ref = cap_ref_own(c->slot);
    }
    return &c->ref;
}

enum r4_err call_has_rights(struct call *c, const struct cap_ref *ref, uint16_t rights,
                            uint32_t detail)
{
    if ((ref->near_rights & rights) != rights) {
        return call_fail(c, R4_E_RIGHTS, detail);
    }
    return (ref->rights & rights) == rights ? R4_OK : call_fail(c, R4_E_PROXY, detail);
}

/* The capability at the end of the chain that begins at a word of the caller's window. */
static NOINLINE enum r4_err chain_ref(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                                      uint16_t rights, struct cap_ref *out)
{
    const struct proxy_start start = {.index = index};
    uint32_t about = 0;
    const enum r4_err err =
        proxy_resolve(c->cluster, thread_pd(c->thread), start, &c->once, out, &about);

    if (err != R4_OK) {
        return call_fail(c, err, detail | about);
    }
    if (type != R4_TYPE_ANY && slot_type(out->slot) != type) {
        return call_fail(c, R4_E_TYPE, detail);
    }
    return call_has_rights(c, out, rights, detail);
}

/*
 * A slot of the caller's own of this type and with these rights; NULL if there is anything to be
 * said. The index of a word is beyond all tables.
 */
static ALWAYS_INLINE struct slot *find_own(const struct call *c, uint32_t index, uint8_t type,
                                           uint16_t rights)
{
    const uint64_t needed = (uint64_t)type << SLOT_TYPE_SHIFT | (uint64_t)rights
                                                                    << SLOT_RIGHTS_SHIFT;
    const uint64_t mask = UINT64_C(0xff) << SLOT_TYPE_SHIFT | (uint64_t)rights << SLOT_RIGHTS_SHIFT;
    struct cap_table *t = own_table(c);
    struct slot *s;

    if (UNLIKELY(t == NULL || !table_has(t, index))) {
        return NULL;
    }
    s = table_slot_checked(t, index);
    return LIKELY((s->meta & mask) == needed) ? s : NULL;
}

_Static_assert(1u << (R4_CAP_TABLE_MAX_BITS - TABLE_SLOT_SHARE_BITS) <= R4_INDEX_WORD,
               "no table has the slot that a word's index would be");

static ALWAYS_INLINE enum r4_err own_slot(struct call *c, uint32_t index, uint32_t detail,
                                          uint8_t type, uint16_t rights, struct slot **out)
{
    struct cap_table *t = own_table(c);
    struct slot *s;

    if (t == NULL || !table_has(t, index)) {
        return call_fail(c, R4_E_INDEX, detail);
    }
    s = table_slot_checked(t, index);
    if (slot_is_empty(s)) {
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

enum r4_err call_ref(struct call *c, uint32_t index, uint32_t detail, uint8_t type, uint16_t rights,
                     struct cap_ref *out)
{
    struct slot *s = NULL;
    enum r4_err err;

    if (UNLIKELY(index_is_word(index))) {
        return chain_ref(c, index, detail, type, rights, out);
    }
    err = own_slot(c, index, detail, type, rights, &s);
    if (err == R4_OK) {
        *out = cap_ref_own(s);
    }
    return err;
}

static NOINLINE enum r4_err chain_slot(struct call *c, uint32_t index, uint32_t detail,
                                       uint8_t type, uint16_t rights, struct slot **out)
{
    struct cap_ref ref;
    const enum r4_err err = chain_ref(c, index, detail, type, rights, &ref);

    if (err == R4_OK) {
        *out = ref.slot;
    }
    return err;
}

enum r4_err call_slot(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                      uint16_t rights, struct slot **out)
{
    return UNLIKELY(index_is_word(index)) ? chain_slot(c, index, detail, type, rights, out)
                                          : own_slot(c, index, detail, type, rights, out);
}

enum r4_err call_source(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                        uint16_t rights, struct cap_ref *out)
{
    const uint16_t link = index_is_word(index) ? R4_RIGHT_LINK : 0;
    const enum r4_err err = call_ref(c, index, detail, type, rights | link, out);

    return err == R4_OK ? call_may_derive(c, out, detail) : err;
}

enum r4_err call_may_signal(struct call *c, const struct cap_ref *ref, uint32_t detail)
{
    const uint64_t badge = ref->slot->extra;
    const bool is_minted = badge != 0 && (badge & R4_SESSION_IS_SESSION_MASK) == 0;

    return is_minted || (badge == 0 && ref->session == 0) ? R4_OK
                                                          : call_fail(c, R4_E_BADGE, detail);
}

enum r4_err call_signal_source(struct call *c, uint32_t index, uint32_t detail, struct cap_ref *out)
{
    const enum r4_err err =
        call_source(c, index, detail, R4_TYPE_NOTIFICATION, R4_RIGHT_SIGNAL, out);

    return err == R4_OK ? call_may_signal(c, out, detail) : err;
}

static NOINLINE enum r4_err other_table(struct call *c, uint32_t table, uint32_t detail,
                                        struct cap_table **out)
{
    struct slot *s;
    const enum r4_err err = call_slot(c, table, detail, R4_TYPE_CAP_TABLE, R4_RIGHT_WRITE, &s);

    if (err == R4_OK) {
        *out = table_of(s);
    }
    return err;
}

enum r4_err call_dest_table(struct call *c, uint32_t table, uint32_t detail, struct cap_table **out)
{
    if (UNLIKELY(table != 0)) {
        return other_table(c, table, detail, out);
    }
    *out = own_table(c);
    return *out != NULL ? R4_OK : call_fail(c, R4_E_INDEX, detail);
}

static ALWAYS_INLINE enum r4_err place_in(struct call *c, struct cap_table *t, uint32_t number,
                                          uint32_t detail, struct slot_place *out)
{
    if (UNLIKELY(!table_has(t, number))) {
        return call_fail(c, R4_E_RANGE, detail);
    }
    *out = table_place(t, number);
    return slot_is_empty(out->slot) ? R4_OK : call_fail(c, R4_E_OCCUPIED, detail);
}

static NOINLINE enum r4_err other_dest(struct call *c, uint32_t table, uint32_t table_detail,
                                       uint32_t number, uint32_t number_detail,
                                       struct slot_place *out)
{
    struct cap_table *t;
    const enum r4_err err = other_table(c, table, table_detail, &t);

    return err == R4_OK ? place_in(c, t, number, number_detail, out) : err;
}

enum r4_err call_dest(struct call *c, uint32_t table, uint32_t table_detail, uint32_t number,
                      uint32_t number_detail, struct slot_place *out)
{
    struct cap_table *own = own_table(c);

    if (UNLIKELY(table != 0)) {
        return other_dest(c, table, table_detail, number, number_detail, out);
    }
    return own != NULL ? place_in(c, own, number, number_detail, out)
                       : call_fail(c, R4_E_INDEX, table_detail);
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
    if (!slot_is_live(table_slot_checked(t, number))) {
        return call_fail(c, R4_E_EMPTY, detail);
    }
    *out = table_slot_checked(t, number);
    return R4_OK;
}

enum r4_err call_may_create(struct call *c, const struct slot *source, uint32_t detail)
{
    if (slot_has(source, SLOT_FROZEN | SLOT_REVOKING)) {
        return call_fail(c, R4_E_REVOKING, detail);
    }
    return c->cluster->freezing.top == NULL ? R4_OK : CALL_FREEZE_FIRST;
}

enum r4_err call_may_multiply(struct call *c, const struct cap_ref *source, uint32_t detail)
{
    if (UNLIKELY(source->is_once)) {
        return call_fail(c, source->is_once_near ? R4_E_ONCE : R4_E_PROXY, detail);
    }
    if (UNLIKELY(slot_has(source->slot, SLOT_MARKED))) {
        return call_fail(c, R4_E_MARKED, detail);
    }
    return call_may_create(c, source->slot, detail);
}

enum r4_err call_may_derive(struct call *c, const struct cap_ref *source, uint32_t detail)
{
    if (source->ttl == 0) {
        return call_fail(c, R4_E_TTL, detail);
    }
    return call_may_multiply(c, source, detail);
}

enum r4_err call_untyped_is_free(struct call *c, const struct slot *source)
{
    if (slot_type(source) != R4_TYPE_UNTYPED || !derive_has_children(source)) {
        return R4_OK;
    }
    return call_must_reap(c) ? R4_OK : call_fail(c, R4_E_BUSY, 0);
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

struct pd *call_map_glance(const struct call *c, uint32_t pd_index)
{
    const struct slot *s = find_own(c, pd_index, R4_TYPE_PD, R4_RIGHT_CONTROL);

    if (UNLIKELY(s == NULL || slot_has(c->slot, SLOT_MAPPED | SLOT_FROZEN))) {
        return NULL;
    }
    return pd_of(s)->asid != 0 ? pd_of(s) : NULL;
}
