/* SPDX-License-Identifier: MIT */
/* When words are read, how often, and which value counts (attacks P13, P18, P19). */
#include "proxy_attack.h"

static uint32_t flips;

/* Before each load another program has written the other value. */
static void flip(enum host_word_access access, const uint64_t *word)
{
    (void)access;
    flips += is_user_word(word);
    domain[0].word[0] = flips % 3 == 0 ? grant(1, ROOT_SLOT, R4_RIGHT_SIGNAL, 5)
                                       : grant(1, ROOT_SLOT + 1u, R4_RIGHT_RECEIVE, 5);
}

static void test_P13_a_word_that_flips_is_one_of_its_values(void **state)
{
    const uint32_t second = (start(2), sim_make(0, R4_TYPE_NOTIFICATION, 0, 1));
    uint32_t done = 0;

    (void)state;
    SIM_ROOT(0, CAP_MINT, second, domain[0].table, ROOT_SLOT + 1u, 0x80);
    run(1);
    hurry();
    host.on_word = flip;
    for (uint32_t i = 0; i < 100000; i++) {
        const struct sim_reply reply = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);

        assert_true(reply.err == R4_OK || reply.err == R4_E_RIGHTS);
        done += reply.err == R4_OK;
    }
    assert_int_equal(flips, 200000);
    assert_true(done > 0 && done < 100000);
    assert_int_equal(notification_of(domain_slot(0, ROOT_SLOT + 1u))->bits, 0);
}

/* A signal that loads each word of the chain, once. */
static void signal_by(uint32_t d, uint32_t index, uint32_t hops)
{
    count_words();
    expect_ok(domain[d].t, NOTIFICATION_SIGNAL, index, 0);
    assert_int_equal(counted.user_loads, 2u * hops);
    assert_int_equal(counted.swaps, 0);
    expect_each_once();
}

/* Word `n` of what make_chain wrote, from the root to the caller. */
static uint64_t *chain_word(uint32_t n)
{
    const uint32_t hop = n / 2u;

    return n % 2u == 0 ? &domain[hop].word[2u * hop] : &domain[hop + 1u].word[2u * hop + 1u];
}

/* Each word is loaded once: when nothing is kept, when all agrees, and wherever a word does not. */
static void test_P13_P19_one_load_for_each_word(void **state)
{
    uint32_t end;

    (void)state;
    proxy_world(16);
    for (uint32_t hops = 1; hops < 15; hops++) {
        const uint32_t index = make_chain(hops, ROOT_SLOT, 13, &end);

        run(end);
        signal_by(end, index, hops);
        signal_by(end, index, hops);
        for (uint32_t n = 0; n < 2u * hops; n++) {
            *chain_word(n) ^= (uint64_t)R4_RIGHT_RECEIVE << R4_PROXY_RIGHTS_LO;
            signal_by(end, index, hops);
            signal_by(end, index, hops);
        }
    }
}

/* The same where the walk is refused at the word that has changed, or leads elsewhere from there. */
static void test_P13_one_load_where_a_kept_chain_breaks(void **state)
{
    const uint32_t hops = 5;
    uint32_t end;
    uint32_t index;

    (void)state;
    proxy_world(hops + 1u);
    index = make_chain(hops, ROOT_SLOT, 10, &end);
    run(end);
    for (uint32_t n = 0; n < 2u * hops; n++) {
        const uint64_t whole = *chain_word(n);

        signal_by(end, index, hops);
        *chain_word(n) =
            n % 2u == 0 ? r4_proxy_with_index(whole, 77) : r4_proxy_with_peer(whole, 9);
        count_words();
        (void)SIM_CALL(domain[end].t, NOTIFICATION_SIGNAL, index, 0);
        assert_int_equal(counted.user_loads, 2u * hops - n);
        expect_each_once();
        *chain_word(n) = whole;
    }
}

/* A chain that is kept leads to what the root's slot holds now. */
static void test_P18_another_capability_in_the_roots_slot(void **state)
{
    const uint32_t other = (start(2), sim_make(0, R4_TYPE_NOTIFICATION, 0, 1));
    const struct slot *root = domain_slot(0, ROOT_SLOT);

    (void)state;
    run(1);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, ROOT_SLOT);
    expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_MINT, other, domain[0].table, ROOT_SLOT, 0x80);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(notification_of(root)->bits, 0x80);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[0].table, ROOT_SLOT);
    SIM_ROOT(0, CAP_MINT, sim_make(0, R4_TYPE_NOTIFICATION, 0, 1), domain[0].table, ROOT_SLOT, 0x8);
    expect_ok(domain[1].t, NOTIFICATION_SIGNAL, USE, 0);
    assert_int_equal(notification_of(root)->bits, 0x8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_P13_a_word_that_flips_is_one_of_its_values),
        TEST(test_P13_P19_one_load_for_each_word),
        TEST(test_P13_one_load_where_a_kept_chain_breaks),
        TEST(test_P18_another_capability_in_the_roots_slot),
    };

    return cmocka_run_group_tests_name("proxy reads", tests, NULL, NULL);
}
