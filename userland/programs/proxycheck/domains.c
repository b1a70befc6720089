/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks with other domains: what their windows and peers must be like, what is left when a
 * peer is cut or a domain ends, and that an ASID which is used again revives nothing (P5, P6, P23, D11).
 */
#include "parts.h"

#define BADGE UINT64_C(0x10)
#define WORD  (R4_INDEX_WORD | 1u)
#define TRIES 1100u /* more than there are ASIDs */

static uint32_t target;
static uint16_t ours;
static uint16_t its;

static struct r4_result through(uint32_t index)
{
    return r4_invoke0(r4_through(ours, index), R4_CALL_CAP_IDENTIFY);
}

/* A domain that grants `target` to whom its end of the peer leads to. */
static void begin(struct domain *d, bool is_marked)
{
    const uint64_t words[2] = {0, r4_word_of(r4_grant_to(its, ALL_RIGHTS, 1), target)};
    lab_domain(d, words, 2, is_marked);
}

static void check_peer(void)
{
    struct domain d;
    begin(&d, true);
    lab_peer(PD, ours, d.vspace.pd, its);
    struct r4_result r = check_ok("through another domain", through(WORD));
    check_equal("a minted badge", r.m[1], BADGE);
    check("an empty word there", through(R4_INDEX_WORD), R4_E_PROXY, 0);
    check("beyond its window", through(R4_INDEX_WORD | R4_PAGE_WORDS), R4_E_PROXY, 0);
    check("far beyond it", through(R4_INDEX_WORD | 0x7fffffu), R4_E_PROXY, 0);
    check("move an end", r4_invoke2(ours, R4_CALL_CAP_MOVE, 0, lab_slots(1)), R4_E_TYPE, 0);
    r = call_identify(ours);
    check_equal("the domain at the other end", r4_peer_asid(r.m[1]), d.asid);
    check_equal("the slot of the other end", r4_peer_slot(r.m[1]), its);
    check_ok("delete the other end", call_delete(its));
    check("through a tombstone", through(WORD), R4_E_PROXY, 0);
    check_equal("a tombstone says nothing", call_identify(ours).m[1], 0);
    check_ok("delete the tombstone", call_delete(ours));
    check("through an empty slot", through(WORD), R4_E_EMPTY, R4_DETAIL_PEER);
    lab_domain_end(&d);
    begin(&d, false);
    lab_peer(PD, ours, d.vspace.pd, its);
    check("a page that is not marked", through(WORD), R4_E_PROXY, 0);
    check_ok("delete the peer", call_delete(ours));
    check_ok("delete the peer", call_delete(its));
    lab_domain_end(&d);
}

/* Who granted is seen from the session. */
static void check_session(void)
{
    struct domain d;
    struct r4_session session;
    const uint32_t plain = lab_make(R4_TYPE_NOTIFICATION, 0);
    const uint64_t words[2] = {0, r4_word_of(r4_grant_to(its, ALL_RIGHTS, 1), plain)};
    lab_domain(&d, words, 2, true);
    lab_peer(PD, ours, d.vspace.pd, its);
    const uint64_t badge = check_ok("without a badge", through(WORD)).m[1];
    check_equal("a session", r4_session_of(badge, &session), true);
    check_equal("of this peer", r4_session_is_from(&session, call_identify(ours).m[1]), true);
    check_equal("not of oneself",
                r4_session_is_from(&session, call_identify(lab_self()->near).m[1]), false);
    check_equal("of this GRANT", session.index, WORD);
    check_ok("delete the peer", call_delete(ours));
    check_ok("delete the peer", call_delete(its));
    lab_domain_end(&d);
}

/* The domain ends, and another one with its ASID says the same in the same place. */
static void check_recycled(void)
{
    struct domain d;
    begin(&d, true);
    const uint64_t before = d.asid;
    lab_peer(PD, ours, d.vspace.pd, its);
    check_ok("before its end", through(WORD));
    lab_domain_end(&d);
    check("after its end", through(WORD), R4_E_PROXY, 0);
    bool is_same = false;
    for (uint32_t i = 0; i < TRIES && !is_same; i++) {
        begin(&d, true);
        is_same = r4_asid_index((uint32_t)d.asid) == r4_asid_index((uint32_t)before);
        check("another domain", through(WORD), R4_E_PROXY, 0);
        if (!is_same) {
            lab_domain_end(&d);
        }
    }
    check_equal("the ASID was used again", is_same, true);
    check_equal("with another generation", d.asid != before, true);
    check_ok("delete the old peer", call_delete(ours));
    check_ok("delete the old peer", call_delete(its));
    lab_peer(PD, ours, d.vspace.pd, its);
    check_ok("through a new peer", through(WORD));
    check_ok("delete it", call_delete(ours));
    check_ok("delete it", call_delete(its));
    lab_domain_end(&d);
}

void check_domains(void)
{
    target = lab_badged(BADGE);
    ours = (uint16_t)lab_slots(1);
    its = (uint16_t)lab_slots(1);
    check_peer();
    check_session();
    check_recycled();
}
