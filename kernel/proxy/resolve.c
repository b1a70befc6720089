/* SPDX-License-Identifier: MIT */
/*
 * Owns: the walk along a chain. `chain` below is where it has come to: at the USE of a domain (or
 * at the call register), about to look for the GRANT that it names. A word that was loaded before
 * the walk began (chain I3) is not loaded again.
 */
#include <kernel/proxy.h>

#include <arch/mmu.h>
#include <arch/select.h>
#include <arch/word.h>
#include <kernel/cluster.h>
#include <kernel/peer.h>
#include <kernel/proxy_word.h>
#include <kernel/window.h>
#include <lib/hints.h>

struct chain {
    struct chain_word *word;   /* where the next one is noted */
    struct chain_word *loaded; /* behind those that were loaded before */
    struct pd *granter;        /* of the last GRANT */
    uint64_t *grant_at;
    uint64_t grant;
    uint64_t passed;  /* AND of all words: their rights, in place */
    uint64_t link;    /* the other end of the peer that the USE names */
    uint32_t target;  /* index of the GRANT */
    uint32_t use_ttl; /* of the USE; 0 without one */
};

/* The peer in slot `n`; NULL and the reason in `*err` if there is none. Slot 0 never holds a peer. */
static ALWAYS_INLINE const struct slot *find_peer(const struct pd *pd, uint32_t n, enum r4_err *err)
{
    struct cap_table *t = pd_table(pd);
    const struct slot *s;

    if (UNLIKELY(t == NULL || n >= t->last)) {
        *err = R4_E_INDEX;
        return NULL;
    }
    s = table_slot_checked(t, n);
    if (UNLIKELY(slot_type(s) != R4_TYPE_PEER)) {
        *err = n == 0 ? R4_E_INDEX : slot_is_empty(s) ? R4_E_EMPTY : R4_E_TYPE;
        return NULL;
    }
    return s;
}

/*
 * The word there: the first USE, or a GRANT. What was loaded before stands at the place where it is to
 * be noted, and is taken if it comes from there; then zeros are loaded instead. The same instructions
 * for both.
 */
static ALWAYS_INLINE uint64_t read_alike(struct chain *c, uint64_t *at)
{
    struct chain_word *w = c->word++;
    const uint64_t here = (uint64_t)(uintptr_t)at;
    const uint64_t known = (uint64_t)(uintptr_t)w->at;
    const uint64_t nothing = (uint64_t)(uintptr_t)window_nothing();
    const uint64_t from = arch_select_if_equal(here, known, nothing, here);

    w->value = arch_select_if_equal(here, known, w->value,
                                    arch_word_load((const uint64_t *)(uintptr_t)from));
    w->at = at;
    return w->value;
}

/* The word in the caller's own window, with exact reasons. */
static ALWAYS_INLINE enum r4_err read_own_use(struct chain *c, const struct pd *pd, uint32_t index)
{
    uint64_t *at;

    if (UNLIKELY(!window_has(pd, index))) {
        return R4_E_INDEX;
    }
    at = window_word(pd, index, ARCH_PTE_OWN);
    if (UNLIKELY(window_is_nothing(at))) {
        return R4_E_UNMAPPED;
    }
    c->passed = read_alike(c, at);
    if (UNLIKELY(!proxy_is_use(c->passed))) {
        return proxy_is_empty(c->passed) ? R4_E_EMPTY : R4_E_WORD;
    }
    return R4_OK;
}

static ALWAYS_INLINE enum r4_err begin(struct chain *c, const struct pd *pd,
                                       struct proxy_start start, uint32_t *about)
{
    uint32_t peer = start.peer;
    const struct slot *s;
    enum r4_err err;

    c->passed = ~UINT64_C(0);
    c->use_ttl = 0;
    c->target = start.index;
    if (peer == 0) {
        err = read_own_use(c, pd, start.index);
        if (UNLIKELY(err != R4_OK)) {
            return err;
        }
        peer = (uint32_t)r4_proxy_peer(c->passed);
        c->use_ttl = (uint32_t)r4_proxy_ttl(c->passed);
        c->target = (uint32_t)r4_proxy_index(c->passed);
    } else if (UNLIKELY(!index_is_word(start.index))) {
        return R4_E_WORD;
    } else {
        c->word++;
    }
    s = find_peer(pd, peer, &err);
    if (UNLIKELY(s == NULL)) {
        *about = R4_DETAIL_PEER;
        return err;
    }
    c->link = s->extra;
    return R4_OK;
}

/*
 * Reads the GRANT. The same instructions whether the peer lives, the window reaches there, the page
 * is there and is marked, up to the one comparison at the end (proxy I3). A generation that agrees
 * is that of a domain which lives (asid I4).
 */
static ALWAYS_INLINE bool read_grant(struct chain *c, const struct asid_table *asids)
{
    const struct asid_entry *entry = &asids->entry[peer_asid_index(c->link)];
    const uint64_t nobody = (uint64_t)(uintptr_t)window_nobody();
    const uint64_t named = (uint64_t)(uintptr_t)entry->pd;

    c->granter = (struct pd *)(uintptr_t)arch_select_if_equal(
        entry->generation, peer_generation(c->link), named, nobody);
    c->grant_at = window_walk(c->granter, c->target, ARCH_PTE_MARK);
    c->grant = read_alike(c, c->grant_at);
    if (UNLIKELY(!proxy_is_grant_for(c->grant, peer_slot(c->link)))) {
        return false;
    }
    c->passed &= c->grant;
    return true;
}

/*
 * A USE behind a GRANT. If it is not one that was loaded before, the GRANT behind it is none either.
 * No word is written over while it counts: the place of the next one is not yet in use.
 */
static ALWAYS_INLINE uint64_t read_use(struct chain *c, uint32_t index)
{
    struct chain_word *w = c->word++;

    if (UNLIKELY(w < c->loaded)) {
        return w->value;
    }
    w->at = window_is_same_page(index, c->target) ? window_same_page(c->grant_at, index)
                                                  : window_word(c->granter, index, ARCH_PTE_OWN);
    w->value = arch_word_load(w->at);
    c->word->at = NULL;
    return w->value;
}

/* The GRANT leads to a USE of the granter's: reads it and finds its peer. */
static ALWAYS_INLINE enum r4_err follow(struct chain *c)
{
    const uint32_t index = (uint32_t)r4_proxy_index(c->grant);
    const uint64_t use = read_use(c, index);
    const struct slot *s;
    enum r4_err err;

    if (UNLIKELY(!proxy_is_use(use))) {
        return R4_E_PROXY;
    }
    c->use_ttl = (uint32_t)r4_proxy_ttl(use);
    if (UNLIKELY(c->use_ttl <= r4_proxy_ttl(c->grant))) {
        return R4_E_TTL;
    }
    s = find_peer(c->granter, (uint32_t)r4_proxy_peer(use), &err);
    if (UNLIKELY(s == NULL)) {
        return R4_E_PROXY;
    }
    c->passed &= use;
    c->link = s->extra;
    c->target = (uint32_t)r4_proxy_index(use);
    return R4_OK;
}

/* The GRANT leads to a slot of the granter's: the root. */
static ALWAYS_INLINE enum r4_err reach(const struct chain *c, struct cap_ref *out)
{
    const uint32_t number = (uint32_t)r4_proxy_index(c->grant);
    struct cap_table *t = pd_table(c->granter);
    struct slot *s;

    if (UNLIKELY(t == NULL || !table_has(t, number))) {
        return R4_E_PROXY;
    }
    s = table_slot_checked(t, number);
    if (UNLIKELY(slot_is_empty(s))) {
        return R4_E_PROXY;
    }
    if (UNLIKELY(slot_ttl(s) <= r4_proxy_ttl(c->grant))) {
        return R4_E_TTL;
    }
    out->slot = s;
    out->rights = slot_rights(s) & (uint16_t)r4_proxy_rights(c->passed);
    out->session = peer_session(c->link, c->target);
    return R4_OK;
}

static ALWAYS_INLINE void note_once(struct once_words *once, uint64_t *word, uint64_t grant)
{
    if (once != NULL) {
        once->at[once->count].word = word;
        once->at[once->count].grant = grant;
        once->count++;
    }
}

/* The first GRANT: what it lets through is the caller's business. */
static ALWAYS_INLINE void meet_first(const struct chain *c, bool has_use, struct cap_ref *out)
{
    out->near_rights = (uint16_t)r4_proxy_rights(c->passed);
    out->ttl = (uint8_t)(has_use ? c->use_ttl : r4_proxy_ttl(c->grant));
    out->is_once_near = r4_proxy_once(c->grant) != 0;
    out->is_once = false;
}

/* For the next time, unless a word is for one use (chain I2). */
static ALWAYS_INLINE void keep(struct kept_chain *kept, const struct chain *c, uint64_t epoch,
                               struct proxy_start start, const struct cap_ref *ref)
{
    if (LIKELY(!ref->is_once)) {
        kept->start = proxy_key(start);
        kept->epoch = epoch;
        kept->end = c->word;
        kept->root_meta = ref->slot->meta;
        kept->ref = *ref;
    }
}

enum r4_err proxy_walk(const struct cluster *cl, struct pd *pd, struct proxy_start start,
                       struct once_words *once, struct cap_ref *out, uint32_t *about)
{
    struct kept_chain *kept = proxy_kept(pd, start);
    struct chain c = {.word = kept->word, .loaded = kept->end};
    bool is_first = true;
    enum r4_err err = begin(&c, pd, start, about);

    if (UNLIKELY(err != R4_OK)) {
        return err;
    }
    for (;;) {
        if (UNLIKELY(!read_grant(&c, &cl->asids))) {
            return R4_E_PROXY;
        }
        if (UNLIKELY(r4_proxy_ttl(c.grant) < c.use_ttl)) {
            return is_first ? R4_E_TTL : R4_E_PROXY;
        }
        if (is_first) {
            meet_first(&c, start.peer == 0, out);
        }
        if (UNLIKELY(r4_proxy_once(c.grant) != 0)) {
            note_once(once, c.grant_at, c.grant);
            out->is_once = true;
        }
        if (!index_is_word((uint32_t)r4_proxy_index(c.grant))) {
            err = reach(&c, out);
            if (LIKELY(err == R4_OK)) {
                keep(kept, &c, cl->chain_epoch, start, out);
            }
            break;
        }
        err = follow(&c);
        if (UNLIKELY(err != R4_OK)) {
            break;
        }
        is_first = false;
    }
    return UNLIKELY(err != R4_OK) && !is_first ? R4_E_PROXY : err;
}
