/* SPDX-License-Identifier: MIT */
#include "proxy_world.h"

#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>
#include <r4/peer.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define GRANT_AT   1u /* words of each domain's page */
#define USE_AT     2u
#define PEERS_BITS 14u /* log2 of the memory of all peers that rows make */

static uint32_t window_frame; /* 0: not made yet */
static uint32_t memory;       /* untyped of the world, for peers */

void proxy_window(void)
{
    if (window_frame == 0) {
        window_frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
        memory = world_make(R4_TYPE_UNTYPED, PEERS_BITS);
        world_map(window_frame, R4_ROOT_WINDOW, READ_WRITE);
        world_must("mark", r4_frame_mark(window_frame));
    }
}

uint64_t *proxy_word(uint32_t n)
{
    return (uint64_t *)R4_ROOT_WINDOW + n;
}

void proxy_peer(uint32_t pd_a, uint16_t *slot_a, uint32_t pd_b, uint16_t *slot_b)
{
    const uint32_t slots = world_slots(3);
    const struct r4_peer_end a = {.pd = pd_a, .slot = (uint16_t)slots};
    const struct r4_peer_end b = {.pd = pd_b, .slot = (uint16_t)(slots + 1)};
    world_must("making a peer", r4_peer_make(memory, slots + 2, &a, &b));
    *slot_a = a.slot;
    *slot_b = b.slot;
}

uint32_t proxy_target(uint64_t badge)
{
    const uint32_t plain = world_make(R4_TYPE_NOTIFICATION, 0);
    const uint32_t slot = world_slots(1);
    world_must("minting a badge", r4_cap_mint(plain, 0, slot, badge));
    return slot;
}

/*
 * One domain more: its GRANT, for whoever comes next, leads to what its USE names, or to the target.
 * The peers of both sides are there before the domain's page is written.
 */
void proxy_chain(struct proxy_chain *chain, uint32_t hops, uint32_t target, uint32_t n)
{
    const struct domain_env env = world_domains();
    uint16_t back = 0; /* in the domain: the peer with the one before */
    uint16_t forth = 0;
    uint16_t next_back = 0;
    proxy_window();
    chain->hops = hops;
    chain->use = R4_INDEX_WORD | n;
    for (uint32_t i = 0; i < hops; i++) {
        domain_make(&env, &chain->domain[i], world_make(R4_TYPE_UNTYPED, DOMAIN_BITS),
                    R4_PAGE_BYTES);
    }
    for (uint32_t i = 0; i < hops; i++) {
        struct domain *d = &chain->domain[i];
        const uint8_t ttl = (uint8_t)(PROXY_HOPS_MAX - 2 - i + (hops == PROXY_HOPS_MAX));
        const uint32_t next = i + 1 < hops ? chain->domain[i + 1].vspace.pd : R4_INIT_SLOT_PD;
        proxy_peer(d->vspace.pd, &forth, next, &next_back);
        const uint64_t words[] = {
            0,
            r4_word_of(r4_grant_to(forth, R4_RIGHTS_DEFINED, ttl),
                       i == 0 ? target : R4_INDEX_WORD | USE_AT),
            i == 0 ? 0
                   : r4_word_of(r4_use_from(back, R4_RIGHTS_DEFINED, (uint8_t)(ttl + 1)),
                                R4_INDEX_WORD | GRANT_AT),
        };
        d->frame = domain_page(&env, d, R4_ROOT_WINDOW, words, 3);
        world_must("mark", r4_frame_mark(d->frame));
        back = next_back;
        if (i + 1 == hops) {
            r4_use(proxy_word(n),
                   r4_word_of(r4_use_from(back, R4_RIGHTS_DEFINED, ttl), R4_INDEX_WORD | GRANT_AT));
        }
    }
}

static void forget(uint32_t frame)
{
    world_must("unmark", r4_frame_unmark(frame));
    world_must("mark", r4_frame_mark(frame));
}

void proxy_forget(const struct proxy_chain *chain)
{
    for (uint32_t i = 0; i < chain->hops; i++) {
        forget(chain->domain[i].frame);
    }
    forget(window_frame);
}
