/* SPDX-License-Identifier: MIT */
#include "window_world.h"

#include "fake_invoke.h"

#include <r4/abi/objects.h>
#include <string.h>

#define FIRST 10u

static uint8_t memory[WORLD_PAGES * R4_PAGE_BYTES] __attribute__((aligned(4096)));
static uint64_t slot_words[FAKE_SLOTS / R4_SLOTS_WORD_BITS];
static struct r4_slots slots;
static struct r4_holdings holdings;
static struct r4_vspace vspace;
static struct r4_window_page pages[WORLD_PAGES];

void window_world_init(struct window_world *world, uint8_t untyped_bits)
{
    fake_reset();
    fake_untyped(WORLD_UNTYPED, untyped_bits);
    memset(memory, 0, sizeof memory);
    r4_slots_init(&slots, slot_words, FAKE_SLOTS / R4_SLOTS_WORD_BITS, FIRST, FAKE_SLOTS);
    r4_holdings_init(&holdings, &slots);
    vspace = (struct r4_vspace){.pd = 3, .untyped = WORLD_UNTYPED, .holdings = &holdings};
    r4_window_init(&world->window, &vspace, (uint64_t)memory, pages, WORLD_PAGES);
    world->self = (struct r4_self){.window = &world->window, .near = WORLD_NEAR, .far = WORLD_FAR};
}

uint32_t window_world_follow(const struct window_world *world, uint32_t index, uint16_t peer,
                             unsigned *hops, uint16_t *rights)
{
    uint64_t use_ttl = 0;
    *rights = UINT16_MAX;
    for (*hops = 0; *hops < R4_HOPS_MAX; ++*hops) {
        const uint64_t grant = *r4_window_word(&world->window, index);
        const uint32_t next = (uint32_t)r4_proxy_index(grant);
        if (r4_proxy_kind(grant) != R4_PROXY_KIND_GRANT || r4_proxy_peer(grant) != peer ||
            r4_proxy_ttl(grant) < use_ttl) {
            return 0;
        }
        *rights &= (uint16_t)r4_proxy_rights(grant);
        if ((next & R4_INDEX_WORD) == 0) {
            ++*hops;
            return r4_proxy_ttl(grant) < WORLD_ROOT_TTL ? next : 0;
        }
        const uint64_t use = *r4_window_word(&world->window, next);
        use_ttl = r4_proxy_ttl(use);
        if (r4_proxy_kind(use) != R4_PROXY_KIND_USE || r4_proxy_peer(use) != WORLD_NEAR ||
            use_ttl <= r4_proxy_ttl(grant)) {
            return 0;
        }
        *rights &= (uint16_t)r4_proxy_rights(use);
        index = (uint32_t)r4_proxy_index(use);
        peer = WORLD_FAR;
    }
    return 0;
}

unsigned window_world_marks(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake_cap[i].type == R4_TYPE_FRAME && fake_cap[i].is_marked;
    }
    return count;
}
