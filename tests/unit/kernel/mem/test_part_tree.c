/* SPDX-License-Identifier: MIT */
/* The tree of user parts against a list of what is in it; its depth; removal during a walk. */
#include "unit.h"

#include <kernel/part.h>

#define PARTS      256u
#define FRAMES     40u
#define OPERATIONS 20000u
#define DEPTH_MAX  41u /* bits of a frame number, and one */

struct world {
    struct user_part *root;
    struct user_part part[PARTS];
    bool is_in[PARTS];
    uint64_t seed;
};

static uint64_t next_random(struct world *w)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed >> 20;
}

/* Half of them differ in their highest bits only: the worst there is for the tree. */
static struct paddr frame_number(unsigned i)
{
    const uint64_t number = i % 2 == 0 ? i : (UINT64_C(1) << 39) >> i / 2u;

    return (struct paddr){(number | UINT64_C(1) << 20) << R4_PAGE_BITS};
}

static unsigned parts_on(struct world *w, struct paddr frame)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PARTS; i++) {
        count += w->is_in[i] && w->part[i].frame.a == frame.a;
    }
    return count;
}

/* Every part of the frame is met once. */
static void check_frame(struct world *w, struct paddr frame)
{
    bool is_met[PARTS] = {false};
    unsigned count = 0;

    for (struct user_part *p = part_tree_first(w->root, frame); p != NULL; p = part_tree_next(p)) {
        const size_t i = (size_t)(p - w->part);

        assert_true(i < PARTS && w->is_in[i] && !is_met[i]);
        assert_int_equal(p->frame.a, frame.a);
        is_met[i] = true;
        count++;
    }
    assert_int_equal(count, parts_on(w, frame));
}

/* Whoever stands in the tree is pointed to from where it says, and not far from the root. */
static void check_places(struct world *w)
{
    for (unsigned i = 0; i < PARTS; i++) {
        struct user_part *p = &w->part[i];
        struct user_part *at = w->root;
        unsigned depth = 0;

        if (!w->is_in[i] || p->from == NULL) {
            continue;
        }
        assert_ptr_equal(*p->from, p);
        for (; at != p; depth++) {
            assert_true(at != NULL && depth < DEPTH_MAX);
            at = at->child[p->frame.a >> (R4_PAGE_BITS + depth) & 1u];
        }
    }
}

static void toggle(struct world *w, unsigned i)
{
    struct user_part *p = &w->part[i];

    if (w->is_in[i]) {
        part_tree_remove(p);
    } else {
        p->frame = frame_number((unsigned)(next_random(w) % FRAMES));
        part_tree_insert(&w->root, p);
    }
    w->is_in[i] = !w->is_in[i];
}

static void test_part_tree__agrees_with_a_list(void **state)
{
    static struct world w;

    (void)state;
    w = (struct world){.seed = UINT64_C(0x9e3779b97f4a7c15)};
    for (unsigned i = 0; i < OPERATIONS; i++) {
        /* Mostly few parts, sometimes many. */
        toggle(&w, (unsigned)(next_random(&w) % (i / 1000u % 2u == 0 ? 24u : PARTS)));
        check_places(&w);
        for (unsigned f = 0; f < FRAMES; f++) {
            check_frame(&w, frame_number(f));
        }
    }
    for (unsigned i = 0; i < PARTS; i++) {
        if (w.is_in[i]) {
            toggle(&w, i);
        }
    }
    assert_null(w.root);
}

/* Each part that a walk comes to may leave, whichever of them stay. */
static void test_part_tree_next__the_part_may_leave(void **state)
{
    const struct paddr frame = frame_number(5);

    (void)state;
    for (unsigned leaving = 0; leaving < 16; leaving++) {
        struct user_part part[4] = {0};
        struct user_part *root = NULL;
        struct user_part *next;
        unsigned met = 0;

        for (unsigned i = 0; i < 4; i++) {
            part[i].frame = frame;
            part_tree_insert(&root, &part[i]);
        }
        for (struct user_part *p = part_tree_first(root, frame); p != NULL; p = next) {
            next = part_tree_next(p);
            met |= 1u << (p - part);
            if ((leaving >> (p - part) & 1u) != 0) {
                part_tree_remove(p);
            }
        }
        assert_int_equal(met, 15);
        for (struct user_part *p = part_tree_first(root, frame); p != NULL; p = part_tree_next(p)) {
            met &= ~(1u << (p - part));
        }
        assert_int_equal(met, leaving);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_tree__agrees_with_a_list),
        cmocka_unit_test(test_part_tree_next__the_part_may_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
