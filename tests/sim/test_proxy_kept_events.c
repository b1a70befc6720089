/* SPDX-License-Identifier: MIT */
/*
 * Events that end a kept chain (chain I1) at the edges: the last page of a window, a page table above
 * the words.
 */
#include "proxy_world.h"

#include <arch/mmu.h>
#include <kernel/notification.h>

#define ALL ((uint16_t)R4_RIGHTS_DEFINED)
#define USE word_index(PLAIN_PAGE, 3)

static void expect_kept(uint32_t index)
{
    run(1);
    for (uint32_t n = 0; n < 2; n++) {
        expect_ok(domain[1].t, NOTIFICATION_SIGNAL, index, 0);
    }
}

static uint64_t *memory_of(uint32_t frame)
{
    return arch_dmap_ptr((struct paddr){sim_slot(sim.of[0].root, frame)->object});
}

static void test_the_last_page_of_the_granters_window(void **state)
{
    const uint64_t va = WINDOW_BASE + (WINDOW_PAGES - 1) * R4_PAGE_BYTES;
    uint32_t frame;

    (void)state;
    proxy_world(2);
    frame = sim_map_frame(0, domain[0].pd, R4_PAGE_BITS, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    SIM_ROOT(0, FRAME_MARK, frame);
    memory_of(frame)[511] = grant(1, ROOT_SLOT, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, word_index(WINDOW_PAGES - 1, 511), 5);
    expect_kept(USE);
    SIM_ROOT(0, FRAME_UNMAP, frame);
    expect_refused(domain[1].t, R4_E_PROXY, 0, NOTIFICATION_SIGNAL, USE, 0);
}

static void test_the_last_page_of_ones_own_window(void **state)
{
    const uint64_t va = WINDOW_BASE + (WINDOW_PAGES - 1) * R4_PAGE_BYTES;
    uint32_t frame;

    (void)state;
    proxy_world(2);
    frame = sim_map_frame(0, domain[1].pd, R4_PAGE_BITS, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
    memory_of(frame)[0] = use(0, word_index(MARKED_PAGE, 0), 5);
    expect_kept(word_index(WINDOW_PAGES - 1, 0));
    SIM_ROOT(0, FRAME_UNMAP, frame);
    expect_refused(domain[1].t, R4_E_UNMAPPED, 0, NOTIFICATION_SIGNAL,
                   word_index(WINDOW_PAGES - 1, 0), 0);
}

/* The page tables of the domain's window, from the lowest level up; then the capability goes. */
static void page_table(uint32_t d, uint32_t level, bool is_deleted)
{
    for (uint32_t n = 1; n < SIM_TABLE_LAST; n++) {
        const struct slot *s = sim_slot(sim.of[0].root, n);

        if (slot_type(s) == R4_TYPE_PAGE_TABLE && slot_has(s, SLOT_MAPPED) &&
            slot_level(s) == level &&
            s->extra >> 36 == sim_pd_at(sim.of[0].root, domain[d].pd)->asid) {
            if (is_deleted) {
                SIM_ROOT(0, CAP_DELETE, n);
            } else {
                SIM_ROOT(0, PAGE_TABLE_UNMAP, n);
            }
            return;
        }
    }
    fail_msg("no page table");
}

static void test_a_page_table_above_the_words(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t d = i / 6;

        proxy_world(2);
        domain[0].word[0] = grant(1, ROOT_SLOT, ALL, 5);
        domain[1].word[PAGE_WORDS + 3u] = use(0, word_index(MARKED_PAGE, 0), 5);
        expect_kept(USE);
        page_table(d, 1 + i % 3, i % 6 >= 3);
        run(1);
        expect_refused(domain[1].t, d == 0 ? R4_E_PROXY : R4_E_UNMAPPED, 0, NOTIFICATION_SIGNAL,
                       USE, 0);
        (void)sim_teardown(state);
        (void)sim_setup(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_the_last_page_of_the_granters_window),
        SIM_TEST(test_the_last_page_of_ones_own_window),
        SIM_TEST(test_a_page_table_above_the_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
