/* SPDX-License-Identifier: MIT */
/*
 * Owns: a walk along a chain that keeps its reasons. It shares the way to a word and the form of
 * words with the walk of resolutions (resolve.c) and nothing else, so that each shows the other's
 * mistakes.
 */
#include <kernel/explain.h>

#include <arch/mmu.h>
#include <arch/word.h>
#include <kernel/cluster.h>
#include <kernel/peer.h>
#include <kernel/proxy_word.h>
#include <kernel/window.h>

/* Where the walk stands: what the next step looks at. */
struct trail {
    const struct asid_table *asids;
    const struct chain_word *kept; /* the next word, if words are not to be read; else NULL */
    const struct pd *pd;           /* whose window or table; NULL: gone */
    uint32_t asid;
    uint32_t index;
    uint64_t link; /* of the peer that was named last */
    uint64_t passed;
    uint32_t use_ttl;   /* of the last USE; 0 without one */
    uint32_t grant_at;  /* index of the last GRANT */
    uint32_t grant_ttl; /* of the last GRANT */
    uint8_t ttl;        /* of the caller's end */
    bool has_grant;
    bool is_once;
};

/* What stood there when the chain was kept; nothing if that was elsewhere. */
static uint64_t take_kept(struct trail *t, const uint64_t *at)
{
    const struct chain_word *w = t->kept++;

    return w->at == at ? w->value : 0;
}

/* Reads the word there. CONTINUES if there is one, with `leaf_bits` on its page. */
static enum r4_proxy_verdict read_word(struct trail *t, uint64_t leaf_bits, uint64_t *out)
{
    const uint64_t *at;

    *out = 0;
    if (!window_has(t->pd, t->index)) {
        return R4_PROXY_VERDICT_OUTSIDE;
    }
    if (window_is_nothing(window_word(t->pd, t->index, ARCH_PTE_OWN))) {
        return R4_PROXY_VERDICT_UNMAPPED;
    }
    at = window_word(t->pd, t->index, leaf_bits);
    if (window_is_nothing(at)) {
        return R4_PROXY_VERDICT_UNMARKED;
    }
    *out = t->kept == NULL ? arch_word_load(at) : take_kept(t, at);
    switch (r4_proxy_kind(*out)) {
    case R4_PROXY_KIND_EMPTY:
        return R4_PROXY_VERDICT_EMPTY;
    case R4_PROXY_KIND_BUSY:
        return R4_PROXY_VERDICT_BUSY;
    default:
        return R4_PROXY_VERDICT_CONTINUES;
    }
}

static enum r4_proxy_verdict check_use(uint64_t word)
{
    if (r4_proxy_kind(word) != R4_PROXY_KIND_USE) {
        return R4_PROXY_VERDICT_NOT_USE;
    }
    if ((word & PROXY_RESERVED_MASK) != 0) {
        return R4_PROXY_VERDICT_RESERVED;
    }
    if (r4_proxy_once(word) != 0) {
        return R4_PROXY_VERDICT_USE_ONCE;
    }
    return index_is_word((uint32_t)r4_proxy_index(word)) ? R4_PROXY_VERDICT_CONTINUES
                                                         : R4_PROXY_VERDICT_NAMES_SLOT;
}

static enum r4_proxy_verdict check_grant(uint64_t word, uint32_t peer)
{
    if (r4_proxy_kind(word) != R4_PROXY_KIND_GRANT) {
        return R4_PROXY_VERDICT_NOT_GRANT;
    }
    if ((word & PROXY_RESERVED_MASK) != 0) {
        return R4_PROXY_VERDICT_RESERVED;
    }
    return r4_proxy_peer(word) == peer ? R4_PROXY_VERDICT_CONTINUES : R4_PROXY_VERDICT_OTHER_PEER;
}

/* Goes through the peer in slot `n` of the domain, to word `index` of the other side. */
static enum r4_proxy_verdict follow_peer(struct trail *t, uint32_t n, uint32_t index)
{
    struct cap_table *table = pd_table(t->pd);
    const struct slot *s;

    if (table == NULL || !table_has(table, n)) {
        return R4_PROXY_VERDICT_NO_PEER;
    }
    s = table_slot_checked(table, n);
    if (slot_is_empty(s)) {
        return R4_PROXY_VERDICT_PEER_EMPTY;
    }
    if (slot_type(s) != R4_TYPE_PEER) {
        return R4_PROXY_VERDICT_NOT_PEER;
    }
    t->link = s->extra;
    t->asid = (uint32_t)r4_peer_asid(s->extra);
    t->pd = asid_find(t->asids, peer_asid_index(s->extra), peer_generation(s->extra));
    t->index = index;
    return R4_PROXY_VERDICT_CONTINUES;
}

static enum r4_proxy_verdict use_step(struct trail *t, struct proxy_step *out)
{
    enum r4_proxy_verdict verdict = read_word(t, ARCH_PTE_OWN, &out->word);

    if (verdict == R4_PROXY_VERDICT_CONTINUES) {
        verdict = check_use(out->word);
    }
    if (verdict != R4_PROXY_VERDICT_CONTINUES) {
        return verdict;
    }
    t->use_ttl = (uint32_t)r4_proxy_ttl(out->word);
    if (t->has_grant && t->use_ttl <= t->grant_ttl) {
        return R4_PROXY_VERDICT_TTL_NAMED;
    }
    if (!t->has_grant) {
        t->ttl = (uint8_t)t->use_ttl;
    }
    t->passed &= out->word;
    return follow_peer(t, (uint32_t)r4_proxy_peer(out->word), (uint32_t)r4_proxy_index(out->word));
}

/* A call register names a peer and a word of its other side. */
static enum r4_proxy_verdict named_peer_step(struct trail *t, struct proxy_start start)
{
    if (!index_is_word(start.index)) {
        return R4_PROXY_VERDICT_NAMES_SLOT;
    }
    return follow_peer(t, start.peer, start.index);
}

static enum r4_proxy_verdict grant_step(struct trail *t, bool is_named, struct proxy_step *out)
{
    enum r4_proxy_verdict verdict;

    if (t->link == 0) {
        return R4_PROXY_VERDICT_PEER_DEAD;
    }
    if (t->pd == NULL) {
        return R4_PROXY_VERDICT_DOMAIN_GONE;
    }
    verdict = read_word(t, ARCH_PTE_MARK, &out->word);
    if (verdict == R4_PROXY_VERDICT_CONTINUES) {
        verdict = check_grant(out->word, peer_slot(t->link));
    }
    if (verdict != R4_PROXY_VERDICT_CONTINUES) {
        return verdict;
    }
    t->grant_ttl = (uint32_t)r4_proxy_ttl(out->word);
    if (t->grant_ttl < t->use_ttl) {
        return R4_PROXY_VERDICT_TTL_USE;
    }
    if (is_named) {
        t->ttl = (uint8_t)t->grant_ttl;
    }
    t->passed &= out->word;
    t->is_once |= r4_proxy_once(out->word) != 0;
    t->has_grant = true;
    t->grant_at = t->index;
    t->index = (uint32_t)r4_proxy_index(out->word);
    return R4_PROXY_VERDICT_CONTINUES;
}

static enum r4_proxy_verdict root_step(const struct trail *t, struct proxy_step *out)
{
    struct cap_table *table = pd_table(t->pd);
    struct slot *s;

    if (table == NULL || !table_has(table, t->index)) {
        return R4_PROXY_VERDICT_NO_SLOT;
    }
    s = table_slot_checked(table, t->index);
    if (slot_is_empty(s)) {
        return R4_PROXY_VERDICT_SLOT_EMPTY;
    }
    if (!t->has_grant) {
        out->through = cap_ref_own(s);
        return R4_PROXY_VERDICT_REACHED;
    }
    if (slot_ttl(s) <= t->grant_ttl) {
        return R4_PROXY_VERDICT_TTL_NAMED;
    }
    out->through.slot = s;
    out->through.rights &= slot_rights(s);
    out->through.session = peer_session(t->link, t->grant_at);
    return R4_PROXY_VERDICT_REACHED;
}

/* The step that the trail has come to. */
static void take_step(struct trail *t, struct proxy_start start, uint32_t number,
                      struct proxy_step *out)
{
    const bool is_named = number == 0 && start.peer != 0;

    *out = (struct proxy_step){.index = is_named ? start.peer : t->index, .asid = t->asid};
    out->through.rights = (uint16_t)r4_proxy_rights(t->passed);
    out->through.ttl = t->ttl;
    if (is_named) {
        out->verdict = named_peer_step(t, start);
    } else if (number % 2u == 1) {
        out->verdict = grant_step(t, number == 1 && start.peer != 0, out);
    } else if (index_is_word(t->index)) {
        out->verdict = use_step(t, out);
    } else {
        out->verdict = root_step(t, out);
    }
    if (out->verdict == R4_PROXY_VERDICT_CONTINUES) {
        out->through.rights = (uint16_t)r4_proxy_rights(t->passed);
        out->through.ttl = t->ttl;
    }
    out->is_once = t->is_once;
}

static struct trail begin(const struct asid_table *asids, const struct pd *pd,
                          struct proxy_start start)
{
    return (struct trail){
        .asids = asids,
        .pd = pd,
        .asid = pd->asid,
        .index = start.index,
        .passed = ~UINT64_C(0),
    };
}

/* It ends: times to live rise with each GRANT (proxy I2). */
bool proxy_explain(const struct asid_table *asids, const struct pd *pd, struct proxy_start start,
                   uint32_t number, struct proxy_step *out)
{
    struct trail t = begin(asids, pd, start);

    for (uint32_t n = 0;; n++) {
        take_step(&t, start, n, out);
        if (n == number) {
            return true;
        }
        if (out->verdict != R4_PROXY_VERDICT_CONTINUES) {
            return false;
        }
    }
}

/* What a resolution that compares equal hands out (cap_ref) against the end of the walk. */
static bool is_end_of(const struct kept_chain *k, const struct trail *t,
                      const struct proxy_step *end)
{
    const bool is_named = (uint32_t)k->start != 0;
    const uint64_t near = k->word[1].value & (is_named ? ~UINT64_C(0) : k->word[0].value);
    const struct cap_ref *ref = &k->ref;

    return end->verdict == R4_PROXY_VERDICT_REACHED && !end->is_once && t->kept == k->end &&
           ref->slot == end->through.slot && ref->rights == end->through.rights &&
           ref->session == end->through.session && ref->ttl == end->through.ttl &&
           ref->near_rights == (uint16_t)r4_proxy_rights(near) && !ref->is_once &&
           !ref->is_once_near;
}

bool proxy_is_kept_rightly(const struct cluster *cl, const struct pd *pd, uint32_t place)
{
    const struct kept_chain *k = &pd->kept[place];
    const struct proxy_start start = {.peer = (uint32_t)k->start,
                                      .index = (uint32_t)(k->start >> 32)};
    struct trail t = begin(&cl->asids, pd, start);
    struct proxy_step step;
    uint32_t n = 0;

    if (k->epoch != cl->chain_epoch || k->ref.slot->meta != k->root_meta) {
        return true;
    }
    t.kept = start.peer == 0 ? &k->word[0] : &k->word[1];
    do {
        take_step(&t, start, n++, &step);
    } while (step.verdict == R4_PROXY_VERDICT_CONTINUES && t.kept <= k->end);
    return is_end_of(k, &t, &step);
}

/* About the caller's own word, slot or peer. */
static enum r4_err own_err(enum r4_proxy_verdict verdict, uint32_t *about)
{
    switch (verdict) {
    case R4_PROXY_VERDICT_OUTSIDE:
    case R4_PROXY_VERDICT_NO_SLOT:
        return R4_E_INDEX;
    case R4_PROXY_VERDICT_UNMAPPED:
        return R4_E_UNMAPPED;
    case R4_PROXY_VERDICT_EMPTY:
    case R4_PROXY_VERDICT_BUSY:
    case R4_PROXY_VERDICT_SLOT_EMPTY:
        return R4_E_EMPTY;
    case R4_PROXY_VERDICT_NO_PEER:
        *about = R4_DETAIL_PEER;
        return R4_E_INDEX;
    case R4_PROXY_VERDICT_PEER_EMPTY:
        *about = R4_DETAIL_PEER;
        return R4_E_EMPTY;
    case R4_PROXY_VERDICT_NOT_PEER:
        *about = R4_DETAIL_PEER;
        return R4_E_TYPE;
    case R4_PROXY_VERDICT_NOT_USE:
    case R4_PROXY_VERDICT_RESERVED:
    case R4_PROXY_VERDICT_USE_ONCE:
    case R4_PROXY_VERDICT_NAMES_SLOT:
        return R4_E_WORD;
    case R4_PROXY_VERDICT_CONTINUES:
    case R4_PROXY_VERDICT_REACHED:
        return R4_OK;
    /* Never at the caller's own. */
    case R4_PROXY_VERDICT_UNMARKED:
    case R4_PROXY_VERDICT_NOT_GRANT:
    case R4_PROXY_VERDICT_OTHER_PEER:
    case R4_PROXY_VERDICT_PEER_DEAD:
    case R4_PROXY_VERDICT_DOMAIN_GONE:
    case R4_PROXY_VERDICT_TTL_USE:
    case R4_PROXY_VERDICT_TTL_NAMED:
        break;
    }
    return R4_E_PROXY;
}

enum r4_err proxy_step_err(enum r4_proxy_verdict verdict, uint32_t number, uint32_t *about)
{
    *about = 0;
    if (verdict == R4_PROXY_VERDICT_CONTINUES || verdict == R4_PROXY_VERDICT_REACHED) {
        return R4_OK;
    }
    if (number == 0) {
        return own_err(verdict, about);
    }
    if ((number == 1 && verdict == R4_PROXY_VERDICT_TTL_USE) ||
        (number == 2 && verdict == R4_PROXY_VERDICT_TTL_NAMED)) {
        return R4_E_TTL;
    }
    return R4_E_PROXY;
}
