/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the tests of attacks on proxies share: one chain from domain 1 to domain 0's notification,
 * and counting the words that the kernel reads.
 */
#pragma once

#include "proxy_world.h"
#include "recheck.h"

#include <kernel/notification.h>
#include <string.h>

#define ALL   ((uint16_t)R4_RIGHTS_DEFINED)
#define GRANT word_index(MARKED_PAGE, 0)
#define USE   word_index(PLAIN_PAGE, 3)

/* Words loaded and swapped since count_words; what is not there is loaded from memory of zeros. */
static struct {
    uint32_t loads;
    uint32_t user_loads;
    uint32_t swaps;
    const uint64_t *at[64]; /* of user memory */
} counted;

static inline void count(enum host_word_access access, const uint64_t *word)
{
    if (access == HOST_WORD_SWAP) {
        counted.swaps++;
        return;
    }
    counted.loads++;
    if (is_user_word(word)) {
        counted.at[counted.user_loads % 64u] = word;
        counted.user_loads++;
    }
}

static inline void count_words(void)
{
    memset(&counted, 0, sizeof(counted));
    host.on_word = count;
}

static inline void expect_each_once(void)
{
    for (uint32_t i = 0; i < counted.user_loads; i++) {
        for (uint32_t n = 0; n < i; n++) {
            assert_ptr_not_equal(counted.at[i], counted.at[n]);
        }
    }
}

static inline uint64_t *use_word(uint32_t d)
{
    return &domain[d].word[PAGE_WORDS + 3u];
}

static inline void start(uint32_t domains)
{
    proxy_world(domains);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    *use_word(1) = use(0, GRANT, 5);
}

static inline struct pd *pd_of_domain(uint32_t d)
{
    return pd_of(&domain[d].t->pd_slot);
}

static inline uint64_t bits(void)
{
    return notification_of(domain_slot(0, ROOT_SLOT))->bits;
}

/* Many calls: the checks after each entry are left out. */
static inline void hurry(void)
{
    sim.is_checking = false;
    sim.isolate_every = 0;
}

static inline int end(void **state)
{
    host.on_word = NULL;
    return sim_teardown(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sim_setup, end)
