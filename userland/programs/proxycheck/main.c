/* SPDX-License-Identifier: MIT */
/*
 * proxycheck [FLIPS]: proxies on the real machine: every error, every kind of operation through a
 * chain, marks on small and large pages, and races between cores of the cluster. A race goes on until
 * each of its outcomes was seen, and counts as wrong if one was not, or if another one was. FLIPS: how
 * often a word is changed while another core reads it (10,000,000 if not given).
 */
#include "parts.h"

#define FLIPS 10000000u

struct chain chain_make(void)
{
    struct chain c = {.grant = lab_word(R4_NEAR_NOTHING)};
    c.use = lab_word(c.grant);
    c.use_at = lab_at(c.use);
    c.grant_at = lab_at(c.grant);
    return c;
}

uint64_t chain_grant(uint32_t target, uint16_t rights, uint8_t ttl)
{
    return r4_word_of(r4_grant_to(lab_self()->far, rights, ttl), target);
}

uint64_t chain_use(uint32_t grant, uint16_t rights, uint8_t ttl)
{
    return r4_word_of(r4_use_from(lab_self()->near, rights, ttl), grant);
}

void chain_set(const struct chain *c, uint32_t target, uint16_t rights)
{
    r4_grant(c->grant_at, chain_grant(target, rights, 1));
    r4_use(c->use_at, chain_use(c->grant, ALL_RIGHTS, 1));
}

r4_cap chain_direct(const struct chain *c)
{
    return r4_through(lab_self()->near, c->grant);
}

bool wait_until(const uint64_t *word, uint64_t value)
{
    uint32_t rounds = 0;
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < value) {
        if (!wait_a_little(&rounds)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    lab_begin("proxycheck");
    struct lab_parameter flips = {"FLIPS", 1, UINT64_MAX, FLIPS};
    lab_arguments(argc, argv, &flips, 1);
    check_words();
    check_calls();
    check_marks();
    check_huge();
    check_domains();
    if (lab_cores() > 1) {
        check_visible();
        check_once_race();
        check_flips(flips.value);
        check_fence();
        check_unmap_race();
        check_ungrant_link_race();
        check_revoke_link_race();
    } else {
        r4_printf("one core: no races\n");
    }
    r4_printf("proxycheck: %u results, %u wrong\n", checks_made(), checks_wrong());
    return checks_wrong() == 0 ? 0 : 1;
}
