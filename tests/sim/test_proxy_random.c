/* SPDX-License-Identifier: MIT */
/* Random words, and what a second opinion says of them (attack P3). */
#include "proxy_attack.h"
#include "proxy_random.h"

#define WORDS 4u /* that the random words stand in and name, in each page */

/* What a call names. */
static uint32_t random_start(void)
{
    return rng_below(&sim.rng, 8) == 0
               ? random_index(false, WORDS) | R4_INDEX_WORD
               : word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, WORDS / 2u) + 1u);
}

/*
 * Most of them are what programs write, or nearly: GRANTs in even places, USEs in odd ones. The
 * others are anything.
 */
static uint64_t random_word(bool is_even)
{
    const bool is_grant = (rng_below(&sim.rng, 16) == 0) != is_even;
    uint64_t word =
        proxy_make(is_grant ? R4_PROXY_KIND_GRANT : R4_PROXY_KIND_USE,
                   PEER_SLOT(rng_below(&sim.rng, 4)), random_index(is_grant, WORDS),
                   (uint16_t)(rng_next(&sim.rng) & 0xfffu), (uint8_t)rng_below(&sim.rng, 16));

    if (is_grant && rng_below(&sim.rng, 4) == 0) {
        word |= R4_PROXY_ONCE_MASK;
    }
    if (rng_below(&sim.rng, 16) == 0) {
        word ^= UINT64_C(1) << rng_below(&sim.rng, 64);
    }
    return rng_below(&sim.rng, 16) == 0 ? rng_next(&sim.rng) : word;
}

/* A notification for each domain to grant. */
static void start_random(void)
{
    proxy_world(4);
    for (uint32_t d = 1; d < 4; d++) {
        SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[d].table, ROOT_SLOT,
                 0x40);
    }
}

static void scramble(uint32_t domains)
{
    const uint32_t page = rng_below(&sim.rng, 2);
    const uint32_t n = page * PAGE_WORDS + rng_below(&sim.rng, WORDS);

    domain[rng_below(&sim.rng, domains)].word[n] = random_word(n % 2u == 0);
}

static bool agrees(const struct recheck *r, enum r4_err err, const struct cap_ref *ref)
{
    if (r->err != err || err != R4_OK) {
        return r->err == err;
    }
    return r->root == ref->slot && r->rights == ref->rights && r->ttl == ref->ttl &&
           r->near_rights == ref->near_rights && r->is_once == ref->is_once &&
           r->session == ref->session;
}

static void test_P3_a_million_random_words(void **state)
{
    uint32_t found = 0;
    uint32_t deep = 0;

    (void)state;
    start_random();
    for (uint32_t i = 0; i < 1000000; i++) {
        const uint32_t d = rng_below(&sim.rng, 4);
        const uint32_t index = random_start();
        const struct proxy_start from = {
            .peer = rng_below(&sim.rng, 4) == 0 ? PEER_SLOT(rng_below(&sim.rng, 5)) : 0,
            .index = index};
        struct once_words once = {0};
        struct cap_ref ref;
        uint32_t about = 0;
        struct recheck r;
        enum r4_err err;

        scramble(4);
        r = recheck_chain(sim.of[0].cluster, pd_of_domain(d), from.peer, index, recheck_now);
        err = proxy_resolve(sim.of[0].cluster, pd_of_domain(d), from, &once, &ref, &about);
        if (!agrees(&r, err, &ref)) {
            fail_msg("word %u: the kernel says %d, it is %d", i, (int)err, (int)r.err);
        }
        found += err == R4_OK;
        deep += err == R4_OK && r.hops > 1;
    }
    printf("random words: %u chains led somewhere, %u of them by more than one hop\n", found, deep);
    /* The generator is good enough to meet what is right. */
    assert_true(found > 10000 && deep > 30);
}

/* The bits of every domain's notification, 16 each, which are taken away. */
static uint64_t take_all_bits(void)
{
    uint64_t all = 0;

    for (uint32_t d = 0; d < 4; d++) {
        struct notification *n = notification_of(domain_slot(d, ROOT_SLOT));

        all |= n->bits << 16 * d;
        n->bits = 0;
    }
    return all;
}

static uint32_t granter_of(const struct slot *root)
{
    uint32_t d = 0;

    while (domain_slot(d, ROOT_SLOT) != root) {
        d++;
    }
    return d;
}

/* The same through the kernel's door: signals arrive where the chain leads, and nowhere else. */
static void test_P3_random_words_in_calls(void **state)
{
    uint32_t done = 0;

    (void)state;
    start_random();
    run(1);
    hurry();
    for (uint32_t i = 0; i < 30000; i++) {
        const uint32_t index = random_start();
        struct recheck r;
        struct sim_reply reply;

        scramble(4);
        r = recheck_chain(sim.of[0].cluster, pd_of_domain(1), 0, index, recheck_now);
        reply = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0);
        assert_int_equal(reply.err == R4_OK, r.err == R4_OK &&
                                                 slot_type(r.root) == R4_TYPE_NOTIFICATION &&
                                                 (r.rights & R4_RIGHT_SIGNAL) != 0);
        assert_int_equal(take_all_bits(),
                         reply.err != R4_OK ? 0 : UINT64_C(0x40) << 16 * granter_of(r.root));
        done += reply.err == R4_OK;
    }
    assert_true(done > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_P3_a_million_random_words),
        TEST(test_P3_random_words_in_calls),
    };

    return cmocka_run_group_tests_name("proxy random", tests, NULL, NULL);
}
