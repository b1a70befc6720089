/* SPDX-License-Identifier: MIT */
/*
 * The tour against a model: a tree of numbered nodes, each with an array of its children, newest
 * first. The nodes behave as capabilities do: an untyped has any children, or one copy of itself;
 * everything else has copies only.
 */
#include "unit.h"

#include <kernel/derive.h>
#include <r4/abi/objects.h>
#include <stdlib.h>
#include <string.h>

#define NODES      192u
#define OPERATIONS 100000u
#define WALK_EVERY 32u
#define NONE       NODES

struct node {
    unsigned parent; /* NONE: not in the tree */
    unsigned kid[NODES];
    unsigned kids;
};

/* Node 0 is the anchor. */
struct world {
    struct slot slot[NODES];
    struct node node[NODES];
    unsigned namers[OPERATIONS + NODES]; /* by object: how many capabilities there are */
    unsigned objects;
    uint64_t seed;
};

static unsigned below(struct world *w, unsigned bound)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return (unsigned)(w->seed >> 33) % bound;
}

static bool is_in(const struct world *w, unsigned n)
{
    return n == 0 || w->node[n].parent != NONE;
}

/*
 * ------------------------------------------------------------------------------------------------
 * the model
 */

static unsigned place_of(const struct node *parent, unsigned n)
{
    unsigned place = 0;

    while (parent->kid[place] != n) {
        place++;
    }
    return place;
}

/* Replaces one kid at `place` by `count` kids. */
static void splice(struct node *parent, unsigned place, const unsigned *kids, unsigned count)
{
    memmove(&parent->kid[place + count], &parent->kid[place + 1],
            (parent->kids - place - 1) * sizeof(parent->kid[0]));
    memcpy(&parent->kid[place], kids, count * sizeof(kids[0]));
    parent->kids += count - 1;
}

static void model_insert(struct world *w, unsigned parent, unsigned n)
{
    struct node *p = &w->node[parent];

    memmove(&p->kid[1], &p->kid[0], p->kids * sizeof(p->kid[0]));
    p->kid[0] = n;
    p->kids++;
    w->node[n].parent = parent;
    w->node[n].kids = 0;
}

static void model_remove(struct world *w, unsigned n)
{
    struct node *gone = &w->node[n];

    for (unsigned i = 0; i < gone->kids; i++) {
        w->node[gone->kid[i]].parent = gone->parent;
    }
    splice(&w->node[gone->parent], place_of(&w->node[gone->parent], n), gone->kid, gone->kids);
    gone->parent = NONE;
}

static void model_replace(struct world *w, unsigned from, unsigned to)
{
    w->node[to] = w->node[from];
    w->node[from].parent = NONE;
    for (unsigned i = 0; i < w->node[to].kids; i++) {
        w->node[w->node[to].kid[i]].parent = to;
    }
    splice(&w->node[w->node[to].parent], place_of(&w->node[w->node[to].parent], from), &to, 1);
}

/*
 * ------------------------------------------------------------------------------------------------
 * comparison
 */

/* Nodes of the subtree in pre-order, without recursion. */
static unsigned pre_order(const struct world *w, unsigned top, unsigned *out)
{
    unsigned stack[NODES] = {top};
    unsigned height = 1;
    unsigned count = 0;

    while (height > 0) {
        const struct node *n = &w->node[stack[--height]];

        out[count++] = (unsigned)(n - w->node);
        for (unsigned i = n->kids; i > 0; i--) {
            stack[height++] = n->kid[i - 1];
        }
    }
    return count;
}

static void compare_family(struct world *w, unsigned n)
{
    const struct node *node = &w->node[n];
    const struct slot *kid = derive_first_child(&w->slot[n]);

    assert_int_equal(derive_has_children(&w->slot[n]), node->kids != 0);
    for (unsigned i = 0; i < node->kids; i++) {
        assert_ptr_equal(kid, &w->slot[node->kid[i]]);
        kid = derive_next_sibling(kid);
    }
    assert_null(kid);
    assert_true(derive_links_agree(&w->slot[n]));
    if (n != 0) {
        assert_int_equal(derive_has_relatives(&w->slot[n]), w->namers[w->slot[n].object] > 1);
    }
}

static void compare_walk(struct world *w, unsigned top)
{
    unsigned order[NODES];
    const unsigned count = pre_order(w, top, order);
    const struct slot *at = &w->slot[top];

    for (unsigned i = 1; i < count; i++) {
        at = derive_next(&w->slot[top], at);
        assert_ptr_equal(at, &w->slot[order[i]]);
    }
    assert_null(derive_next(&w->slot[top], at));
}

static void compare(struct world *w)
{
    assert_null(derive_next_sibling(&w->slot[0]));
    compare_walk(w, 0);
    for (unsigned n = 0; n < NODES; n++) {
        if (is_in(w, n)) {
            compare_family(w, n);
        } else {
            for (unsigned i = 0; i < 4; i++) {
                const uint16_t *link = w->slot[n].link[i];

                assert_int_equal(link[0] | link[1] | link[2], 0);
            }
        }
    }
}

/*
 * ------------------------------------------------------------------------------------------------
 * operations
 */

static bool has_copy(const struct world *w, unsigned n)
{
    const struct node *node = &w->node[n];

    return node->kids != 0 && w->slot[node->kid[0]].object == w->slot[n].object;
}

static void fill(struct world *w, unsigned n, uint8_t type, uint64_t object)
{
    w->slot[n].meta = slot_meta(type, 0, 0, 0);
    w->slot[n].object = object;
    w->namers[object]++;
}

static void insert(struct world *w, unsigned parent, unsigned n)
{
    const uint8_t type = parent == 0 ? R4_TYPE_UNTYPED : slot_type(&w->slot[parent]);
    const bool makes = type == R4_TYPE_UNTYPED && (parent == 0 || !has_copy(w, parent)) &&
                       (parent == 0 || w->node[parent].kids != 0 || below(w, 2) == 0);

    if (makes) {
        fill(w, n, below(w, 3) == 0 ? R4_TYPE_UNTYPED : R4_TYPE_PAGE_TABLE, ++w->objects);
    } else if (type == R4_TYPE_UNTYPED && w->node[parent].kids != 0) {
        return;
    } else {
        fill(w, n, type, w->slot[parent].object);
    }
    derive_insert_child(&w->slot[parent], &w->slot[n]);
    model_insert(w, parent, n);
}

static void operate(struct world *w)
{
    const unsigned a = 1 + below(w, NODES - 1);
    const unsigned b = below(w, NODES);

    if (!is_in(w, a)) {
        if (is_in(w, b)) {
            insert(w, b, a);
        }
        return;
    }
    if (is_in(w, b)) {
        w->namers[w->slot[a].object]--;
        derive_remove(&w->slot[a]);
        model_remove(w, a);
    } else {
        w->slot[b].meta = w->slot[a].meta;
        w->slot[b].object = w->slot[a].object;
        derive_replace(&w->slot[a], &w->slot[b]);
        model_replace(w, a, b);
    }
}

static void compare_some_subtree(struct world *w)
{
    const unsigned top = below(w, NODES);

    if (is_in(w, top)) {
        compare_walk(w, top);
    }
}

static struct world *new_world(void)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    for (unsigned n = 0; n < NODES; n++) {
        w->node[n].parent = NONE;
    }
    w->seed = 0x5eed0de51fe;
    derive_init(&w->slot[0]);
    return w;
}

static void test_derive__agrees_with_a_naive_tree(void **state)
{
    struct world *w = new_world();

    (void)state;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        operate(w);
        if (i % WALK_EVERY == 0) {
            compare(w);
            compare_some_subtree(w);
        }
    }
    compare(w);
    free(w);
}

static void test_derive_insert_children__is_one_insertion_after_the_other(void **state)
{
    struct world *w = new_world();

    (void)state;
    insert(w, 0, 1);
    for (unsigned n = 10; n < 20; n++) {
        fill(w, n, R4_TYPE_PAGE_TABLE, ++w->objects);
        model_insert(w, 0, n);
    }
    derive_insert_children(&w->slot[0], &w->slot[10], 10);
    compare(w);
    derive_insert_children(&w->slot[0], &w->slot[30], 0);
    compare(w);
    free(w);
}

/* Takes a node out or moves it, and tells the walk; `seen` goes with the node. */
static void disturb(struct world *w, struct derive_walk *walk, unsigned *top, bool *seen)
{
    const unsigned a = 1 + below(w, NODES - 1);
    const unsigned b = 1 + below(w, NODES - 1);

    if (!is_in(w, a)) {
        return;
    }
    if (is_in(w, b)) {
        if (a != *top) {
            w->namers[w->slot[a].object]--;
            derive_walk_leave(walk, &w->slot[a]);
            derive_remove(&w->slot[a]);
            model_remove(w, a);
            seen[a] = false;
        }
        return;
    }
    w->slot[b].meta = w->slot[a].meta;
    w->slot[b].object = w->slot[a].object;
    derive_walk_move(walk, &w->slot[a], &w->slot[b]);
    derive_replace(&w->slot[a], &w->slot[b]);
    model_replace(w, a, b);
    seen[b] = seen[a];
    seen[a] = false;
    *top = *top == a ? b : *top;
}

static void walk_disturbed(struct world *w, unsigned top)
{
    bool seen[NODES] = {false};
    unsigned order[NODES];
    struct derive_walk walk;

    derive_walk_begin(&walk, &w->slot[top]);
    while (walk.top != NULL) {
        const struct slot *s = derive_walk_step(&walk);

        if (s != NULL) {
            assert_false(seen[s - w->slot]);
            seen[s - w->slot] = true;
        }
        if (below(w, 4) == 0) {
            disturb(w, &walk, &top, seen);
        }
    }
    for (unsigned count = pre_order(w, top, order), i = 1; i < count; i++) {
        assert_true(seen[order[i]]);
        seen[order[i]] = false;
    }
    for (unsigned n = 0; n < NODES; n++) {
        assert_false(seen[n]);
    }
}

static void test_derive_walk__meets_each_descendant_once(void **state)
{
    struct world *w = new_world();

    (void)state;
    for (unsigned i = 0; i < OPERATIONS / 10; i++) {
        const unsigned top = 1 + below(w, NODES - 1);

        operate(w);
        if (i % WALK_EVERY == 0 && is_in(w, top)) {
            walk_disturbed(w, top);
            compare(w);
        }
    }
    free(w);
}

/* In one go and step by step: the same descendants marked, the same place come to. */
static void compare_mark(struct world *w, unsigned top, uint32_t brackets)
{
    struct derive_walk marked;
    struct derive_walk stepped;

    derive_walk_begin(&marked, &w->slot[top]);
    derive_walk_begin(&stepped, &w->slot[top]);
    do {
        derive_walk_mark(&marked, brackets, SLOT_FROZEN);
        for (uint32_t i = 0; i < brackets && stepped.top != NULL; i++) {
            struct slot *s = derive_walk_step(&stepped);

            if (s != NULL) {
                assert_true(slot_has(s, SLOT_FROZEN));
                s->meta &= ~SLOT_FROZEN;
            }
        }
        assert_ptr_equal(marked.top, stepped.top);
        assert_int_equal(marked.at, stepped.at);
    } while (marked.top != NULL);
    for (unsigned n = 0; n < NODES; n++) {
        assert_false(slot_has(&w->slot[n], SLOT_FROZEN));
    }
}

static void test_derive_walk_mark__is_one_step_after_the_other(void **state)
{
    struct world *w = new_world();

    (void)state;
    for (unsigned i = 0; i < OPERATIONS / 10; i++) {
        const unsigned top = below(w, NODES);

        operate(w);
        if (i % WALK_EVERY == 0 && is_in(w, top)) {
            compare_mark(w, top, 1 + below(w, 20));
        }
    }
    free(w);
}

static void test_derive_walk__ends_with_its_top(void **state)
{
    struct world *w = new_world();
    struct derive_walk walk;

    (void)state;
    insert(w, 0, 1);
    derive_walk_begin(&walk, &w->slot[1]);
    derive_walk_leave(&walk, &w->slot[1]);
    assert_null(walk.top);
    derive_walk_begin(&walk, &w->slot[1]);
    assert_null(derive_walk_step(&walk));
    assert_null(walk.top);
    derive_walk_leave(&walk, &w->slot[1]);
    derive_walk_move(&walk, &w->slot[1], &w->slot[2]);
    assert_null(walk.top);
    free(w);
}

static void test_derive_links_agree__sees_a_broken_link(void **state)
{
    struct world *w = new_world();

    (void)state;
    insert(w, 0, 1);
    insert(w, 0, 2);
    for (unsigned i = 0; i < 4; i++) {
        const struct slot saved = w->slot[1];

        w->slot[1].link[i][0] ^= sizeof(struct slot);
        assert_false(derive_links_agree(&w->slot[1]));
        w->slot[1] = saved;
        memset(w->slot[1].link[i], 0, sizeof w->slot[1].link[i]);
        assert_false(derive_links_agree(&w->slot[1]));
        w->slot[1] = saved;
    }
    assert_true(derive_links_agree(&w->slot[1]));
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derive__agrees_with_a_naive_tree),
        cmocka_unit_test(test_derive_insert_children__is_one_insertion_after_the_other),
        cmocka_unit_test(test_derive_walk__meets_each_descendant_once),
        cmocka_unit_test(test_derive_walk_mark__is_one_step_after_the_other),
        cmocka_unit_test(test_derive_walk__ends_with_its_top),
        cmocka_unit_test(test_derive_links_agree__sees_a_broken_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
