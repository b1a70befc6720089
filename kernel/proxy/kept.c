/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way along a chain that its domain has kept: each word is loaded and compared. What
 * differs is noted for the walk, which takes what was loaded (chain I3).
 */
#include <kernel/proxy.h>

#include <arch/select.h>
#include <arch/word.h>
#include <kernel/cluster.h>
#include <kernel/window.h>
#include <lib/hints.h>

/* The first USE and its GRANT: what an authorised caller and any other have alike. */
struct first_pair {
    struct chain_word use;
    struct chain_word grant;
    uint64_t differs; /* 0: this is the chain that is kept, and both are what they were */
};

/* The word if what came before agrees, else the word of zeros. The same instructions for both. */
static ALWAYS_INLINE struct chain_word load_if_same(uint64_t differs, const struct chain_word *kept)
{
    const uint64_t nothing = (uint64_t)(uintptr_t)window_nothing();
    const uint64_t at = arch_select_if_equal(differs, 0, (uint64_t)(uintptr_t)kept->at, nothing);
    struct chain_word word = {.at = (uint64_t *)(uintptr_t)at};

    word.value = arch_word_load(word.at);
    return word;
}

/*
 * Whatever is kept, or is not any more: two loads and no branch, so that a refusal that follows says
 * nothing about what others did (proxy I3).
 */
static ALWAYS_INLINE struct first_pair load_first(const struct kept_chain *k, uint64_t start,
                                                  uint64_t epoch)
{
    struct first_pair first = {.differs = (k->start ^ start) | (k->epoch ^ epoch)};

    first.use = load_if_same(first.differs, &k->word[0]);
    first.differs |= first.use.value ^ k->word[0].value;
    first.grant = load_if_same(first.differs, &k->word[1]);
    first.differs = arch_unknown(first.differs | (first.grant.value ^ k->word[1].value));
    return first;
}

/* The walk may take the words before `end`, and no other. */
static ALWAYS_INLINE void note_loaded(struct kept_chain *k, struct chain_word *end)
{
    k->epoch = 0;
    k->end = end;
    end->at = NULL;
}

/* Behind the first pair. True: all words are what they were; else what was loaded is noted. */
static ALWAYS_INLINE bool compare_rest(struct kept_chain *k)
{
    for (struct chain_word *w = &k->word[2]; w != k->end; w++) {
        const uint64_t value = arch_word_load(w->at);

        if (UNLIKELY(value != w->value)) {
            w->value = value;
            note_loaded(k, w + 1);
            return false;
        }
    }
    return true;
}

/* What its slot says now is what it said, or nothing that was kept counts but the words. */
static ALWAYS_INLINE bool compare_root(struct kept_chain *k)
{
    if (UNLIKELY(k->ref.slot->meta != k->root_meta)) {
        note_loaded(k, k->end);
        return false;
    }
    return true;
}

enum r4_err proxy_resolve(const struct cluster *cl, struct pd *pd, struct proxy_start start,
                          struct once_words *once, struct cap_ref *out, uint32_t *about)
{
    struct kept_chain *k = proxy_kept(pd, start);
    const struct first_pair first = load_first(k, proxy_key(start), cl->chain_epoch);

    if (UNLIKELY(first.differs != 0)) {
        k->word[0] = first.use;
        k->word[1] = first.grant;
        note_loaded(k, &k->word[2]);
    } else if (LIKELY(compare_rest(k) && compare_root(k))) {
        *out = k->ref;
        return R4_OK;
    }
    return proxy_walk(cl, pd, start, once, out, about);
}
