/* SPDX-License-Identifier: MIT */
/*
 * Two ways to one answer: a signal by a word of the own window has a way of its own (entry.c), which
 * must say and do what the table of calls does. With tracing on, the table answers. Also: what is
 * kept of chains against a walk (the epoch is raised between the two).
 */
#include "proxy_random.h"

#include <kernel/cluster.h>
#include <kernel/notification.h>
#include <kernel/trace.h>
#include <string.h>

#define DOMAINS 4u
#define WORDS   6u
#define KINDS   7u

static uint64_t *place(uint32_t d, uint32_t page, uint32_t n)
{
    return &domain[d].word[page * PAGE_WORDS + n];
}

/* Where the others name the root, one of several capabilities. */
static uint32_t random_target(bool is_grant)
{
    const uint32_t index = random_index(is_grant, WORDS);

    return index == ROOT_SLOT ? index + rng_below(&sim.rng, 2) * rng_below(&sim.rng, KINDS) : index;
}

static uint64_t random_word(bool is_even)
{
    const bool is_grant = (rng_below(&sim.rng, 24) == 0) != is_even;
    const uint16_t rights =
        rng_below(&sim.rng, 3) ? R4_RIGHTS_DEFINED : (uint16_t)(rng_next(&sim.rng) & 0xfffu);
    uint64_t word = proxy_make(is_grant ? R4_PROXY_KIND_GRANT : R4_PROXY_KIND_USE,
                               PEER_SLOT(rng_below(&sim.rng, DOMAINS)), random_target(is_grant),
                               rights, (uint8_t)(rng_below(&sim.rng, 14) + 1));

    if (is_grant && rng_below(&sim.rng, 4) == 0) {
        word |= R4_PROXY_ONCE_MASK;
    }
    if (rng_below(&sim.rng, 24) == 0) {
        word ^= UINT64_C(1) << rng_below(&sim.rng, 64);
    }
    return rng_below(&sim.rng, 24) == 0 ? rng_next(&sim.rng) : word;
}

static void scramble(void)
{
    const uint32_t n = rng_below(&sim.rng, WORDS);
    *place(rng_below(&sim.rng, DOMAINS), rng_below(&sim.rng, 8) == 0, n) = random_word(n % 2u == 0);
}

struct world_state {
    uint64_t word[DOMAINS][2][WORDS];
    uint64_t bits[DOMAINS];
};

static struct notification *note_of(uint32_t d)
{
    return notification_of(domain_slot(d, ROOT_SLOT));
}

static void look(struct world_state *s)
{
    memset(s, 0, sizeof(*s));
    for (uint32_t d = 0; d < DOMAINS; d++) {
        for (uint32_t p = 0; p < 2; p++) {
            for (uint32_t n = 0; n < WORDS; n++) {
                s->word[d][p][n] = *place(d, p, n);
            }
        }
        s->bits[d] = note_of(d)->bits;
    }
}

static void put_back(const struct world_state *s)
{
    for (uint32_t d = 0; d < DOMAINS; d++) {
        for (uint32_t p = 0; p < 2; p++) {
            for (uint32_t n = 0; n < WORDS; n++) {
                *place(d, p, n) = s->word[d][p][n];
            }
        }
        note_of(d)->bits = s->bits[d];
    }
}

static void start(void)
{
    proxy_world(DOMAINS);
    for (uint32_t d = 0; d < DOMAINS; d++) {
        const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
        const uint32_t t = domain[d].table;

        if (d > 0) {
            SIM_ROOT(0, CAP_MINT, n, t, ROOT_SLOT, UINT64_C(0x40) << d);
        }
        SIM_ROOT(0, CAP_COPY, n, t, ROOT_SLOT + 1u); /* no badge */
        SIM_ROOT(0, CAP_TABLE_IDENTIFY, t, ROOT_SLOT);
        SIM_ROOT(0, CAP_DERIVE, n, t, ROOT_SLOT + 2u, R4_RIGHT_RECEIVE | R4_RIGHT_LINK);
        SIM_ROOT(0, UNTYPED_RETYPE, sim_make(0, R4_TYPE_UNTYPED, 12, 1), R4_TYPE_FRAME, 12, t,
                 ROOT_SLOT + 3u, 1);
        /* the same as ROOT_SLOT without time to live but for a few */
        SIM_ROOT(0, UNTYPED_RETYPE, sim_make(0, R4_TYPE_UNTYPED, 12, 1), R4_TYPE_THREAD, 0, t,
                 ROOT_SLOT + 4u, 1);
    }
}

static void test_a_signal_by_a_word__as_the_table_of_calls(void **state)
{
    uint32_t kinds[64] = {0};

    (void)state;
    start();
    for (uint32_t d = 0; d < DOMAINS; d++) {
        for (uint32_t n = 0; n < WORDS; n++) {
            *place(d, 0, n) = random_word(n % 2 == 0);
        }
    }
    run(1);
    sim.is_checking = false;
    sim.isolate_every = 0;
    for (uint32_t i = 0; i < 400000; i++) {
        const uint32_t index =
            rng_below(&sim.rng, 10) == 0
                ? random_index(false, WORDS) | R4_INDEX_WORD
                : word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, WORDS / 2u) + 1u);
        struct core *core = sim_core_of(domain[1].t);
        struct world_state before;
        struct world_state mine;
        struct world_state other;
        struct sim_reply a;
        struct sim_reply b;
        const uint32_t order = rng_below(&sim.rng, 2);

        scramble();
        look(&before);
        core->trace.is_on = order == 1;
        a = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0);
        look(&mine);
        put_back(&before);
        if (rng_below(&sim.rng, 2) == 0) {
            cluster_forget_chains(sim.of[0].cluster);
        }
        core->trace.is_on = order == 0;
        b = SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0);
        look(&other);
        core->trace.is_on = false;
        if (a.err != b.err || a.detail != b.detail || memcmp(&mine, &other, sizeof mine) != 0) {
            fail_msg("step %u index %x: %d/%u and %d/%u, states %s", i, index, (int)a.err, a.detail,
                     (int)b.err, b.detail, memcmp(&mine, &other, sizeof mine) ? "differ" : "agree");
        }
        kinds[(unsigned)a.err & 63u]++;
        if (rng_below(&sim.rng, 4) == 0) {
            for (uint32_t d = 0; d < DOMAINS; d++) {
                note_of(d)->bits = 0;
            }
        }
    }
    for (unsigned k = 0; k < 64; k++) {
        if (kinds[k] != 0) {
            printf("reply %u: %u times\n", k, kinds[k]);
        }
    }
}

struct deep_state {
    struct world_state words;
    struct sim_reply mine;
    struct {
        uint8_t state;
        struct sim_reply reply;
        bool runs;
    } of[DOMAINS];
    uint32_t chain_waiters[DOMAINS];
    uint64_t count;
};

static void look_deep(struct deep_state *s, struct sim_reply mine)
{
    memset(s, 0, sizeof(*s));
    look(&s->words);
    s->mine.err = mine.err;
    s->mine.detail = mine.detail;
    s->mine.is_done = mine.is_done;
    for (uint32_t d = 0; d < DOMAINS; d++) {
        const struct sim_reply r = sim_reply_of(domain[d].t);

        s->of[d].state = domain[d].t->state;
        s->of[d].reply.err = r.err;
        s->of[d].reply.word[0] = r.word[0];
        s->of[d].runs = sim_is_running(domain[d].t);
        s->chain_waiters[d] = note_of(d)->chain_waiters;
    }
    s->count = sim_core(0, 1)->runq.count;
}

static void test_a_signal_by_a_word__with_waiters(void **state)
{
    uint32_t woken = 0;
    uint32_t refused_waiters = 0;
    uint32_t oks = 0;

    (void)state;
    start();
    for (uint32_t i = 0; i < 1500; i++) {
        struct deep_state a;
        struct deep_state b;
        const uint32_t index = word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, WORDS / 2u) + 1u);
        struct core *core = sim_core(0, 1);

        /* something that works: 1 signals domain 0's root, 2 and 3 wait there */
        for (uint32_t d = 0; d < DOMAINS; d++) {
            for (uint32_t n = 0; n < WORDS; n++) {
                *place(d, 0, n) = random_word(n % 2 == 0);
            }
        }
        for (uint32_t d = 1; d < DOMAINS; d++) {
            *place(0, 0, 2 * d - 2) = grant(d, ROOT_SLOT, R4_RIGHTS_DEFINED, 5);
            *place(d, 0, 1) = use(0, word_index(MARKED_PAGE, 2 * d - 2), 5);
        }
        for (uint32_t d = 2; d < DOMAINS; d++) {
            if (domain[d].t->state == R4_THREAD_STATE_WAITING || rng_below(&sim.rng, 4) == 0) {
                continue;
            }
            run(d);
            note_of(0)->bits = 0;
            (void)SIM_CALL(domain[d].t, NOTIFICATION_WAIT, word_index(MARKED_PAGE, 1), 0);
        }
        if (domain[1].t->state != R4_THREAD_STATE_RUNNING) {
            run(1);
        }
        if (rng_below(&sim.rng, 2) == 0) {
            SIM_ROOT(0, THREAD_SET_PRIORITY, domain[2].thread, 30);
            SIM_ROOT(0, THREAD_SET_PRIORITY, domain[3].thread, 20 + 10 * rng_below(&sim.rng, 3));
        }
        sim_settle();
        if (!sim_is_running(domain[1].t)) {
            run(1);
        }
        for (uint32_t n = rng_below(&sim.rng, 3); n > 0; n--) {
            scramble();
        }
        if (rng_below(&sim.rng, 2) == 0) {
            *place(0, 0, 0) |= R4_PROXY_ONCE_MASK;
        }
        if (rng_below(&sim.rng, 4) == 0) {
            *place(0, 0, 2) ^= R4_PROXY_ONCE_MASK;
        }
        sim_keep();
        look_deep(&a, SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0));
        sim_return();
        core->trace.is_on = true;
        look_deep(&b, SIM_CALL(domain[1].t, NOTIFICATION_SIGNAL, index, 0));
        core->trace.is_on = false;
        if (memcmp(&a, &b, sizeof a) != 0) {
            fail_msg("step %u: %d/%u and %d/%u", i, (int)a.mine.err, a.mine.detail, (int)b.mine.err,
                     b.mine.detail);
        }
        oks += a.mine.err == R4_OK;
        for (uint32_t d = 2; d < DOMAINS; d++) {
            woken += a.of[d].state != R4_THREAD_STATE_WAITING && a.of[d].reply.err == R4_OK &&
                     a.of[d].runs;
            refused_waiters += a.of[d].reply.err == R4_E_PROXY;
        }
    }
    printf("%u done, %u woken, %u refused\n", oks, woken, refused_waiters);
}

/* Red with the mutation "chaincall-trace". */
static void test_a_signal_by_a_word__is_traced(void **state)
{
    struct core *core;
    uint64_t written;

    (void)state;
    proxy_world(2);
    *place(0, 0, 0) = grant(1, ROOT_SLOT, R4_RIGHTS_DEFINED, 5);
    *place(1, 1, 3) = use(0, word_index(MARKED_PAGE, 0), 5);
    run(1);
    core = sim_core_of(domain[1].t);
    core->trace.is_on = true;
    for (uint32_t n = 0; n < 2; n++) {
        written = core->trace.written;
        expect_ok(domain[1].t, NOTIFICATION_SIGNAL, word_index(PLAIN_PAGE, 3), 0);
        assert_int_equal(core->trace.written, written + 1u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {SIM_TEST(test_a_signal_by_a_word__as_the_table_of_calls),
                                       SIM_TEST(test_a_signal_by_a_word__with_waiters),
                                       SIM_TEST(test_a_signal_by_a_word__is_traced)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
