/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls on the monitor that show proxies: the words of a window, and what a resolution
 * meets step by step. They tell what resolutions keep from their callers, so they need the monitor,
 * and CONTROL of the domain in which the window or the chain begins.
 * Words change at any time: what a program puts together from several calls is a picture, not a
 * state.
 * Not here: the walk (proxy/explain.c).
 */
#include <arch/mmu.h>
#include <arch/word.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/explain.h>
#include <kernel/peer.h>
#include <kernel/proxy_word.h>
#include <kernel/window.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

#define PAGE_WORDS    (R4_PAGE_BYTES / (uint32_t)sizeof(uint64_t))
#define PAGES_SKIPPED 64u /* that a call passes over because there is nothing to read */

/* A place in a window, by number. */
struct found {
    uint64_t word; /* 0: none */
    uint32_t number;
    bool is_marked;
};

static enum r4_err find_pd(struct call *c, uint32_t index, struct pd **out)
{
    struct cap_ref ref;
    const enum r4_err err = call_ref(c, index, 1, R4_TYPE_PD, R4_RIGHT_CONTROL, &ref);

    if (err == R4_OK) {
        *out = pd_of(ref.slot);
    }
    return err;
}

/* ------------------------------------------------------------------------------------------------
 * Words of a window
 */

/* By number: one that is too large for an index is no other word. */
static bool has_word(const struct pd *pd, uint32_t number)
{
    return number < R4_INDEX_WORD && window_has(pd, number);
}

/* The rest of one page, word by word. */
static struct found search_page(const struct pd *pd, const uint64_t *at, uint32_t number)
{
    struct found found = {.number = number};

    do {
        const uint64_t word = arch_word_load(at);

        if (r4_proxy_kind(word) != R4_PROXY_KIND_EMPTY) {
            found.word = word;
            found.is_marked = !window_is_nothing(window_word(pd, found.number, ARCH_PTE_MARK));
            return found;
        }
        at++;
        found.number++;
    } while (found.number % PAGE_WORDS != 0);
    return found;
}

/* At most one page of words, behind at most PAGES_SKIPPED pages that are not there. */
static struct found search(const struct pd *pd, uint32_t number)
{
    for (uint32_t skipped = 0; skipped < PAGES_SKIPPED && has_word(pd, number); skipped++) {
        const uint64_t *at = window_word(pd, number, ARCH_PTE_OWN);

        if (!window_is_nothing(at)) {
            return search_page(pd, at, number);
        }
        number += PAGE_WORDS - number % PAGE_WORDS;
    }
    return (struct found){.number = number};
}

/* Layout `peer`: the other end of the peer in that slot; 0 if there is none. */
static uint64_t peer_named(const struct pd *pd, uint64_t word)
{
    struct cap_table *t = pd_table(pd);
    const uint32_t number = (uint32_t)r4_proxy_peer(word);
    const struct slot *s = t != NULL && table_has(t, number) ? table_slot_checked(t, number) : NULL;

    return s != NULL && slot_type(s) == R4_TYPE_PEER ? s->extra : 0;
}

/* plan.word: the four results. */
enum r4_err decode_monitor_word(struct call *c, const struct args_monitor_word *a)
{
    struct pd *pd = NULL;
    struct found found;
    const enum r4_err err = find_pd(c, a->pd, &pd);

    if (err != R4_OK) {
        return err;
    }
    if (!has_word(pd, a->number)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    found = search(pd, a->number);
    c->plan.word[0] = found.word;
    c->plan.word[1] = found.number;
    c->plan.word[2] = found.is_marked;
    c->plan.word[3] = found.word == 0 ? 0 : peer_named(pd, found.word);
    return R4_OK;
}

void commit_monitor_word(struct call *c)
{
    for (unsigned i = 0; i < 4; i++) {
        call_result(c, i, c->plan.word[i]);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Steps of a chain
 */

/* Layout `proxy_step`. */
static uint64_t describe(const struct proxy_step *step)
{
    uint64_t word = r4_proxy_step_with_index(0, step->index);

    word = r4_proxy_step_with_verdict(word, (uint8_t)step->verdict);
    return r4_proxy_step_with_asid(word, step->asid);
}

/* Layout `proxy_through`. */
static uint64_t describe_through(const struct proxy_step *step)
{
    uint64_t word = r4_proxy_through_with_rights(0, step->through.rights);

    word = r4_proxy_through_with_ttl(word, step->through.ttl);
    return r4_proxy_through_with_once(word, step->is_once);
}

/* plan.word: the six results. */
enum r4_err decode_monitor_resolve(struct call *c, const struct args_monitor_resolve *a)
{
    const struct proxy_start start = {.peer = a->peer, .index = a->index};
    struct pd *pd = NULL;
    struct proxy_step step;
    uint32_t about;
    const enum r4_err err = find_pd(c, a->pd, &pd);

    if (err != R4_OK) {
        return err;
    }
    if (a->index > R4_CALL_INDEX_MASK >> R4_CALL_INDEX_LO) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    if (!proxy_explain(&c->cluster->asids, pd, start, a->step, &step)) {
        return call_fail(c, R4_E_AGAIN, 4);
    }
    c->plan.word[0] = step.word;
    c->plan.word[1] = describe(&step);
    c->plan.word[2] = describe_through(&step);
    c->plan.word[3] = 0;
    c->plan.word[4] = step.through.session;
    c->plan.word[5] = r4_reply_with_error(0, proxy_step_err(step.verdict, a->step, &about));
    c->plan.word[5] = r4_reply_with_detail(c->plan.word[5], about);
    if (step.verdict == R4_PROXY_VERDICT_REACHED) {
        const struct slot_view view = slot_view_of(step.through.slot);

        c->plan.word[0] = view.meta;
        c->plan.word[3] = view.badge;
    }
    return R4_OK;
}

void commit_monitor_resolve(struct call *c)
{
    for (unsigned i = 0; i < 6; i++) {
        call_result(c, i, c->plan.word[i]);
    }
}
