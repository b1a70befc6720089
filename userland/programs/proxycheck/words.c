/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of words: each error about one's own, the one error about everybody else's, times
 * to live, rights, chains of every length (P1, P2, P5, P17, P18, D3, D6, D10).
 */
#include "parts.h"

#define BADGE UINT64_C(0x40)

static struct chain c;
static uint32_t target; /* a badged notification, time to live 14 */

static void refused(const char *what, enum r4_err err, uint32_t detail)
{
    check(what, call_identify(c.use), err, detail);
}

static void own_word(const char *what, uint64_t word, enum r4_err err, uint32_t detail)
{
    *c.use_at = word;
    refused(what, err, detail);
    chain_set(&c, target, ALL_RIGHTS);
}

static void grant_word(const char *what, uint64_t word, enum r4_err err)
{
    *c.grant_at = word;
    refused(what, err, 0);
    check(what, r4_invoke0(chain_direct(&c), R4_CALL_CAP_IDENTIFY), err, 0);
    chain_set(&c, target, ALL_RIGHTS);
}

static void check_own(void)
{
    const uint64_t good = chain_use(c.grant, ALL_RIGHTS, 1);
    const uint16_t last = (uint16_t)(r4_startup()->table_slots - 1u);
    own_word("an empty word", 0, R4_E_EMPTY, 0);
    own_word("a busy word", R4_PROXY_KIND_BUSY, R4_E_EMPTY, 0);
    own_word("a GRANT as one's own word", chain_grant(target, ALL_RIGHTS, 1), R4_E_WORD, 0);
    own_word("a USE for one use", good | R4_PROXY_ONCE_MASK, R4_E_WORD, 0);
    own_word("a USE with bit 3", good | 8u, R4_E_WORD, 0);
    own_word("a USE with bit 60", good | UINT64_C(1) << 60, R4_E_WORD, 0);
    own_word("a USE with bit 63", good | UINT64_C(1) << 63, R4_E_WORD, 0);
    own_word("a USE of a slot", chain_use(target, ALL_RIGHTS, 1), R4_E_WORD, 0);
    own_word("peer 0", r4_proxy_with_peer(good, 0), R4_E_INDEX, R4_DETAIL_PEER);
    own_word("the last slot as a peer", r4_proxy_with_peer(good, last), R4_E_INDEX, R4_DETAIL_PEER);
    own_word("an empty slot as a peer", r4_proxy_with_peer(good, (uint16_t)(last - 1u)), R4_E_EMPTY,
             R4_DETAIL_PEER);
    own_word("a thread as a peer", r4_proxy_with_peer(good, THREAD), R4_E_TYPE, R4_DETAIL_PEER);
    check("a word where nothing is mapped", call_identify(R4_INDEX_WORD | 0x7fffffu), R4_E_UNMAPPED,
          0);
    check("a slot of the other side",
          r4_invoke0(r4_through(lab_self()->near, target), R4_CALL_CAP_IDENTIFY), R4_E_WORD, 0);
}

/* Whatever is wrong at the other side is the same error. */
static void check_foreign(void)
{
    const uint64_t good = chain_grant(target, ALL_RIGHTS, 1);
    grant_word("an empty GRANT", 0, R4_E_PROXY);
    grant_word("a busy GRANT", r4_proxy_with_kind(good, R4_PROXY_KIND_BUSY), R4_E_PROXY);
    grant_word("a USE as a GRANT", chain_use(c.grant, ALL_RIGHTS, 1), R4_E_PROXY);
    grant_word("a GRANT for somebody else", r4_proxy_with_peer(good, lab_self()->near), R4_E_PROXY);
    grant_word("a GRANT with bit 3", good | 8u, R4_E_PROXY);
    grant_word("a GRANT with bit 62", good | UINT64_C(1) << 62, R4_E_PROXY);
    grant_word("a GRANT of an empty slot", chain_grant(250, ALL_RIGHTS, 1), R4_E_PROXY);
    grant_word("a GRANT of slot 0", chain_grant(0, ALL_RIGHTS, 1), R4_E_PROXY);
    grant_word("a GRANT beyond the table", chain_grant(0x7fffff, ALL_RIGHTS, 1), R4_E_PROXY);
    *c.use_at = chain_use(R4_INDEX_WORD | 0x7fffffu, ALL_RIGHTS, 1);
    refused("a USE of a word that is not mapped", R4_E_PROXY, 0);
    *c.use_at = chain_use(c.use, ALL_RIGHTS, 1);
    refused("a USE of itself", R4_E_PROXY, 0);
    chain_set(&c, target, ALL_RIGHTS);
}

static void check_limits(void)
{
    *c.use_at = chain_use(c.grant, ALL_RIGHTS, 2);
    refused("a USE with more time to live than its GRANT", R4_E_TTL, 0);
    *c.use_at = chain_use(c.grant, ALL_RIGHTS, 0);
    check_ok("a USE with less", call_identify(c.use));
    chain_set(&c, target, ALL_RIGHTS);
    *c.grant_at = chain_grant(target, ALL_RIGHTS, 14);
    refused("a GRANT with the time to live of its slot", R4_E_TTL, 0);
    *c.grant_at = chain_grant(lab_self()->near, ALL_RIGHTS, 1);
    refused("a GRANT of a peer", R4_E_TTL, 0);
    chain_set(&c, target, R4_RIGHT_RECEIVE);
    check("signal without the right in the GRANT", r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL),
          R4_E_RIGHTS, 0);
    *c.grant_at = chain_grant(target, ALL_RIGHTS, 1);
    *c.use_at = chain_use(c.grant, R4_RIGHT_RECEIVE, 1);
    check("signal without the right in the USE", r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL),
          R4_E_RIGHTS, 0);
    chain_set(&c, target, ALL_RIGHTS);
    check("a call of another type", r4_invoke0(c.use, R4_CALL_FRAME_UNMAP), R4_E_TYPE, 0);
    *c.grant_at = chain_grant(c.use, ALL_RIGHTS, 0);
    *c.use_at = chain_use(c.grant, ALL_RIGHTS, 0);
    refused("a circle", R4_E_TTL, 0);
    chain_set(&c, target, ALL_RIGHTS);
}

/* Chains of 1 to 15 GRANTs; each is used, and broken at each of its words. */
static void check_lengths(void)
{
    struct chain hop[R4_HOPS_MAX];
    uint32_t to = lab_make(R4_TYPE_NOTIFICATION, 0);
    for (uint32_t n = 0; n < R4_HOPS_MAX; n++) {
        const uint8_t ttl = (uint8_t)(R4_HOPS_MAX - 1 - n);
        hop[n] = chain_make();
        *hop[n].grant_at = chain_grant(to, ALL_RIGHTS, ttl);
        *hop[n].use_at = chain_use(hop[n].grant, ALL_RIGHTS, ttl);
        struct r4_result r = check_ok("a chain", call_identify(hop[n].use));
        check_equal("its time to live", r4_cap_view_ttl(r.m[0]), ttl);
        check_equal("its session is of the GRANT nearest to the slot", r4_session_index(r.m[1]),
                    hop[0].grant);
        to = hop[n].use;
    }
    for (uint32_t n = 0; n < R4_HOPS_MAX; n++) {
        uint64_t *word[2] = {hop[n].grant_at, hop[n].use_at};
        for (uint32_t i = 0; i < 2; i++) {
            const uint64_t kept = *word[i];
            *word[i] = 0;
            check("a broken chain", call_identify(to),
                  n == R4_HOPS_MAX - 1 && i == 1 ? R4_E_EMPTY : R4_E_PROXY, 0);
            *word[i] = kept;
        }
    }
    check_ok("the chain as it was", call_identify(to));
    check("signal without a badge", r4_invoke0(to, R4_CALL_NOTIFICATION_SIGNAL), R4_E_BADGE, 0);
    check("make more of it", r4_invoke2(to, R4_CALL_CAP_COPY, 0, lab_slots(1)), R4_E_TTL, 0);
}

static void check_once(void)
{
    *c.grant_at = r4_grant_once(chain_grant(target, ALL_RIGHTS, 1));
    check("link for one use", r4_invoke1(c.use, R4_CALL_CAP_LINK, lab_slots(1)), R4_E_ONCE, 0);
    check("a failed call does not use it up", r4_invoke0(c.use, R4_CALL_FRAME_UNMAP), R4_E_TYPE, 0);
    check_ok("one use", r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL));
    check_equal("is used up", r4_is_spent(c.grant_at), true);
    check("another use", r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL), R4_E_PROXY, 0);
    check_equal("the signal", r4_invoke0(target, R4_CALL_NOTIFICATION_POLL).m[0], BADGE);
    chain_set(&c, target, ALL_RIGHTS);
}

/* A forwarder, and a tree of them, as the library makes them. */
static void check_caretaker(void)
{
    struct r4_caretaker k;
    const uint32_t out = lab_word(c.grant);
    lab_must("making a caretaker", r4_caretaker_make(lab_self(), target, 14, ALL_RIGHTS, &k));
    r4_grant(lab_at(out), r4_caretaker_grant(&k, lab_self()->far, ALL_RIGHTS));
    const r4_cap via = r4_through(lab_self()->near, out);
    check_ok("through a caretaker", r4_invoke0(via, R4_CALL_NOTIFICATION_SIGNAL));
    r4_caretaker_close(lab_self(), &k);
    check("through a closed one", r4_invoke0(via, R4_CALL_NOTIFICATION_SIGNAL), R4_E_PROXY, 0);
    r4_caretaker_open(lab_self(), &k);
    check_ok("through it again", r4_invoke0(via, R4_CALL_NOTIFICATION_SIGNAL));
    r4_caretaker_end(lab_self(), &k);
    check("after its end", r4_invoke0(via, R4_CALL_NOTIFICATION_SIGNAL), R4_E_PROXY, 0);
}

void check_words(void)
{
    c = chain_make();
    target = lab_badged(BADGE);
    chain_set(&c, target, ALL_RIGHTS);
    check_ok("a chain", call_identify(c.use));
    check_ok("a GRANT through the peer", r4_invoke0(chain_direct(&c), R4_CALL_CAP_IDENTIFY));
    check_own();
    check_foreign();
    check_limits();
    check_lengths();
    check_once();
    check_caretaker();
    check_ok("the peer with the parent", call_identify(R4_PROGRAM_SLOT_PARENT));
    check("what the parent grants",
          r4_invoke0(r4_through(R4_PROGRAM_SLOT_PARENT, R4_INDEX_WORD), R4_CALL_CAP_IDENTIFY),
          R4_E_PROXY, 0);
}
