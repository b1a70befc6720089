/* SPDX-License-Identifier: MIT */
/* <r4/proxy.h>: the form of words, and what a session id says. */
#include "unit.h"

#include <r4/abi/rights.h>
#include <r4/proxy.h>

#define PEER  0xabcdu
#define INDEX (R4_INDEX_WORD | 0x1234u)

static void test_word__every_field_stands_in_its_place(void **state)
{
    (void)state;
    const uint16_t rights = R4_RIGHT_SIGNAL | R4_RIGHT_LINK;
    const uint64_t grant = r4_word_of(r4_grant_to(PEER, rights, 14), INDEX);
    assert_int_equal(r4_proxy_kind(grant), R4_PROXY_KIND_GRANT);
    assert_int_equal(r4_proxy_ttl(grant), 14);
    assert_int_equal(r4_proxy_rights(grant), rights);
    assert_int_equal(r4_proxy_peer(grant), PEER);
    assert_int_equal(r4_proxy_index(grant), INDEX);
    assert_int_equal(r4_proxy_once(grant), 0);
    assert_int_equal(grant & (R4_PROXY_MBZ_MASK | R4_PROXY_ZERO_MASK), 0);
    assert_int_equal(r4_grant_once(grant), grant | R4_PROXY_ONCE_MASK);
    const uint64_t use = r4_word_of(r4_use_from(PEER, rights, 14), INDEX);
    assert_int_equal(r4_proxy_kind(use), R4_PROXY_KIND_USE);
    assert_int_equal(use ^ grant, R4_PROXY_KIND_USE ^ R4_PROXY_KIND_GRANT);
}

static void test_word__is_granted_and_taken_back(void **state)
{
    (void)state;
    uint64_t word = 0;
    const uint64_t grant = r4_word_of(r4_grant_to(PEER, R4_RIGHT_SIGNAL, 1), 9);
    r4_grant(&word, grant);
    assert_int_equal(word, grant);
    assert_false(r4_is_spent(&word));
    r4_ungrant(&word);
    assert_int_equal(word, 0);
    assert_true(r4_is_spent(&word));
}

static uint64_t session(uint32_t index, uint64_t asid, uint64_t generation)
{
    return R4_SESSION_IS_SESSION_MASK | index | asid << R4_SESSION_ASID_LO |
           generation << R4_SESSION_GENERATION_LO;
}

static void test_session__minted_badges_are_none(void **state)
{
    (void)state;
    struct r4_session s;
    assert_false(r4_session_of(0, &s));
    assert_false(r4_session_of(~R4_SESSION_IS_SESSION_MASK, &s));
    assert_true(r4_session_of(session(INDEX, 1023, 0xfedc), &s));
    assert_int_equal(s.index, INDEX);
    assert_int_equal(s.asid, 1023);
    assert_int_equal(s.generation, 0xfedc);
}

static uint64_t link_to(uint16_t asid, uint16_t generation)
{
    const uint32_t a = r4_asid_with_generation(r4_asid_with_index(0, asid), generation);
    return r4_peer_with_slot(r4_peer_with_asid(0, a), 7);
}

static void test_session__of_a_peer_by_asid_and_generation(void **state)
{
    (void)state;
    struct r4_session s;
    assert_true(r4_session_of(session(INDEX, 5, 3), &s));
    assert_true(r4_session_is_from(&s, link_to(5, 3)));
    assert_false(r4_session_is_from(&s, link_to(5, 4)));
    assert_false(r4_session_is_from(&s, link_to(6, 3)));
    assert_true(r4_session_of(session(INDEX, 0, 0), &s));
    assert_false(r4_session_is_from(&s, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_word__every_field_stands_in_its_place),
        cmocka_unit_test(test_word__is_granted_and_taken_back),
        cmocka_unit_test(test_session__minted_badges_are_none),
        cmocka_unit_test(test_session__of_a_peer_by_asid_and_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
