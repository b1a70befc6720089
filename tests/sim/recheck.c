/* SPDX-License-Identifier: MIT */
#include "recheck.h"

#include <arch/mmu.h>
#include <kernel/vspace.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

uint64_t recheck_now(const uint64_t *at)
{
    return *at;
}

uint64_t *recheck_word(const struct pd *pd, uint32_t index, bool must_be_marked)
{
    const uint64_t low = index & (R4_INDEX_WORD - 1u);
    const uint64_t va = pd->window_base + low * 8u;
    struct vspace_place at;
    uint64_t leaf;

    if ((index & R4_INDEX_WORD) == 0 || low >= pd->window_bytes / 8u || pd->asid == 0) {
        return NULL;
    }
    at = vspace_walk(pd, va, 1);
    leaf = vspace_load(at.entry);
    if (!arch_pte_is_present(leaf) || !arch_pte_is_leaf(leaf, at.level) ||
        (leaf & ARCH_PTE_OWN) == 0 || (must_be_marked && (leaf & ARCH_PTE_MARK) == 0)) {
        return NULL;
    }
    return arch_dmap_ptr(
        (struct paddr){arch_pte_paddr(leaf, at.level).a +
                       (va & ((UINT64_C(1) << vspace_level_bits(at.level)) - 1u))});
}

static bool is_clean(uint64_t word)
{
    return (word & (R4_PROXY_ZERO_MASK | R4_PROXY_MBZ_MASK)) == 0;
}

static bool is_use(uint64_t word)
{
    return r4_proxy_kind(word) == R4_PROXY_KIND_USE && r4_proxy_once(word) == 0 && is_clean(word) &&
           (r4_proxy_index(word) & R4_INDEX_WORD) != 0;
}

/* The peer in slot `n` of the domain's table: OK, or why there is none. */
static enum r4_err peer_in(const struct pd *pd, uint32_t n, uint64_t *link)
{
    struct cap_table *t = pd_table(pd);
    const struct slot *s;

    if (t == NULL || !table_has(t, n)) {
        return R4_E_INDEX;
    }
    s = table_slot(t, n);
    if (slot_is_empty(s)) {
        return R4_E_EMPTY;
    }
    *link = s->extra;
    return slot_type(s) == R4_TYPE_PEER ? R4_OK : R4_E_TYPE;
}

/* The caller's own word; its rights and time to live go to `r`. */
static enum r4_err own_use(const struct pd *pd, uint32_t index, recheck_read *read, uint64_t *use)
{
    const uint64_t *at = recheck_word(pd, index, false);

    if ((index & (R4_INDEX_WORD - 1u)) >= pd->window_bytes / 8u) {
        return R4_E_INDEX;
    }
    if (at == NULL) {
        return R4_E_UNMAPPED;
    }
    *use = read(at);
    if (is_use(*use)) {
        return R4_OK;
    }
    return r4_proxy_kind(*use) == R4_PROXY_KIND_EMPTY || r4_proxy_kind(*use) == R4_PROXY_KIND_BUSY
               ? R4_E_EMPTY
               : R4_E_WORD;
}

/* The slot to which the last GRANT leads. */
static enum r4_err reach(const struct pd *granter, uint64_t grant, struct recheck *r)
{
    struct cap_table *t = pd_table(granter);
    const uint32_t n = (uint32_t)r4_proxy_index(grant);

    if (t == NULL || !table_has(t, n) || slot_is_empty(table_slot(t, n))) {
        return R4_E_PROXY;
    }
    r->root = table_slot(t, n);
    if (r4_proxy_ttl(grant) >= slot_ttl(r->root)) {
        return R4_E_TTL;
    }
    r->rights &= slot_rights(r->root);
    return R4_OK;
}

struct place {
    uint64_t link;   /* of the peer through which the GRANT is looked for */
    uint32_t target; /* its index */
    uint8_t use_ttl;
    bool is_direct; /* no USE leads there */
};

/* One GRANT; true: it leads on to a USE, and `at` is there. */
static bool hop(const struct cluster *cl, struct place *at, recheck_read *read, struct recheck *r)
{
    const uint32_t asid = (uint32_t)r4_peer_asid(at->link);
    const struct pd *granter =
        asid_find(&cl->asids, r4_asid_index(asid), (uint16_t)r4_asid_generation(asid));
    const uint64_t *where = granter == NULL ? NULL : recheck_word(granter, at->target, true);
    const uint64_t *next;
    uint64_t grant;
    uint64_t use;

    r->err = R4_E_PROXY;
    if (where == NULL) {
        return false;
    }
    grant = read(where);
    if (r4_proxy_kind(grant) != R4_PROXY_KIND_GRANT || !is_clean(grant) ||
        r4_proxy_peer(grant) != r4_peer_slot(at->link)) {
        return false;
    }
    r->hops++;
    r->rights &= (uint16_t)r4_proxy_rights(grant);
    r->is_once |= r4_proxy_once(grant) != 0;
    if (r->hops == 1) {
        r->near_rights = r->rights;
        r->ttl = at->is_direct ? (uint8_t)r4_proxy_ttl(grant) : at->use_ttl;
    }
    if (r4_proxy_ttl(grant) < at->use_ttl) {
        r->err = R4_E_TTL;
        return false;
    }
    if ((r4_proxy_index(grant) & R4_INDEX_WORD) == 0) {
        r->session = R4_SESSION_IS_SESSION_MASK | at->target |
                     (uint64_t)r4_asid_index(asid) << R4_SESSION_ASID_LO |
                     (uint64_t)r4_asid_generation(asid) << R4_SESSION_GENERATION_LO;
        r->err = reach(granter, grant, r);
        return false;
    }
    next = recheck_word(granter, (uint32_t)r4_proxy_index(grant), false);
    use = next == NULL ? 0 : read(next);
    if (!is_use(use)) {
        return false;
    }
    if (r4_proxy_ttl(use) <= r4_proxy_ttl(grant)) {
        r->err = R4_E_TTL;
        return false;
    }
    if (peer_in(granter, (uint32_t)r4_proxy_peer(use), &at->link) != R4_OK) {
        return false;
    }
    r->rights &= (uint16_t)r4_proxy_rights(use);
    at->target = (uint32_t)r4_proxy_index(use);
    at->use_ttl = (uint8_t)r4_proxy_ttl(use);
    return true;
}

struct recheck recheck_chain(const struct cluster *cl, const struct pd *pd, uint32_t peer,
                             uint32_t index, recheck_read *read)
{
    struct recheck r = {.rights = UINT16_MAX};
    struct place at = {.target = index, .is_direct = peer != 0};
    uint64_t use = 0;

    if (peer == 0) {
        r.err = own_use(pd, index, read, &use);
        if (r.err != R4_OK) {
            return r;
        }
        r.rights = (uint16_t)r4_proxy_rights(use);
        peer = (uint32_t)r4_proxy_peer(use);
        at.target = (uint32_t)r4_proxy_index(use);
        at.use_ttl = (uint8_t)r4_proxy_ttl(use);
    } else if ((index & R4_INDEX_WORD) == 0) {
        r.err = R4_E_WORD;
        return r;
    }
    r.err = peer_in(pd, peer, &at.link);
    if (r.err != R4_OK) {
        return r;
    }
    while (hop(cl, &at, read, &r)) {
    }
    /* Behind the first GRANT only that something is wrong. */
    if (r.err == R4_E_TTL && r.hops > 1) {
        r.err = R4_E_PROXY;
    }
    return r;
}
