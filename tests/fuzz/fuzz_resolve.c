/* SPDX-License-Identifier: MIT */
/*
 * Any words, windows, page tables, peers and generations: a resolution says what recheck_chain says,
 * reads each word once, and notes each word for one use. Each input begins with the same machine.
 */
#include "proxy_world.h"

#include "input.h"
#include "recheck.h"

#include <arch/mmu.h>
#include <kernel/explain.h>
#include <kernel/peer.h>
#include <kernel/vspace.h>
#include <kernel/window.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DOMAINS  3u
#define WORDS    8u
#define LARGE_VA UINT64_C(0x40200000) /* the next large page */

static struct {
    const uint64_t *at[64];
    uint32_t count;
} loaded;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void on_word(enum host_word_access access, const uint64_t *word)
{
    require(access == HOST_WORD_LOAD && loaded.count < 64);
    if (!is_user_word(word)) {
        return;
    }
    loaded.at[loaded.count++] = word;
}

static void build(void)
{
    sim.seed = 1;
    sim_start(1, 2);
    proxy_world(DOMAINS);
    for (uint32_t d = 1; d < DOMAINS; d++) {
        SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[d].table, ROOT_SLOT,
                 8);
    }
    host.on_word = on_word;
    sim_keep();
}

static struct pd *pd_from(struct input *in)
{
    return pd_of(&domain[input_below(in, DOMAINS)].t->pd_slot);
}

static uint64_t index_from(struct input *in)
{
    const uint8_t n = input_byte(in);

    switch (n & 7u) {
    case 0:
        return input_bytes(in, 3);
    case 1:
        return word_index(ABSENT_PAGE, n >> 3);
    case 2:
        return word_index(PLAIN_PAGE, (n >> 3) % WORDS);
    case 3:
        return word_index(PAGE_WORDS, n >> 3); /* in the large page */
    case 4:
        return ROOT_SLOT;
    default:
        return word_index(MARKED_PAGE, (n >> 3) % WORDS);
    }
}

static void change_word(struct input *in)
{
    const uint32_t d = input_below(in, DOMAINS);
    const uint32_t n = input_byte(in);
    uint64_t *at = &domain[d].word[n / WORDS % 2u * PAGE_WORDS + n % WORDS];
    const uint8_t form = input_byte(in);

    if ((form & 0xf0u) == 0xf0u) {
        *at = input_bytes(in, 8);
        return;
    }
    *at = proxy_make(form & 7u, PEER_SLOT((form >> 3) % 4u), (uint32_t)index_from(in),
                     (uint16_t)(input_bytes(in, 2) & 0xfffu), input_byte(in) & 15u);
}

/* Windows are whole pages of user addresses. */
static void change_window(struct input *in)
{
    struct pd *pd = pd_from(in);

    pd->window_base = WINDOW_BASE + (uint64_t)input_below(in, 4) * R4_PAGE_BYTES;
    pd->window_bytes = (input_bytes(in, 2) % 1100u) * R4_PAGE_BYTES;
    cluster_forget_chains(sim.of[0].cluster);
}

/* Memory that is not the cluster's own has no mark. */
static uint64_t mark_changed(uint64_t leaf)
{
    return (leaf & ARCH_PTE_OWN) != 0 ? leaf ^ ARCH_PTE_MARK : leaf;
}

/* The leaf of a page gets other bits, or goes; what is kept is forgotten as by the kernel. */
static void change_leaf(struct input *in)
{
    struct pd *pd = pd_from(in);
    const uint8_t how = input_byte(in);
    const struct vspace_place at =
        vspace_walk(pd, WINDOW_BASE + (uint64_t)(how >> 4) % 3u * R4_PAGE_BYTES, 1);
    const uint64_t leaf = vspace_load(at.entry);

    if (at.level == 1 && arch_pte_is_present(leaf)) {
        vspace_store(at.entry, (how & 3u) == 0   ? 0
                               : (how & 3u) == 1 ? mark_changed(leaf)
                               : (how & 3u) == 2 ? leaf & ~(ARCH_PTE_OWN | ARCH_PTE_MARK)
                                                 : leaf | ARCH_PTE_OWN | ARCH_PTE_MARK);
        cluster_forget_chains(sim.of[0].cluster);
    }
}

/* Memory of the cluster by one large leaf, as a frame of 2 MiB maps it. */
static void map_large(struct input *in)
{
    struct pd *pd = pd_from(in);
    const struct vspace_place at = vspace_walk(pd, LARGE_VA, 2);
    const uint64_t bits = input_byte(in) % 2u == 0 ? ARCH_PTE_OWN : ARCH_PTE_OWN | ARCH_PTE_MARK;

    if (at.level == 2) {
        vspace_store(at.entry,
                     bits | arch_pte_leaf(sim_cluster_memory(0), 2, R4_RIGHT_READ, false));
        cluster_forget_chains(sim.of[0].cluster);
    }
}

/* No link names an entry without a domain by the generation that is to be given out next (asid I4). */
static uint64_t possible_link(uint64_t link)
{
    const struct asid_entry *entry = &sim.of[0].cluster->asids.entry[peer_asid_index(link)];

    return entry->pd == NULL && entry->generation == peer_generation(link) ? 0 : link;
}

static void change_peer(struct input *in)
{
    struct slot *s = domain_slot(input_below(in, DOMAINS), PEER_SLOT(input_below(in, DOMAINS)));

    if (slot_is_empty(s)) {
        return;
    }
    cluster_forget_chains(sim.of[0].cluster);
    s->extra = r4_peer_with_slot(s->extra, (uint16_t)PEER_SLOT(input_below(in, 4)));
    if (input_byte(in) % 4u == 0) {
        /* Indices are below ASIDS_MAX. */
        s->extra = possible_link(input_bytes(in, 8) & ~UINT64_C(0xc00));
    }
}

static void change_generation(struct input *in)
{
    struct asid_table *asids = &sim.of[0].cluster->asids;

    struct asid_entry *entry = &asids->entry[input_below(in, 8)];
    const uint8_t generation = input_byte(in);

    if (entry->pd != NULL) {
        entry->generation = generation;
        cluster_forget_chains(sim.of[0].cluster);
    }
}

static void change_root(struct input *in)
{
    struct slot *s = domain_slot(input_below(in, DOMAINS), ROOT_SLOT);

    s->meta = slot_meta(input_byte(in) % 8u == 0 ? 0 : R4_TYPE_NOTIFICATION,
                        (uint16_t)input_bytes(in, 2) & 0xfffu, input_byte(in) & 15u, 5) |
              (s->meta & SLOT_HOME_MASK);
}

static void require_each_once(void)
{
    for (uint32_t i = 0; i < loaded.count; i++) {
        for (uint32_t n = 0; n < i; n++) {
            require(loaded.at[i] != loaded.at[n]);
        }
    }
}

static void check_again(const struct recheck *r, struct pd *pd, struct proxy_start from)
{
    struct once_words once = {0};
    struct cap_ref ref;
    uint32_t about = 0;
    enum r4_err err;

    loaded.count = 0;
    err = proxy_resolve(sim.of[0].cluster, pd, from, &once, &ref, &about);
    require(err == r->err);
    if (err == R4_OK) {
        require_each_once();
        require(ref.slot == r->root && ref.rights == r->rights);
        require(ref.near_rights == r->near_rights && ref.ttl == r->ttl);
        require(ref.session == r->session && ref.is_once == r->is_once);
        require(ref.is_once == (once.count != 0) && once.count <= r->hops);
        require(loaded.count == 2u * r->hops - (from.peer != 0));
    }
}

/* By a walk, or by comparing with what was kept; then by what the first one kept. */
static void check(struct input *in)
{
    struct pd *pd = pd_from(in);
    const uint8_t peer = input_byte(in);
    const struct proxy_start from = {.peer = peer < 200 ? 0 : peer % 64u,
                                     .index = R4_INDEX_WORD | (uint32_t)index_from(in)};
    const struct recheck r =
        recheck_chain(sim.of[0].cluster, pd, from.peer, from.index, recheck_now);

    for (uint32_t i = 0; i < 2; i++) {
        check_again(&r, pd, from);
        require(
            proxy_is_kept_rightly(sim.of[0].cluster, pd, (from.index + from.peer) % CHAINS_KEPT));
    }
}

static void change(struct input *in)
{
    switch (input_byte(in) % 16u) {
    case 0:
        change_window(in);
        break;
    case 1:
        change_leaf(in);
        break;
    case 2:
        map_large(in);
        break;
    case 3:
        change_peer(in);
        break;
    case 4:
        change_generation(in);
        break;
    case 5:
        change_root(in);
        break;
    default:
        change_word(in);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_built;
    struct input in = {data, size};

    if (!is_built) {
        build();
        is_built = true;
    }
    sim_return();
    while (!input_is_empty(&in)) {
        change(&in);
        check(&in);
    }
    return 0;
}
