/* SPDX-License-Identifier: MIT */
/* libr4/src/caretaker.c, tree.c, peer.c: one store takes back everything that leads through it, and nothing else. */
#include "unit.h"

#include "fake_invoke.h"
#include "window_world.h"

#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/peer.h>
#include <r4/tree.h>

#define NODES  12u
#define RIGHTS (R4_RIGHT_SIGNAL | R4_RIGHT_RECEIVE)

static struct window_world world;
static struct r4_tree tree;
static struct r4_tree_node nodes[NODES];

static int setup(void **state)
{
    (void)state;
    window_world_init(&world, 17);
    return 0;
}

static uint32_t free_words(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < world.window.pages; i++) {
        count += world.window.page[i].count;
    }
    return count;
}

static uint32_t leads_to(uint32_t grant, unsigned wanted_hops)
{
    unsigned hops;
    uint16_t rights;
    uint32_t slot = window_world_follow(&world, grant, WORLD_CLIENT, &hops, &rights);
    if (slot != 0) {
        assert_int_equal(hops, wanted_hops);
        assert_int_equal(rights, R4_RIGHT_SIGNAL);
    }
    return slot;
}

static uint32_t hand_out(const struct r4_caretaker *c)
{
    uint32_t index = 0;
    assert_int_equal(r4_window_take(&world.window, c->use, &index), R4_OK);
    r4_grant(r4_window_word(&world.window, index),
             r4_caretaker_grant(c, WORLD_CLIENT, R4_RIGHT_SIGNAL));
    return index;
}

static void test_caretaker__one_store_closes_all(void **state)
{
    (void)state;
    struct r4_caretaker c;
    uint32_t out[3];
    assert_int_equal(r4_caretaker_make(&world.self, WORLD_TARGET, WORLD_ROOT_TTL, RIGHTS, &c),
                     R4_OK);
    for (unsigned i = 0; i < 3; i++) {
        out[i] = hand_out(&c);
        assert_int_equal(leads_to(out[i], 2), WORLD_TARGET);
    }
    r4_caretaker_close(&world.self, &c);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(leads_to(out[i], 2), 0);
    }
    r4_caretaker_open(&world.self, &c);
    assert_int_equal(leads_to(out[2], 2), WORLD_TARGET);
    const uint32_t before = free_words();
    r4_caretaker_end(&world.self, &c);
    assert_int_equal(free_words(), before + 2);
    assert_int_equal(leads_to(out[0], 2), 0);
}

/* As many before each other as the time to live allows. */
static void test_caretaker__before_a_caretaker(void **state)
{
    (void)state;
    struct r4_caretaker c;
    uint32_t target = WORLD_TARGET;
    uint8_t ttl = WORLD_ROOT_TTL;
    unsigned depth = 0;
    while (r4_caretaker_make(&world.self, target, ttl, RIGHTS, &c) == R4_OK) {
        target = c.use;
        ttl = c.ttl;
        depth++;
        assert_int_equal(leads_to(hand_out(&c), depth + 1), WORLD_TARGET);
    }
    assert_int_equal(depth, WORLD_ROOT_TTL - 1);
    assert_int_equal(r4_caretaker_make(&world.self, target, ttl, RIGHTS, &c), R4_E_TTL);
}

static void test_caretaker__no_room_for_the_second_word(void **state)
{
    (void)state;
    struct r4_caretaker c;
    uint32_t index;
    for (uint32_t i = 1; i < WORLD_PAGES * R4_PAGE_WORDS; i++) {
        assert_int_equal(r4_window_take(&world.window, R4_NEAR_NOTHING, &index), R4_OK);
    }
    assert_int_equal(r4_caretaker_make(&world.self, WORLD_TARGET, WORLD_ROOT_TTL, RIGHTS, &c),
                     R4_E_LIMIT);
    assert_int_equal(free_words(), 1);
}

static uint32_t leaf(uint32_t parent)
{
    uint32_t node = NODES;
    assert_int_equal(r4_tree_leaf(&tree, parent, WORLD_CLIENT, R4_RIGHT_SIGNAL, &node), R4_OK);
    return node;
}

static uint32_t group(uint32_t parent)
{
    uint32_t node = NODES;
    assert_int_equal(r4_tree_group(&tree, parent, RIGHTS, &node), R4_OK);
    return node;
}

/* root - a - b - deep; root - a - low; root - c - other; root - top */
static void test_tree__a_subtree_is_taken_back_by_one_store(void **state)
{
    (void)state;
    assert_int_equal(
        r4_tree_init(&tree, &world.self, nodes, NODES, WORLD_TARGET, WORLD_ROOT_TTL, RIGHTS),
        R4_OK);
    const uint32_t words = free_words();
    const uint32_t a = group(0);
    const uint32_t b = group(a);
    const uint32_t c = group(0);
    const uint32_t deep = nodes[leaf(b)].grant;
    const uint32_t low = nodes[leaf(a)].grant;
    const uint32_t other = nodes[leaf(c)].grant;
    const uint32_t top = nodes[leaf(0)].grant;
    assert_int_equal(leads_to(deep, 4), WORLD_TARGET);
    assert_int_equal(leads_to(low, 3), WORLD_TARGET);
    assert_int_equal(r4_tree_cut(&tree, b), R4_OK);
    assert_int_equal(leads_to(deep, 4), 0);
    assert_int_equal(leads_to(low, 3), WORLD_TARGET);
    assert_int_equal(r4_tree_cut(&tree, a), R4_OK);
    assert_int_equal(leads_to(low, 3), 0);
    assert_int_equal(leads_to(other, 3), WORLD_TARGET);
    assert_int_equal(leads_to(top, 2), WORLD_TARGET);
    assert_int_equal(r4_tree_cut(&tree, a), R4_E_RANGE);
    r4_tree_sweep(&tree);
    assert_int_equal(free_words(), words - 2 - 1 - 1);
    assert_int_equal(leads_to(other, 3), WORLD_TARGET);
    assert_int_equal(r4_tree_cut(&tree, 0), R4_OK);
    r4_tree_sweep(&tree);
    assert_int_equal(free_words(), words + 2);
}

static void test_tree__errors(void **state)
{
    (void)state;
    uint32_t node = 77;
    assert_int_equal(
        r4_tree_init(&tree, &world.self, nodes, 0, WORLD_TARGET, WORLD_ROOT_TTL, RIGHTS),
        R4_E_LIMIT);
    assert_int_equal(r4_tree_init(&tree, &world.self, nodes, 3, WORLD_TARGET, 3, RIGHTS), R4_OK);
    assert_int_equal(r4_tree_group(&tree, 1, RIGHTS, &node), R4_E_RANGE);
    assert_int_equal(r4_tree_leaf(&tree, 3, WORLD_CLIENT, RIGHTS, &node), R4_E_RANGE);
    const uint32_t g = group(0);
    assert_int_equal(r4_tree_group(&tree, g, RIGHTS, &node), R4_E_TTL);
    const uint32_t l = leaf(g);
    assert_int_equal(r4_tree_leaf(&tree, l, WORLD_CLIENT, RIGHTS, &node), R4_E_RANGE);
    assert_int_equal(r4_tree_leaf(&tree, g, WORLD_CLIENT, RIGHTS, &node), R4_E_LIMIT);
    assert_int_equal(r4_tree_cut(&tree, 3), R4_E_RANGE);
}

static void test_peer__is_made_and_bound_or_not_there(void **state)
{
    (void)state;
    const struct r4_peer_end a = {.pd = 3, .slot = 20};
    const struct r4_peer_end b = {.pd = 3, .slot = 21};
    assert_int_equal(r4_peer_make(WORLD_UNTYPED, 19, &a, &b), R4_OK);
    assert_int_equal(fake_cap[19].type, 0);
    assert_int_equal(fake_cap[20].type, R4_TYPE_PEER);
    assert_int_equal(fake_cap[21].type, R4_TYPE_PEER);
    const unsigned before = fake_count();
    for (unsigned at = 1; at <= 2; at++) {
        window_world_init(&world, 17);
        fake_fail_at = at;
        assert_int_equal(r4_peer_make(WORLD_UNTYPED, 19, &a, &b), R4_E_REVOKING);
        assert_int_equal(fake_count(), before - 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_caretaker__one_store_closes_all, setup),
        cmocka_unit_test_setup(test_caretaker__before_a_caretaker, setup),
        cmocka_unit_test_setup(test_caretaker__no_room_for_the_second_word, setup),
        cmocka_unit_test_setup(test_tree__a_subtree_is_taken_back_by_one_store, setup),
        cmocka_unit_test_setup(test_tree__errors, setup),
        cmocka_unit_test_setup(test_peer__is_made_and_bound_or_not_there, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
