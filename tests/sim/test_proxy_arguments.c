/* SPDX-License-Identifier: MIT */
/*
 * Rights that a call needs beyond those of its row in the table: asked for by an argument, or because
 * what it makes outlives the chain.
 */
#include "proxy_world.h"

#define THING  20u
#define GRANT  word_index(MARKED_PAGE, 0)
#define USE    word_index(PLAIN_PAGE, 3)
#define VA     UINT64_C(0x60000000)
#define ALL    ((uint16_t)R4_RIGHTS_DEFINED)
#define ACCESS (R4_RIGHT_READ | R4_RIGHT_WRITE)

/* Domain 2 reaches the capability through domain 1, which reaches it through domain 0. */
static void start_with(uint32_t slot)
{
    proxy_world(3);
    SIM_ROOT(0, CAP_MOVE, slot, domain[0].table, THING);
    domain[0].word[0] = grant(1, THING, ALL, 5);
    domain[1].word[PAGE_WORDS + 3u] = use(0, GRANT, 5);
    domain[1].word[0] = grant(2, USE, ALL, 4);
    domain[2].word[PAGE_WORDS + 3u] = use(1, GRANT, 4);
    sim_settle();
}

static void test_P5_access_that_is_missing_behind_the_near_end(void **state)
{
    (void)state;
    start_with(sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1));
    sim_make_tables(0, domain[2].pd, VA, 1);
    SIM_ROOT(0, CAP_COPY, domain[2].pd, domain[2].table, 7);
    domain[0].word[0] = grant(1, THING, ALL & ~R4_RIGHT_WRITE, 5);
    refused(2, R4_E_PROXY, 3, FRAME_MAP, USE, 7, VA, ACCESS);
    domain[0].word[0] = grant(1, THING, ALL, 5);
    domain[1].word[0] = grant(2, USE, ALL & ~R4_RIGHT_WRITE, 4);
    refused(2, R4_E_RIGHTS, 3, FRAME_MAP, USE, 7, VA, ACCESS);
    domain[1].word[0] = grant(2, USE, ALL, 4);
    done(2, FRAME_MAP, USE, 7, VA, ACCESS);
}

/* A handler is a capability that outlives the words, as a copy is. */
static void test_P24_a_handler_through_a_chain_needs_link(void **state)
{
    const uint32_t control = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_IRQ_CONTROL, 0, control);
    start_with(control);
    domain[0].word[0] = grant(1, THING, ALL & ~R4_RIGHT_LINK, 5);
    refused(1, R4_E_RIGHTS, 0, IRQ_GET, USE, 4, R4_IRQ_MODE_EDGE, 0, 9);
    refused(2, R4_E_PROXY, 0, IRQ_GET, USE, 4, R4_IRQ_MODE_EDGE, 0, 9);
    domain[0].word[0] = grant(1, THING, ALL, 5) | R4_PROXY_ONCE_MASK;
    refused(1, R4_E_ONCE, 0, IRQ_GET, USE, 4, R4_IRQ_MODE_EDGE, 0, 9);
    domain[0].word[0] = grant(1, THING, ALL, 5);
    done(1, IRQ_GET, USE, 4, R4_IRQ_MODE_EDGE, 0, 9);
}

static void test_D8_a_narrower_port_is_not_made_of_a_word_for_one_use(void **state)
{
    const uint32_t ports = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_SERIAL_PORTS, 0, ports);
    start_with(ports);
    domain[0].word[0] = grant(1, THING, ALL, 5) | R4_PROXY_ONCE_MASK;
    refused(1, R4_E_ONCE, 0, IO_NARROW, USE, 0, 9, SIM_PORT, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_P5_access_that_is_missing_behind_the_near_end),
        SIM_TEST(test_P24_a_handler_through_a_chain_needs_link),
        SIM_TEST(test_D8_a_narrower_port_is_not_made_of_a_word_for_one_use),
    };

    return cmocka_run_group_tests_name("proxy arguments", tests, NULL, NULL);
}
