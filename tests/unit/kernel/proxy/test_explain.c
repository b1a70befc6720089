/* SPDX-License-Identifier: MIT */
/*
 * The walk that keeps its reasons against the walk of resolutions: for random chains and random
 * damage both come to the same end (explain I1). The number of chains is CHAINS; R4_SEED repeats a run.
 */
#include "proxy_world.h"

#include <kernel/explain.h>

#define CHAINS        300000u
#define PAGE_CHANGES  500u /* chains between two changes of a page */
#define LIVING        3u   /* domains; the one behind them is destroyed */
#define ROOTS         15u  /* slots from ROOT_SLOT on: time to live 14 down to 0 */
#define MONITOR_SLOT  5u
#define EMPTY_SLOT    100u
#define DEAD_PEER     50u
#define UNBOUND_PEER  51u
#define SELF_PEER     52u
#define SELF_PEER_END 53u
#define CHAIN_WORDS   (2u * R4_HOPS_MAX)
#define VERDICTS      (R4_PROXY_VERDICT_SLOT_EMPTY + 1u)

/* A chain as it was written, from the root to the caller. */
struct written {
    uint32_t count;
    uint64_t *word[CHAIN_WORDS];
    uint32_t caller;
    struct proxy_start start;
};

static uint32_t seen[VERDICTS];

/* What pages lack at the moment. */
static struct {
    bool is_unmarked;
    bool is_unmapped; /* the plain one */
} lacks[LIVING];

static const struct asid_table *asids(void)
{
    return &sim.of[0].cluster->asids;
}

static struct pd *pd_at(uint32_t d)
{
    return sim_pd_at(sim.of[0].root, domain[d].pd);
}

/* Slots of all sorts in each domain's table. */
static void furnish(uint32_t d)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_MONITOR, domain[d].table, MONITOR_SLOT);
    if (d != 0) {
        SIM_ROOT(0, CAP_COPY, n, domain[d].table, ROOT_SLOT);
    }
    for (uint32_t i = 1; i < ROOTS; i++) {
        done(d, CAP_COPY, ROOT_SLOT + i - 1u, 0, ROOT_SLOT + i);
    }
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[d].pd, DEAD_PEER, domain[d].pd,
             DEAD_PEER + 10u);
    SIM_ROOT(0, CAP_TABLE_DELETE, domain[d].table, DEAD_PEER + 10u);
    SIM_ROOT(0, CAP_MOVE, sim_make(0, R4_TYPE_PEER, 0, 1), domain[d].table, UNBOUND_PEER);
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[d].pd, SELF_PEER, domain[d].pd,
             SELF_PEER_END);
}

static void start_world(void)
{
    sim.audit_every = 0; /* nothing here changes the cluster */
    proxy_world(LIVING + 1u);
    for (uint32_t d = 0; d < LIVING; d++) {
        furnish(d);
    }
    run(0);
    SIM_ROOT(0, CAP_REVOKE, domain[LIVING].pd, 0);
    SIM_ROOT(0, CAP_DELETE, domain[LIVING].pd, 0);
}

/* One step nearer to the caller: between two domains, or inside of one. */
static void write_hop(struct rng *rng, struct written *w, uint32_t *from, uint32_t *index,
                      uint8_t *ttl)
{
    const uint32_t n = w->count;
    const uint32_t page = rng_percent(rng, 70) ? MARKED_PAGE : PLAIN_PAGE;
    const bool is_inside = rng_percent(rng, 15);
    const uint32_t to = is_inside ? *from : (*from + 1u + rng_below(rng, LIVING - 1u)) % LIVING;
    const uint32_t grantee = is_inside ? SELF_PEER : PEER_SLOT(to);
    const uint32_t granter = is_inside ? SELF_PEER_END : PEER_SLOT(*from);
    const uint16_t rights = (uint16_t)(rng_next(rng) & R4_RIGHTS_DEFINED);

    *ttl -= rng_percent(rng, 90) || *ttl < 2 ? 1 : 2;
    w->word[n] = &domain[*from].word[n];
    *w->word[n] = proxy_make(R4_PROXY_KIND_GRANT, grantee, *index, rights, *ttl);
    if (rng_percent(rng, 10)) {
        *w->word[n] |= R4_PROXY_ONCE_MASK;
    }
    if (*ttl != 0 && rng_percent(rng, 10)) {
        (*ttl)--;
    }
    w->word[n + 1u] = &domain[to].word[page * PAGE_WORDS + n + 1u];
    *w->word[n + 1u] = proxy_make(R4_PROXY_KIND_USE, granter, word_index(MARKED_PAGE, n),
                                  (uint16_t)rng_next(rng) & R4_RIGHTS_DEFINED, *ttl);
    w->start.peer = granter;
    w->start.index = word_index(MARKED_PAGE, n);
    w->count += 2;
    *index = word_index(page, n + 1u);
    *from = to;
}

/* A chain that holds. Long ones are rarer. */
static struct written write_chain(struct rng *rng)
{
    struct written w = {0};
    uint32_t slot = ROOT_SLOT + (rng_percent(rng, 50) ? 0 : rng_below(rng, ROOTS - 1u));
    const uint32_t hops = 1u + rng_below(rng, rng_percent(rng, 80) ? 3 : R4_HOPS_MAX);
    uint32_t at = rng_below(rng, LIVING);
    uint8_t ttl = slot_ttl(domain_slot(at, slot));

    for (uint32_t n = 0; n < hops && ttl > 0; n++) {
        write_hop(rng, &w, &at, &slot, &ttl);
    }
    w.caller = at;
    if (rng_percent(rng, 70)) {
        w.start = (struct proxy_start){.index = slot};
    }
    return w;
}

static uint32_t odd_index(struct rng *rng, bool is_grant)
{
    const uint32_t indices[] = {
        word_index(ABSENT_PAGE, rng_below(rng, 8)),
        word_index(PLAIN_PAGE, rng_below(rng, 8)),
        word_index(MARKED_PAGE, rng_below(rng, 8)),
        word_index(WINDOW_PAGES, 0),
        R4_INDEX_WORD | (R4_INDEX_WORD - 1u),
        is_grant ? 0 : ROOT_SLOT,
        ROOT_SLOT + rng_below(rng, ROOTS),
        EMPTY_SLOT,
        255,
        1000,
    };

    return indices[rng_below(rng, sizeof indices / sizeof indices[0])];
}

static uint32_t odd_peer(struct rng *rng)
{
    const uint32_t peers[] = {
        0,         255,          EMPTY_SLOT, MONITOR_SLOT,  ROOT_SLOT,  256,
        DEAD_PEER, UNBOUND_PEER, SELF_PEER,  SELF_PEER_END, UINT16_MAX,
    };

    return rng_percent(rng, 70) ? peers[rng_below(rng, sizeof peers / sizeof peers[0])]
                                : PEER_SLOT(rng_below(rng, LIVING + 1u));
}

static uint64_t damaged(struct rng *rng, uint64_t word)
{
    switch (rng_below(rng, 8)) {
    case 0:
        return word ^ UINT64_C(1) << rng_below(rng, 64);
    case 1:
        return r4_proxy_with_kind(word, (uint8_t)rng_below(rng, 4));
    case 2:
    case 3:
        return r4_proxy_with_index(word,
                                   odd_index(rng, r4_proxy_kind(word) == R4_PROXY_KIND_GRANT));
    case 4:
    case 5:
        return r4_proxy_with_peer(word, (uint16_t)odd_peer(rng));
    case 6:
        return r4_proxy_with_ttl(word, (uint8_t)rng_below(rng, 16));
    default:
        return rng_percent(rng, 20) ? rng_next(rng) : rng_below(rng, 2);
    }
}

/* What the caller names, and what it finds there. */
static void damage(struct rng *rng, struct written *w)
{
    const uint32_t times = 1u + rng_below(rng, 3);

    for (uint32_t i = 0; i < times; i++) {
        uint64_t *word = w->word[rng_below(rng, w->count)];

        if (rng_percent(rng, 85)) {
            *word = damaged(rng, *word);
        } else if (rng_percent(rng, 50)) {
            w->start.index = odd_index(rng, false);
        } else {
            w->start.peer = odd_peer(rng);
        }
    }
}

/* The chain's last step: its number. */
static uint32_t explain(const struct written *w, struct proxy_step *step)
{
    uint32_t n = 0;

    while (proxy_explain(asids(), pd_at(w->caller), w->start, n, step),
           step->verdict == R4_PROXY_VERDICT_CONTINUES) {
        n++;
    }
    return n;
}

static void fail_words(const struct written *w, const struct proxy_step *step, uint32_t number,
                       enum r4_err err)
{
    print_message("domain %u, peer %u, index 0x%x: verdict %u at step %u, error %u\n", w->caller,
                  w->start.peer, w->start.index, step->verdict, number, err);
    for (uint32_t i = 0; i < w->count; i++) {
        print_message("  %016lx\n", *w->word[i]);
    }
    fail();
}

/* Both walks; returns the verdict of the last step. */
static enum r4_proxy_verdict compare(const struct written *w)
{
    struct cap_ref ref;
    struct proxy_step step;
    struct proxy_step none;
    uint32_t about = 0;
    uint32_t told = 0;
    const uint32_t number = explain(w, &step);
    const enum r4_err err =
        proxy_resolve(sim.of[0].cluster, pd_at(w->caller), w->start, NULL, &ref, &about);
    const bool is_same = proxy_step_err(step.verdict, number, &told) == err && told == about &&
                         (err == R4_OK) == (step.verdict == R4_PROXY_VERDICT_REACHED) &&
                         !proxy_explain(asids(), pd_at(w->caller), w->start, number + 1u, &none);
    const bool is_same_cap =
        err != R4_OK || (step.through.slot == ref.slot && step.through.rights == ref.rights &&
                         step.through.ttl == ref.ttl && step.through.session == ref.session &&
                         step.is_once == ref.is_once);

    if (!is_same || !is_same_cap) {
        fail_words(w, &step, number, err);
    }
    seen[step.verdict]++;
    return step.verdict;
}

/* Marks, unmarks, maps or unmaps a page: what resolutions remember of walks must not outlive it. */
static void change_a_page(struct rng *rng)
{
    const uint32_t d = rng_below(rng, LIVING);
    const uint32_t marked = domain[d].frame[MARKED_PAGE];
    const uint32_t plain = domain[d].frame[PLAIN_PAGE];

    if (rng_percent(rng, 50) && lacks[d].is_unmarked) {
        SIM_ROOT(0, FRAME_MARK, marked);
        lacks[d].is_unmarked = false;
    } else if (!lacks[d].is_unmarked && rng_percent(rng, 50)) {
        SIM_ROOT(0, FRAME_UNMARK, marked);
        lacks[d].is_unmarked = true;
    } else if (lacks[d].is_unmapped) {
        SIM_ROOT(0, FRAME_MAP, plain, domain[d].pd, WINDOW_BASE + PLAIN_PAGE * R4_PAGE_BYTES,
                 R4_RIGHT_READ | R4_RIGHT_WRITE);
        lacks[d].is_unmapped = false;
    } else {
        SIM_ROOT(0, FRAME_UNMAP, plain);
        lacks[d].is_unmapped = true;
    }
}

static bool is_whole(void)
{
    for (uint32_t d = 0; d < LIVING; d++) {
        if (lacks[d].is_unmarked || lacks[d].is_unmapped) {
            return false;
        }
    }
    return true;
}

static void test_P4_verdicts_agree_with_resolutions(void **state)
{
    struct rng rng = {.state = sim_seed()};
    uint32_t chains = 0;

    (void)state;
    start_world();
    while (chains < CHAINS) {
        struct written w = write_chain(&rng);

        if (w.count == 0) {
            continue;
        }
        if (chains % PAGE_CHANGES == 0) {
            change_a_page(&rng);
        }
        const enum r4_proxy_verdict verdict = compare(&w);

        assert_true(verdict == R4_PROXY_VERDICT_REACHED || !is_whole());
        damage(&rng, &w);
        if (proxy_is_start(w.start.peer, w.start.index)) {
            (void)compare(&w);
            chains++;
        }
    }
    for (uint32_t v = R4_PROXY_VERDICT_REACHED; v < VERDICTS; v++) {
        if (seen[v] == 0) {
            print_message("verdict %u was never met\n", v);
            fail();
        }
    }
}

/* Each reason, where it is told apart and where it is not. */
static void test_step_errors(void **state)
{
    uint32_t about;

    (void)state;
    for (uint32_t v = R4_PROXY_VERDICT_OUTSIDE; v < VERDICTS; v++) {
        const enum r4_proxy_verdict verdict = (enum r4_proxy_verdict)v;

        assert_int_equal(proxy_step_err(verdict, 3, &about), R4_E_PROXY);
        assert_int_equal(about, 0);
        assert_int_equal(proxy_step_err(verdict, 1, &about),
                         verdict == R4_PROXY_VERDICT_TTL_USE ? R4_E_TTL : R4_E_PROXY);
        assert_int_equal(proxy_step_err(verdict, 2, &about),
                         verdict == R4_PROXY_VERDICT_TTL_NAMED ? R4_E_TTL : R4_E_PROXY);
    }
    assert_int_equal(proxy_step_err(R4_PROXY_VERDICT_NOT_PEER, 0, &about), R4_E_TYPE);
    assert_int_equal(about, R4_DETAIL_PEER);
    assert_int_equal(proxy_step_err(R4_PROXY_VERDICT_REACHED, 6, &about), R4_OK);
    assert_int_equal(about, 0);
}

/* A slot is its own root. */
static void test_a_slot_is_no_chain(void **state)
{
    const struct proxy_start root = {.index = ROOT_SLOT};
    const struct proxy_start empty = {.index = EMPTY_SLOT};
    const struct proxy_start outside = {.index = 255};
    struct proxy_step step;
    uint32_t about;

    (void)state;
    proxy_world(1);
    assert_true(proxy_explain(asids(), pd_at(0), root, 0, &step));
    assert_int_equal(step.verdict, R4_PROXY_VERDICT_REACHED);
    assert_ptr_equal(step.through.slot, domain_slot(0, ROOT_SLOT));
    assert_int_equal(step.through.rights, slot_rights(domain_slot(0, ROOT_SLOT)));
    assert_int_equal(step.through.session, 0);
    assert_false(proxy_explain(asids(), pd_at(0), root, 1, &step));
    assert_true(proxy_explain(asids(), pd_at(0), empty, 0, &step));
    assert_int_equal(proxy_step_err(step.verdict, 0, &about), R4_E_EMPTY);
    assert_true(proxy_explain(asids(), pd_at(0), outside, 0, &step));
    assert_int_equal(proxy_step_err(step.verdict, 0, &about), R4_E_INDEX);
}

/* Where each step stands and what has come through so far. */
static void test_steps_of_a_chain(void **state)
{
    const uint16_t narrow = R4_RIGHT_SIGNAL | R4_RIGHT_LINK;
    struct proxy_step step;
    uint32_t end;

    (void)state;
    proxy_world(3);
    const struct proxy_start start = {.index = make_chain(2, ROOT_SLOT, 5, &end)};

    domain[1].word[2] = grant(2, word_index(MARKED_PAGE, 1), narrow, 4) | R4_PROXY_ONCE_MASK;
    static const struct {
        uint32_t domain;
        uint32_t index;
    } expected[] = {{2, R4_INDEX_WORD | 3u},
                    {1, R4_INDEX_WORD | 2u},
                    {1, R4_INDEX_WORD | 1u},
                    {0, R4_INDEX_WORD | 0u},
                    {0, ROOT_SLOT}};

    for (uint32_t n = 0; n < 5; n++) {
        assert_true(proxy_explain(asids(), pd_at(end), start, n, &step));
        assert_int_equal(step.asid, pd_at(expected[n].domain)->asid);
        assert_int_equal(step.index, expected[n].index);
        assert_int_equal(step.verdict,
                         n < 4 ? R4_PROXY_VERDICT_CONTINUES : R4_PROXY_VERDICT_REACHED);
        assert_int_equal(step.word, n < 4 ? domain[expected[n].domain].word[3 - n] : 0);
        assert_int_equal(step.is_once, n > 0);
        assert_int_equal(step.through.ttl, 4);
    }
    assert_int_equal(step.through.rights, narrow & slot_rights(domain_slot(0, ROOT_SLOT)));
    assert_int_equal(step.through.session & R4_SESSION_INDEX_MASK, R4_INDEX_WORD);
    assert_false(proxy_explain(asids(), pd_at(end), start, 5, &step));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_P4_verdicts_agree_with_resolutions),
        SIM_TEST(test_step_errors),
        SIM_TEST(test_a_slot_is_no_chain),
        SIM_TEST(test_steps_of_a_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
