/* SPDX-License-Identifier: MIT */
/*
 * Owns: the commands `resolve` and `try`: what a chain of proxies leads to, as the monitor explains it
 * and as a call finds it. The kernel is asked for one step after the other, so what changes meanwhile
 * can make a picture that never was.
 */
#include "command.h"
#include "describe.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <r4/abi/stubs.h>
#include <r4/cap.h>

/* Where a chain begins. */
struct start {
    uint32_t pd;
    uint16_t peer;
    uint32_t index;
};

struct step {
    uint64_t word;    /* layout `proxy`; at the root `cap_view` */
    uint64_t place;   /* layout `proxy_step` */
    uint64_t through; /* layout `proxy_through` */
    uint64_t badge;
    uint64_t session;
    uint64_t answer; /* layout `reply` */
};

static const char *sentence(enum r4_proxy_verdict verdict)
{
    switch (verdict) {
    case R4_PROXY_VERDICT_CONTINUES:
    case R4_PROXY_VERDICT_REACHED:
        break;
    case R4_PROXY_VERDICT_OUTSIDE:
        return "it lies outside the window";
    case R4_PROXY_VERDICT_UNMAPPED:
        return "no memory of this cluster is mapped there";
    case R4_PROXY_VERDICT_UNMARKED:
        return "its page is not marked, so nothing there is a GRANT";
    case R4_PROXY_VERDICT_EMPTY:
        return "it is empty";
    case R4_PROXY_VERDICT_BUSY:
        return "it is a GRANT for one use that a call is using";
    case R4_PROXY_VERDICT_NOT_USE:
        return "it is a GRANT, and here only a USE leads on";
    case R4_PROXY_VERDICT_NOT_GRANT:
        return "it is a USE, and here only a GRANT leads on";
    case R4_PROXY_VERDICT_RESERVED:
        return "bits are set that must be 0";
    case R4_PROXY_VERDICT_USE_ONCE:
        return "it is a USE with the bit for one use, which only GRANTs have";
    case R4_PROXY_VERDICT_NAMES_SLOT:
        return "it names a slot of the other side, and only words can be named there";
    case R4_PROXY_VERDICT_OTHER_PEER:
        return "it is for another peer than that by which the chain comes";
    case R4_PROXY_VERDICT_NO_PEER:
        return "the slot of the peer is none: 0, the last, or outside the table";
    case R4_PROXY_VERDICT_PEER_EMPTY:
        return "the slot of the peer is empty";
    case R4_PROXY_VERDICT_NOT_PEER:
        return "the slot of the peer holds something else";
    case R4_PROXY_VERDICT_PEER_DEAD:
        return "the peer has no other end";
    case R4_PROXY_VERDICT_DOMAIN_GONE:
        return "the domain is gone";
    case R4_PROXY_VERDICT_TTL_USE:
        return "its time to live is less than that of the USE that names it";
    case R4_PROXY_VERDICT_TTL_NAMED:
        return "its time to live is not more than that of the GRANT that names it";
    case R4_PROXY_VERDICT_NO_SLOT:
        return "there is no such slot: it is 0, the last, or outside the table";
    case R4_PROXY_VERDICT_SLOT_EMPTY:
        return "it is empty";
    }
    return "";
}

static enum r4_err look(const struct start *start, uint8_t number, struct step *s)
{
    return r4_monitor_resolve(R4_INIT_SLOT_MONITOR, start->pd, start->peer, start->index, number,
                              &s->word, &s->place, &s->through, &s->badge, &s->session, &s->answer);
}

static void show_place(struct sink *out, const struct step *s)
{
    const uint32_t asid = (uint32_t)r4_proxy_step_asid(s->place);
    describe_index(out, (uint32_t)r4_proxy_step_index(s->place));
    if (asid == 0) {
        sink_printf(out, " of nobody: ");
    } else {
        sink_printf(out, " of ASID %u: ", (unsigned)r4_asid_index(asid));
    }
}

/* What comes to the caller, as a capability. */
static uint64_t view_through(const struct step *s)
{
    const uint64_t view =
        r4_cap_view_with_rights(s->word, (uint16_t)r4_proxy_through_rights(s->through));
    return r4_cap_view_with_ttl(view, (uint8_t)r4_proxy_through_ttl(s->through));
}

static void show_root(struct sink *out, const struct step *s)
{
    describe_cap(out, 0, s->word, s->badge);
    sink_printf(out, "\ncomes through: ");
    describe_cap(out, 0, view_through(s), s->badge);
    if (s->session != 0) {
        sink_printf(out, "; ");
        describe_session(out, s->session);
    }
    sink_printf(out, "%s\n", r4_proxy_through_once(s->through) ? "; a call uses it up" : "");
}

static void show_refusal(struct sink *out, uint64_t answer)
{
    const uint32_t err = (uint32_t)r4_reply_error(answer);
    sink_printf(out, "refused%s: %s: %s\n",
                r4_reply_detail(answer) == R4_DETAIL_PEER ? " about the peer" : "",
                r4_err_name(err), r4_err_text(err));
}

/* Returns whether the chain goes on. */
static bool show_step(struct sink *out, const struct start *start, uint32_t number,
                      const struct step *s)
{
    const enum r4_proxy_verdict verdict = (enum r4_proxy_verdict)r4_proxy_step_verdict(s->place);
    const bool is_named = number == 0 && start->peer != 0;
    sink_printf(out, "%2u ", number);
    show_place(out, s);
    if (verdict == R4_PROXY_VERDICT_REACHED) {
        show_root(out, s);
        return false;
    }
    if (is_named) {
        sink_printf(out, "the peer by which ");
        describe_index(out, start->index);
        sink_printf(out, " is named");
    } else if (s->word != 0) {
        describe_proxy(out, s->word);
    }
    if (verdict == R4_PROXY_VERDICT_CONTINUES) {
        sink_printf(out, "\n");
        return true;
    }
    sink_printf(out, "%s%s\n", is_named || s->word != 0 ? ": " : "", sentence(verdict));
    show_refusal(out, s->answer);
    return false;
}

uint32_t command_resolve(struct root *root, struct sink *out, const struct words *words)
{
    struct start start = {.pd = R4_INIT_SLOT_PD};
    uint64_t pd = R4_INIT_SLOT_PD;
    struct step s;
    bool goes_on = true;
    if (words->count < 2 || words->count > 3 ||
        !words_cap(words->word[1], &start.peer, &start.index) ||
        (words->count == 3 && !words_number(words->word[2], root->info->table_slots - 2, &pd))) {
        return command_usage(out, "resolve",
                             "expected an index as 7, w7 or 40:w7, and perhaps the slot of a "
                             "protection domain");
    }
    start.pd = (uint32_t)pd;
    for (uint32_t number = 0; goes_on && number <= UINT8_MAX; number++) {
        enum r4_err err = look(&start, (uint8_t)number, &s);
        if (err != R4_OK) {
            return command_failed(out, "resolve", "asking for a step", err);
        }
        goes_on = show_step(out, &start, number, &s);
    }
    return STATUS_OK;
}

uint32_t command_try(struct root *root, struct sink *out, const struct words *words)
{
    uint16_t peer;
    uint32_t index;
    (void)root;
    if (words->count != 2 || !words_cap(words->word[1], &peer, &index)) {
        return command_usage(out, "try", "expected an index as 7, w7 or 40:w7");
    }
    const r4_cap cap = peer == 0 ? (r4_cap)index : r4_through(peer, index);
    const struct r4_result result = r4_invoke0(cap, R4_CALL_CAP_IDENTIFY);
    if (result.err != R4_OK) {
        show_refusal(out, r4_reply_with_detail(r4_reply_with_error(0, result.err), result.detail));
        return STATUS_OK;
    }
    describe_cap(out, 0, result.m[0], result.m[1]);
    sink_printf(out, "\n");
    return STATUS_OK;
}
