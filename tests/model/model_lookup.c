/* SPDX-License-Identifier: MIT */
/*
 * Owns: from indices to capabilities: slots, and chains of words. A chain is a USE of the caller's,
 * the GRANT it names, and so on until a GRANT names a slot.
 */
#include "model_parts.h"

#include <r4/abi/layout.h>

/* ------------------------------------------------------------------------------------------------
 * Words
 */

static bool is_word_index(uint64_t index)
{
    return (index & R4_INDEX_WORD) != 0;
}

/* A USE names a GRANT, which is a word. */
static bool is_use(uint64_t word)
{
    return r4_proxy_kind(word) == R4_PROXY_KIND_USE && r4_proxy_once(word) == 0 &&
           (word & (R4_PROXY_MBZ_MASK | R4_PROXY_ZERO_MASK)) == 0 &&
           is_word_index(r4_proxy_index(word));
}

/* A GRANT names a slot, or a USE of the same domain. */
static bool is_grant(uint64_t word)
{
    return r4_proxy_kind(word) == R4_PROXY_KIND_GRANT &&
           (word & (R4_PROXY_MBZ_MASK | R4_PROXY_ZERO_MASK)) == 0;
}

/* ------------------------------------------------------------------------------------------------
 * Chains
 */

struct walk {
    const struct model *m;
    struct model_ref *ref;
    uint32_t pd;          /* whose words are looked at */
    uint16_t near_rights; /* of the caller's USE and the first GRANT */
    uint16_t rights;      /* of what lies behind them */
};

/* The peer that stands in a slot of the domain's table, 0 for none. */
static uint32_t peer_at(const struct model *m, uint32_t pd, uint32_t slot)
{
    const uint32_t table_cap = m->object[pd].table_cap;
    const uint32_t cap = table_cap == 0 ? 0 : model_at(m, m->cap[table_cap].object, slot);

    return cap != 0 && m->cap[cap].type == R4_TYPE_PEER ? cap : 0;
}

/*
 * The GRANT at `index` of the domain at the other end of `peer`, if it is one for this end. From
 * then on the walk is in that domain.
 */
static bool enter_grant(struct walk *w, uint32_t peer, uint64_t index, uint64_t *grant)
{
    const uint64_t link = peer == 0 ? 0 : w->m->cap[peer].badge;
    const uint32_t pd = link == 0 ? 0 : model_pd_of_asid(w->m, (uint32_t)r4_peer_asid(link));
    uint64_t physical;
    bool is_marked;

    if (pd == 0 || !is_word_index(index) ||
        !model_window_word(w->m, pd, index & ~(uint64_t)R4_INDEX_WORD, grant, &is_marked,
                           &physical) ||
        !(is_marked || w->m->bug == MODEL_BUG_MARK_IGNORED) || !is_grant(*grant) ||
        r4_proxy_peer(*grant) != r4_peer_slot(link)) {
        return false;
    }
    if (r4_proxy_once(*grant) != 0) {
        w->ref->once[w->ref->once_count++] = physical;
    }
    w->ref->session = r4_session_with_index(
        r4_session_with_asid(r4_session_with_generation(r4_session_with_is_session(0, 1),
                                                        r4_asid_generation(w->m->object[pd].asid)),
                             r4_asid_index(w->m->object[pd].asid)),
        (uint32_t)index);
    w->ref->hops++;
    w->pd = pd;
    return true;
}

/* The USE at `index` of the walk's domain. */
static bool find_use(const struct walk *w, uint64_t index, uint64_t *use, uint8_t *ttl)
{
    uint64_t physical;
    bool is_marked;

    if (!model_window_word(w->m, w->pd, index & ~(uint64_t)R4_INDEX_WORD, use, &is_marked,
                           &physical) ||
        !is_use(*use)) {
        return false;
    }
    *ttl = (uint8_t)r4_proxy_ttl(*use);
    return true;
}

static bool find_root(struct walk *w, uint64_t index, uint8_t *ttl)
{
    const uint32_t table_cap = w->m->object[w->pd].table_cap;
    const uint32_t table = table_cap == 0 ? 0 : w->m->cap[table_cap].object;

    if (!model_is_slot(w->m, table, index) || model_at(w->m, table, (uint32_t)index) == 0) {
        return false;
    }
    w->ref->cap = model_at(w->m, table, (uint32_t)index);
    w->rights &= w->m->cap[w->ref->cap].rights;
    *ttl = w->m->cap[w->ref->cap].ttl;
    return true;
}

/*
 * From the first GRANT to the real capability. That what it names has not more time to live than the
 * GRANT is said of the first one only.
 */
static uint32_t follow(struct walk *w, uint64_t grant)
{
    for (uint32_t hops = 1; hops <= R4_HOPS_MAX; hops++) {
        const uint64_t index = r4_proxy_index(grant);
        const bool is_end = !is_word_index(index);
        uint64_t use = 0;
        uint8_t ttl;

        if (is_end ? !find_root(w, index, &ttl) : !find_use(w, index, &use, &ttl)) {
            return R4_E_PROXY;
        }
        if (r4_proxy_ttl(grant) >= ttl) {
            return hops == 1 ? R4_E_TTL : R4_E_PROXY;
        }
        if (is_end) {
            return R4_OK;
        }
        w->rights &= (uint16_t)r4_proxy_rights(use);
        if (!enter_grant(w, peer_at(w->m, w->pd, (uint32_t)r4_proxy_peer(use)), r4_proxy_index(use),
                         &grant) ||
            r4_proxy_ttl(use) > r4_proxy_ttl(grant)) {
            return R4_E_PROXY;
        }
        w->rights &= (uint16_t)r4_proxy_rights(grant);
    }
    return R4_E_PROXY;
}

/* ------------------------------------------------------------------------------------------------
 * Indices
 */

struct wish {
    uint8_t type;
    uint16_t rights;
    uint16_t chain_rights;
};

static struct model_refusal refuse(uint32_t error)
{
    return (struct model_refusal){error, 0};
}

static struct model_refusal find_slot(const struct model *m, uint32_t thread, uint64_t index,
                                      struct wish wish, struct model_ref *ref)
{
    const uint32_t table = model_own_table(m, thread);

    if (!model_is_slot(m, table, index)) {
        return refuse(R4_E_INDEX);
    }
    ref->cap = model_at(m, table, (uint32_t)index);
    if (ref->cap == 0) {
        return refuse(R4_E_EMPTY);
    }
    ref->rights = ref->near_rights = m->cap[ref->cap].rights;
    ref->ttl = m->cap[ref->cap].ttl;
    if (wish.type != R4_TYPE_ANY && wish.type != m->cap[ref->cap].type) {
        return refuse(R4_E_TYPE);
    }
    return refuse((wish.rights & ~ref->rights) == 0 ? R4_OK : R4_E_RIGHTS);
}

/* The caller's own word, about which everything is said. */
static uint32_t find_own_word(const struct model *m, uint32_t pd, uint64_t index, uint64_t *use)
{
    const uint64_t n = index & ~(uint64_t)R4_INDEX_WORD;
    uint64_t physical;
    bool is_marked;

    if (n * sizeof(uint64_t) >= m->object[pd].window_bytes) {
        return R4_E_INDEX;
    }
    if (!model_window_word(m, pd, n, use, &is_marked, &physical)) {
        return R4_E_UNMAPPED;
    }
    if (r4_proxy_kind(*use) == R4_PROXY_KIND_EMPTY || r4_proxy_kind(*use) == R4_PROXY_KIND_BUSY) {
        return R4_E_EMPTY;
    }
    return is_use(*use) ? R4_OK : R4_E_WORD;
}

static uint32_t check_own_peer(const struct model *m, uint32_t thread, uint32_t slot)
{
    const uint32_t table = model_own_table(m, thread);

    if (!model_is_slot(m, table, slot)) {
        return R4_E_INDEX;
    }
    if (model_at(m, table, slot) == 0) {
        return R4_E_EMPTY;
    }
    return m->cap[model_at(m, table, slot)].type == R4_TYPE_PEER ? R4_OK : R4_E_TYPE;
}

/* What a chain that holds still may be refused for; of rights, too, those nearer to the caller first. */
static uint32_t check_chain(const struct walk *w, struct wish wish)
{
    const uint16_t needed = wish.rights | wish.chain_rights;

    if (wish.type != R4_TYPE_ANY && wish.type != w->m->cap[w->ref->cap].type) {
        return R4_E_TYPE;
    }
    if ((needed & ~w->near_rights) != 0) {
        return R4_E_RIGHTS;
    }
    return (needed & ~w->rights) == 0 ? R4_OK : R4_E_PROXY;
}

/* The causes along a chain count in the order in which a walk from the caller meets them. */
static struct model_refusal find_chain(const struct model *m, uint32_t thread, uint32_t peer_slot,
                                       uint64_t index, struct wish wish, struct model_ref *ref)
{
    struct walk w = {
        .m = m,
        .ref = ref,
        .pd = model_thread_pd(m, thread),
        .near_rights = R4_RIGHTS_MASK,
        .rights = R4_RIGHTS_MASK,
    };
    const bool has_use = peer_slot == 0;
    uint64_t use = 0;
    uint64_t grant;
    uint32_t err;

    if (has_use) {
        err = find_own_word(m, w.pd, index, &use);
        if (err != R4_OK) {
            return refuse(err);
        }
        peer_slot = (uint32_t)r4_proxy_peer(use);
        index = r4_proxy_index(use);
        w.near_rights = (uint16_t)r4_proxy_rights(use);
    } else if (!is_word_index(index)) {
        return refuse(R4_E_WORD);
    }
    err = check_own_peer(m, thread, peer_slot);
    if (err != R4_OK) {
        return (struct model_refusal){err, R4_DETAIL_PEER};
    }
    if (!enter_grant(&w, peer_at(m, w.pd, peer_slot), index, &grant)) {
        return refuse(R4_E_PROXY);
    }
    if (m->bug != MODEL_BUG_CHAIN_RIGHTS) {
        w.near_rights &= (uint16_t)r4_proxy_rights(grant);
    }
    ref->is_once_near = ref->once_count != 0;
    ref->is_chain = true;
    ref->ttl = (uint8_t)(has_use ? r4_proxy_ttl(use) : r4_proxy_ttl(grant));
    if (ref->ttl > r4_proxy_ttl(grant)) {
        return refuse(R4_E_TTL);
    }
    err = follow(&w, grant);
    ref->near_rights = w.near_rights;
    ref->rights = w.near_rights & w.rights;
    return refuse(err != R4_OK ? err : check_chain(&w, wish));
}

struct model_refusal model_resolve(const struct model *m, uint32_t thread, uint32_t peer,
                                   uint64_t index, uint8_t type, uint16_t rights,
                                   uint16_t chain_rights, struct model_ref *ref)
{
    const struct wish wish = {type, rights, chain_rights};

    *ref = (struct model_ref){0};
    if (model_own_table(m, thread) == 0) {
        return refuse(R4_E_INDEX);
    }
    if (peer == 0 && !is_word_index(index)) {
        return find_slot(m, thread, index, wish, ref);
    }
    return find_chain(m, thread, peer, index, wish, ref);
}

uint32_t model_invoked(const struct model *m, uint32_t thread, uint64_t call_register)
{
    struct model_ref ref;
    const struct model_refusal refusal =
        model_resolve(m, thread, (uint32_t)r4_call_peer(call_register),
                      r4_call_index(call_register), R4_TYPE_ANY, 0, 0, &ref);

    return refusal.error == R4_OK ? ref.cap : 0;
}

/* ------------------------------------------------------------------------------------------------
 * Of a call
 */

struct model_refusal model_find_invoked(struct model_step *s)
{
    const uint64_t call_register = s->call_register;
    const uint16_t chain_rights = s->facts->modifies ? R4_RIGHT_MODIFY : 0;
    struct model_refusal refusal;

    if ((call_register & R4_CALL_MBZ_MASK) != 0) {
        return refuse(R4_E_INDEX);
    }
    if (s->facts->object == R4_TYPE_NONE) {
        return refuse(r4_call_index(call_register) == 0 && r4_call_peer(call_register) == 0
                          ? R4_OK
                          : R4_E_INDEX);
    }
    refusal = model_resolve(s->m, s->thread, (uint32_t)r4_call_peer(call_register),
                            r4_call_index(call_register), s->facts->object, s->facts->rights,
                            chain_rights, &s->ref[0]);
    s->cap = s->ref[0].cap;
    s->rights = s->ref[0].rights;
    return refusal;
}

/* What an argument of type index must be. Where the call keeps a child, a chain needs LINK. */
static struct wish wish_of(const struct model_step *s, unsigned arg)
{
    switch (s->number) {
    case R4_CALL_CAP_COPY:
    case R4_CALL_CAP_MINT:
    case R4_CALL_CAP_DERIVE:
    case R4_CALL_CAP_MOVE:
    case R4_CALL_UNTYPED_RETYPE:
    case R4_CALL_IO_NARROW:
    case R4_CALL_IRQ_GET:
        return (struct wish){R4_TYPE_CAP_TABLE, R4_RIGHT_WRITE, 0};
    case R4_CALL_PD_CONFIGURE:
        return (struct wish){R4_TYPE_CAP_TABLE, R4_RIGHT_CONTROL, R4_RIGHT_LINK};
    case R4_CALL_CAP_TABLE_MAP_VIEW:
    case R4_CALL_PAGE_TABLE_MAP:
    case R4_CALL_FRAME_MAP:
    case R4_CALL_ASID_ASSIGN:
    case R4_CALL_PEER_BIND:
        return (struct wish){R4_TYPE_PD, R4_RIGHT_CONTROL, 0};
    case R4_CALL_THREAD_CONFIGURE:
        return (struct wish){R4_TYPE_PD, R4_RIGHT_CONTROL, R4_RIGHT_LINK};
    case R4_CALL_THREAD_BIND_FAULT:
    case R4_CALL_IRQ_BIND:
    case R4_CALL_LINK_BIND:
        return (struct wish){R4_TYPE_NOTIFICATION, R4_RIGHT_SIGNAL, R4_RIGHT_LINK};
    case R4_CALL_THREAD_ATTACH:
        return (struct wish){R4_TYPE_FRAME, R4_RIGHT_READ | R4_RIGHT_WRITE, R4_RIGHT_MODIFY};
    case R4_CALL_CAP_COMPARE:
        return (struct wish){R4_TYPE_ANY, 0, 0};
    default:
        model_unknown(s, "index in argument", arg);
    }
}

/* A table as destination may be left out: then it is one's own. */
static bool is_optional(const struct model_step *s, unsigned arg)
{
    return s->number != R4_CALL_PD_CONFIGURE && wish_of(s, arg).type == R4_TYPE_CAP_TABLE;
}

/* A frame of another kind of memory is of the wrong type, before its rights count. */
static bool is_foreign_frame(const struct model_step *s, uint64_t index)
{
    struct model_ref ref;

    return model_resolve(s->m, s->thread, 0, index, R4_TYPE_FRAME, 0, 0, &ref).error == R4_OK &&
           (s->m->cap[ref.cap].is_device || s->m->cap[ref.cap].is_shared);
}

struct model_refusal model_find_argument(struct model_step *s, unsigned arg)
{
    const uint64_t index = s->word[arg - 1u];
    const struct wish wish = wish_of(s, arg);

    if (index == 0 && is_optional(s, arg)) {
        return refuse(model_own_table(s->m, s->thread) != 0 ? R4_OK : R4_E_INDEX);
    }
    if (s->number == R4_CALL_THREAD_ATTACH && is_foreign_frame(s, index)) {
        return refuse(R4_E_TYPE);
    }
    return model_resolve(s->m, s->thread, 0, index, wish.type, wish.rights, wish.chain_rights,
                         &s->ref[arg]);
}

uint32_t model_dest_table(const struct model_step *s, unsigned arg)
{
    const uint32_t cap = s->ref[arg].cap;

    return cap != 0 ? s->m->cap[cap].object : model_own_table(s->m, s->thread);
}
