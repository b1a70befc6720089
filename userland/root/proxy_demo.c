/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `proxy`: a second domain that has a peer with the root task, and words in both
 * windows of which some lead somewhere and some do not.
 *
 * Invariant: everything is made from one untyped, so that a revoke of it takes everything back.
 */
#include "command.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>
#include <string.h>

#define MEMORY_BITS  17u /* table, domain, three pages and their page tables */
#define TABLE_BITS   R4_CAP_TABLE_MIN_BITS
#define OTHER_PEER   1u /* slot in the other domain's table */
#define OTHER_WINDOW R4_ROOT_WINDOW
#define WINDOW_BYTES (4u * R4_PAGE_BYTES)
#define PAGE_WORDS   512u
#define OWN_WORDS    (2u * PAGE_WORDS) /* the first page is marked, the second is not */
#define NO_SLOT_USED 200u              /* empty in the other domain's table */
#define BADGE        0x40u
#define READ_WRITE   (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define FAR_TTL      9u /* of words near the root; the next hop has one less */
#define NEAR_TTL     8u

static struct demo {
    bool is_made;
    uint16_t node;
    uint32_t untyped;
    uint32_t pd;
    uint32_t plain;  /* slot of a notification without a badge */
    uint32_t badged; /* of the same with one */
    uint32_t spare;  /* an empty slot */
    uint32_t peer;   /* of the own end */
    struct r4_holdings holdings;
} demo;

/* Returns from the function if a step fails; `*step` says which. */
#define TRY(what, call)                                                                            \
    do {                                                                                           \
        *step = (what);                                                                            \
        enum r4_err err_ = (call);                                                                 \
        if (err_ != R4_OK) {                                                                       \
            return err_;                                                                           \
        }                                                                                          \
    } while (0)

static enum r4_err make(uint8_t type, uint8_t bits, uint32_t count, uint32_t *slot)
{
    return r4_holdings_make(&demo.holdings, demo.untyped, type, bits, count, slot);
}

/* ------------------------------------------------------------------------------------------------
 * Words
 */

static uint64_t word_of(uint64_t kind, uint32_t peer, uint32_t index, uint32_t ttl)
{
    return kind | (uint64_t)ttl << R4_PROXY_TTL_LO |
           (uint64_t)R4_RIGHTS_DEFINED << R4_PROXY_RIGHTS_LO | (uint64_t)peer << R4_PROXY_PEER_LO |
           (uint64_t)index << R4_PROXY_INDEX_LO;
}

static uint64_t grant(uint32_t peer, uint32_t index, uint32_t ttl)
{
    return word_of(R4_PROXY_KIND_GRANT, peer, index, ttl);
}

/* A USE of word `n` of the other side. */
static uint64_t use(uint32_t peer, uint32_t n, uint32_t ttl)
{
    return word_of(R4_PROXY_KIND_USE, peer, R4_INDEX_WORD | n, ttl);
}

/* Other cores read it at any time. */
static void put(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Every GRANT of the other domain hands on a USE of one of ours, but for two. */
static void write_other_words(uint64_t *word)
{
    static const uint32_t from[] = {0, 2, 0, PAGE_WORDS, 0, 0};
    for (uint32_t n = 0; n < 2 * sizeof from / sizeof from[0]; n += 2) {
        put(&word[n], use(OTHER_PEER, from[n / 2], FAR_TTL));
        put(&word[n + 1], grant(OTHER_PEER, R4_INDEX_WORD | n, NEAR_TTL));
    }
    put(&word[5], grant(OTHER_PEER + 1, R4_INDEX_WORD | 4, NEAR_TTL));
    put(&word[9], grant(OTHER_PEER, NO_SLOT_USED, NEAR_TTL));
    put(&word[11], word[11] | R4_PROXY_ONCE_MASK);
}

static void write_own_words(uint64_t *word)
{
    const uint32_t peer = demo.peer;
    put(&word[0], grant(peer, demo.badged, FAR_TTL));
    put(&word[1], use(peer, 1, NEAR_TTL));
    put(&word[2], grant(peer, demo.plain, FAR_TTL));
    put(&word[3], use(peer, 3, NEAR_TTL));
    put(&word[4], use(peer, 100, NEAR_TTL));        /* empty */
    put(&word[5], use(peer, PAGE_WORDS, NEAR_TTL)); /* not mapped */
    put(&word[6], use(peer, 5, NEAR_TTL));          /* for another peer */
    put(&word[7], use(peer, 7, NEAR_TTL));          /* comes back to a page without mark */
    put(&word[8], use(peer, 1, R4_TTL_MAX));        /* more than the GRANT has */
    put(&word[9], use(peer, 9, NEAR_TTL));          /* of a slot that is empty */
    put(&word[10], use(demo.spare, 1, NEAR_TTL));   /* no peer */
    put(&word[11], use(peer, 11, NEAR_TTL));        /* once */
    put(&word[PAGE_WORDS], grant(peer, demo.badged, FAR_TTL));
}

/* ------------------------------------------------------------------------------------------------
 * Making and taking back
 */

static enum r4_err make_domain(const char **step)
{
    uint32_t table;
    TRY("making the table", make(R4_TYPE_CAP_TABLE, TABLE_BITS, 1, &table));
    TRY("making the domain", make(R4_TYPE_PD, 0, 1, &demo.pd));
    TRY("giving it a window", r4_pd_configure(demo.pd, table, OTHER_WINDOW, WINDOW_BYTES));
    TRY("giving it an ASID", r4_asid_assign(R4_INIT_SLOT_ASID_CONTROL, demo.pd, NULL));
    TRY("taking slots", r4_holdings_take(&demo.holdings, 1, &demo.peer));
    TRY("making a peer", make(R4_TYPE_PEER, 0, 1, &demo.spare));
    TRY("binding the peer",
        r4_peer_bind(demo.spare, R4_INIT_SLOT_PD, (uint16_t)demo.peer, demo.pd, OTHER_PEER));
    TRY("making a notification", make(R4_TYPE_NOTIFICATION, 0, 1, &demo.plain));
    TRY("taking slots", r4_holdings_take(&demo.holdings, 1, &demo.badged));
    TRY("minting a badge", r4_cap_mint(demo.plain, 0, demo.badged, BADGE));
    return R4_OK;
}

/* Two pages of the own window, the first marked. */
static enum r4_err make_own_words(const char **step)
{
    struct r4_vspace own = {
        .pd = R4_INIT_SLOT_PD, .untyped = demo.untyped, .holdings = &demo.holdings};
    uint32_t frames;
    TRY("making pages", make(R4_TYPE_FRAME, R4_PAGE_BITS, 2, &frames));
    for (uint32_t i = 0; i < 2; i++) {
        TRY("mapping pages in the own window",
            r4_vspace_map(&own, frames + i, R4_ROOT_WINDOW + i * R4_PAGE_BYTES, READ_WRITE));
    }
    TRY("marking a page", r4_frame_mark(frames));
    write_own_words((uint64_t *)R4_ROOT_WINDOW);
    return R4_OK;
}

/* A page of the other window. A marked one is mapped only once, so it is written before. */
static enum r4_err make_other_words(struct root *root, const char **step)
{
    struct r4_vspace own = {
        .pd = R4_INIT_SLOT_PD, .untyped = demo.untyped, .holdings = &demo.holdings};
    struct r4_vspace other = {.pd = demo.pd, .untyped = demo.untyped, .holdings = &demo.holdings};
    uint32_t frame;
    TRY("making a page", make(R4_TYPE_FRAME, R4_PAGE_BITS, 1, &frame));
    TRY("mapping the page", r4_vspace_map(&own, frame, root->env.scratch, READ_WRITE));
    write_other_words((uint64_t *)root->env.scratch);
    TRY("unmapping the page", r4_frame_unmap(frame));
    TRY("mapping a page in the other window",
        r4_vspace_map(&other, frame, OTHER_WINDOW, READ_WRITE));
    TRY("marking a page", r4_frame_mark(frame));
    return R4_OK;
}

static enum r4_err make_all(struct root *root, const char **step)
{
    TRY("taking memory", r4_memory_take(&root->memory, MEMORY_BITS, &demo.node));
    demo.is_made = true;
    demo.untyped = root->memory.nodes[demo.node].slot;
    r4_holdings_init(&demo.holdings, &root->slots);
    enum r4_err err = make_domain(step);
    if (err == R4_OK) {
        err = make_own_words(step);
    }
    return err == R4_OK ? make_other_words(root, step) : err;
}

static enum r4_err take_back(struct root *root)
{
    enum r4_err err = r4_memory_give(&root->memory, demo.node);
    r4_holdings_release(&demo.holdings);
    demo.is_made = false;
    return err;
}

static uint32_t start(struct root *root, struct sink *out)
{
    const char *step = "";
    if (demo.is_made) {
        sink_printf(out, "proxy: the words are there; `proxy undo` takes them away\n");
        return STATUS_FAILED;
    }
    enum r4_err err = make_all(root, &step);
    if (err != R4_OK) {
        if (demo.is_made) {
            (void)take_back(root);
        }
        return command_failed(out, "proxy", step, err);
    }
    sink_printf(out,
                "slot %u holds a domain, slot %u a peer with it; both windows have words:\n"
                "`proxies`, `proxies %u`, `resolve w1`\n",
                demo.pd, demo.peer, demo.pd);
    return STATUS_OK;
}

static uint32_t undo(struct root *root, struct sink *out)
{
    if (!demo.is_made) {
        sink_printf(out, "proxy: there is nothing to take away; `proxy demo` makes it\n");
        return STATUS_FAILED;
    }
    enum r4_err err = take_back(root);
    return err == R4_OK ? STATUS_OK : command_failed(out, "proxy", "taking memory back", err);
}

static uint32_t erase(struct sink *out, uint32_t index)
{
    const uint32_t number = index - R4_INDEX_WORD;
    if (!demo.is_made || number >= OWN_WORDS) {
        sink_printf(out, "proxy: `proxy demo` writes words w0 to w%u, no other can be erased\n",
                    OWN_WORDS - 1);
        return STATUS_FAILED;
    }
    put((uint64_t *)R4_ROOT_WINDOW + number, 0);
    return STATUS_OK;
}

uint32_t command_proxy(struct root *root, struct sink *out, const struct words *words)
{
    const char *what = words->count >= 2 ? words->word[1] : "";
    uint32_t index;
    if (words->count == 2 && strcmp(what, "demo") == 0) {
        return start(root, out);
    }
    if (words->count == 2 && strcmp(what, "undo") == 0) {
        return undo(root, out);
    }
    if (words->count == 3 && strcmp(what, "erase") == 0 && words_index(words->word[2], &index) &&
        (index & R4_INDEX_WORD) != 0) {
        return erase(out, index);
    }
    return command_usage(out, "proxy", "expected `demo`, `undo`, or `erase` and a word as w0");
}
