/* SPDX-License-Identifier: MIT */
/* The run queue against a model that keeps one array in queue order and searches it. */
#include "unit.h"

#include <kernel/runq.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS      300u
#define OPERATIONS 100000u

struct item {
    struct list_link link;
    bool is_queued;
    uint8_t priority;
};

/* All queued items; those of one priority stand in the order in which they leave. */
struct model {
    struct item *order[ITEMS];
    unsigned count;
};

struct world {
    struct runq q;
    struct model model;
    struct item items[ITEMS];
    uint64_t seed;
};

static uint64_t next_random(struct world *w)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed;
}

static void model_insert(struct model *m, struct item *item, bool at_front)
{
    const unsigned place = at_front ? 0 : m->count;

    memmove(&m->order[place + 1], &m->order[place], (m->count - place) * sizeof m->order[0]);
    m->order[place] = item;
    m->count++;
}

static void model_remove(struct model *m, const struct item *item)
{
    unsigned place = 0;

    while (m->order[place] != item) {
        place++;
    }
    m->count--;
    memmove(&m->order[place], &m->order[place + 1], (m->count - place) * sizeof m->order[0]);
}

/* The first item of the highest priority, NULL if there is none. */
static struct item *model_first(const struct model *m)
{
    struct item *best = NULL;

    for (unsigned i = 0; i < m->count; i++) {
        if (best == NULL || m->order[i]->priority > best->priority) {
            best = m->order[i];
        }
    }
    return best;
}

static void check(const struct world *w)
{
    const struct item *first = model_first(&w->model);
    uint64_t words[4] = {0};
    for (unsigned i = 0; i < w->model.count; i++) {
        words[w->model.order[i]->priority / 64] |= UINT64_C(1) << w->model.order[i]->priority % 64;
    }
    assert_memory_equal(w->q.words, words, sizeof words);
    assert_int_equal(w->q.count, w->model.count);
    assert_int_equal(runq_top(&w->q), first == NULL ? -1 : first->priority);
}

static void push(struct world *w, struct item *item)
{
    const bool at_front = (next_random(w) & 1) != 0;

    /* Few priorities make long rings, all of them make a sparse bitmap. */
    item->priority =
        (uint8_t)((next_random(w) & 1) != 0 ? next_random(w) : next_random(w) % 4 * 85);
    item->is_queued = true;
    if (at_front) {
        runq_push_front(&w->q, &item->link, item->priority);
    } else {
        runq_push_back(&w->q, &item->link, item->priority);
    }
    model_insert(&w->model, item, at_front);
}

static void take_out(struct world *w, struct item *item)
{
    runq_remove(&w->q, &item->link, item->priority);
    assert_true(list_is_empty(&item->link));
    model_remove(&w->model, item);
    item->is_queued = false;
}

static void pop(struct world *w)
{
    struct item *expected = model_first(&w->model);

    if (expected == NULL) {
        return;
    }
    assert_ptr_equal(runq_pop(&w->q), &expected->link);
    assert_true(list_is_empty(&expected->link));
    model_remove(&w->model, expected);
    expected->is_queued = false;
}

/* `item` goes behind all of the highest priority, whose first one leaves. */
static void exchange(struct world *w, struct item *item)
{
    struct item *expected = model_first(&w->model);

    if (expected == NULL) {
        return;
    }
    item->priority = expected->priority;
    assert_ptr_equal(runq_exchange(&w->q, &item->link, item->priority), &expected->link);
    assert_true(list_is_empty(&expected->link));
    model_insert(&w->model, item, false);
    model_remove(&w->model, expected);
    item->is_queued = true;
    expected->is_queued = false;
}

static void step(struct world *w)
{
    struct item *item = &w->items[next_random(w) % ITEMS];

    if (next_random(w) % 4 == 0) {
        pop(w);
    } else if (!item->is_queued && next_random(w) % 4 == 0) {
        exchange(w, item);
    } else if (item->is_queued) {
        take_out(w, item);
    } else {
        push(w, item);
    }
}

static void test_runq__agrees_with_a_naive_model(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    (void)state;
    w->seed = UINT64_C(0x9e3779b97f4a7c15);
    runq_init(&w->q);
    for (unsigned i = 0; i < ITEMS; i++) {
        list_init(&w->items[i].link);
    }
    for (unsigned i = 0; i < OPERATIONS; i++) {
        step(w);
        check(w);
    }
    while (w->model.count != 0) {
        pop(w);
        check(w);
    }
    assert_int_equal(runq_top(&w->q), -1);
    free(w);
}

static void test_runq_top__knows_the_ends_of_each_word(void **state)
{
    static const uint8_t priorities[] = {0, 63, 64, 127, 128, 191, 192, 255};
    struct runq q;
    struct list_link link[sizeof priorities];

    (void)state;
    runq_init(&q);
    assert_int_equal(runq_top(&q), -1);
    for (unsigned i = 0; i < sizeof priorities; i++) {
        list_init(&link[i]);
        runq_push_back(&q, &link[i], priorities[i]);
        assert_int_equal(runq_top(&q), priorities[i]);
    }
    for (unsigned i = sizeof priorities; i-- > 0;) {
        assert_int_equal(runq_top(&q), priorities[i]);
        assert_ptr_equal(runq_pop(&q), &link[i]);
    }
    assert_int_equal(runq_top(&q), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runq__agrees_with_a_naive_model),
        cmocka_unit_test(test_runq_top__knows_the_ends_of_each_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
