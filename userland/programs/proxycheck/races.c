/* SPDX-License-Identifier: MIT */
/*
 * Owns: races about words: a GRANT for one use on two cores (P16), a store seen at once (D2), a word
 * that changes all the time (P13), taking back and fence (P14). The other core is `other`; both meet
 * at counters.
 */
#include "parts.h"

#include <r4/abi/stubs.h>

#define OTHER_CORE  ((r4_startup()->core + 1u) % lab_cores())
#define ROUNDS      30u
#define ROUNDS_MAX  100000u
#define CHANGES     50u /* from one word to the other that must have been seen */
#define CALLS_MAX   UINT64_C(10000000)
#define AFTER_FENCE 20u
#define BADGE_A     UINT64_C(0x1)
#define BADGE_B     UINT64_C(0x2)
#define RIGHTS_A    R4_RIGHT_SIGNAL
#define RIGHTS_B    R4_RIGHT_RECEIVE

static struct chain c;
static uint32_t a;
static uint32_t b;

/* What the threads tell each other. */
static uint64_t asked;    /* rounds that were begun */
static uint64_t answered; /* and done by the other core */
static uint64_t seen;     /* what it found in the last one */
static bool is_over;

static void reset(void)
{
    asked = answered = seen = 0;
    is_over = false;
}

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Until the next round begins; false at the end. */
static bool next_round(uint64_t done)
{
    while (load(&asked) == done) {
        if (__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
            return false;
        }
        __builtin_ia32_pause();
    }
    return true;
}

static void end(uint32_t thread)
{
    __atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
    lab_must("ending a thread", r4_cap_delete(thread));
    lab_slots_back(thread, 1);
}

/* ------------------------------------------------------------------------------------------------
 * D2
 */

static void look(uint64_t unused)
{
    (void)unused;
    for (uint64_t done = 0; next_round(done); done++) {
        struct r4_result r = call_identify(c.use);
        store(&seen, r.err == R4_OK ? r.m[1] : 0);
        store(&answered, done + 1);
    }
    lab_sleep();
}

void check_visible(void)
{
    c = chain_make();
    a = lab_badged(BADGE_A);
    b = lab_badged(BADGE_B);
    const uint64_t word[3] = {chain_grant(a, ALL_RIGHTS, 1), 0, chain_grant(b, ALL_RIGHTS, 1)};
    const uint64_t wanted[3] = {BADGE_A, 0, BADGE_B};
    chain_set(&c, a, ALL_RIGHTS);
    reset();
    const uint32_t thread = lab_thread(look, 0, OTHER_CORE);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        r4_grant(c.grant_at, word[i % 3]);
        store(&asked, i + 1);
        check_equal("the other core answers", wait_until(&answered, i + 1), true);
        check_equal("a store is seen at once on another core", load(&seen), wanted[i % 3]);
    }
    end(thread);
}

/* ------------------------------------------------------------------------------------------------
 * P16
 */

static void use_once(uint64_t unused)
{
    (void)unused;
    for (uint64_t done = 0; next_round(done); done++) {
        store(&seen, r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL).err);
        store(&answered, done + 1);
    }
    lab_sleep();
}

void check_once_race(void)
{
    uint64_t won = 0;
    uint64_t lost = 0;
    uint64_t i = 0;
    reset();
    chain_set(&c, a, ALL_RIGHTS);
    const uint32_t thread = lab_thread(use_once, 0, OTHER_CORE);
    for (; i < ROUNDS || ((won == 0 || lost == 0) && i < ROUNDS_MAX); i++) {
        r4_grant(c.grant_at, r4_grant_once(chain_grant(a, ALL_RIGHTS, 1)));
        store(&asked, i + 1);
        /* Every second time the other core has a little more time. */
        for (uint64_t n = 0; n < (i % 2) * (i % 64) * 8; n++) {
            __builtin_ia32_pause();
        }
        const uint32_t mine = r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL).err;
        if (!wait_until(&answered, i + 1)) {
            break;
        }
        const uint64_t its = load(&seen);
        won += mine == R4_OK;
        lost += its == R4_OK;
        if ((mine == R4_OK) == (its == R4_OK) || (mine != R4_OK && mine != R4_E_PROXY) ||
            (its != R4_OK && its != R4_E_PROXY) || !r4_is_spent(c.grant_at)) {
            check_equal("one of two cores has the one use", mine << 8 | its, R4_E_PROXY);
        }
    }
    r4_printf("once: %lu rounds, this core %lu, the other %lu\n", i, won, lost);
    check_equal("each round had one winner", won + lost, i);
    check_equal("each core won", won != 0 && lost != 0, true);
    end(thread);
    (void)r4_invoke0(a, R4_CALL_NOTIFICATION_POLL);
}

/* ------------------------------------------------------------------------------------------------
 * P13
 */

static uint64_t flips;
static uint64_t flipping; /* the other core has begun */
static uint64_t flipped;  /* and made all flips; it goes on until the end */

static void flip(uint64_t unused)
{
    const uint64_t word[2] = {chain_grant(a, RIGHTS_A, 1), chain_grant(b, RIGHTS_B, 1)};
    (void)unused;
    uint64_t i = 0;
    store(&flipping, 1);
    for (; i < flips || !__atomic_load_n(&is_over, __ATOMIC_ACQUIRE); i++) {
        r4_grant(c.grant_at, word[i % 2]);
        if (i % 63 == 0) { /* after either word */
            __builtin_ia32_pause();
        }
        if (i + 1 == flips) {
            store(&flipped, 1);
        }
    }
    lab_sleep();
}

/* Rights and badge are of one word, never of both. */
void check_flips(uint64_t count)
{
    uint64_t got[2] = {0, 0};
    uint64_t wrong = 0;
    uint64_t changes = 0;
    bool was_b = false;
    uint64_t i = 0;
    flips = count;
    flipping = flipped = 0;
    reset();
    chain_set(&c, a, RIGHTS_A);
    const uint32_t thread = lab_thread(flip, 0, OTHER_CORE);
    check_equal("the other core flips", wait_until(&flipping, 1), true);
    while (i < CALLS_MAX && (load(&flipped) == 0 || changes < CHANGES)) {
        const struct r4_result r = call_identify(c.use);
        const uint64_t rights = r4_cap_view_rights(r.m[0]);
        const bool is_a = r.err == R4_OK && r.m[1] == BADGE_A && rights == RIGHTS_A;
        const bool is_b = r.err == R4_OK && r.m[1] == BADGE_B && rights == RIGHTS_B;
        got[0] += is_a;
        got[1] += is_b;
        wrong += !is_a && !is_b;
        changes += is_b != was_b;
        was_b = is_b;
        i++;
        __builtin_ia32_pause(); /* the emulator may have one host thread for all cores */
    }
    r4_printf("flips: %lu, seen %lu and %lu times in %lu calls\n", count, got[0], got[1], i);
    check_equal("mixed results", wrong, 0);
    check_equal("both words were seen", changes >= CHANGES, true);
    check_equal("all flips were made", load(&flipped), 1);
    end(thread);
}

/* ------------------------------------------------------------------------------------------------
 * P14
 */

static uint64_t tried;
static uint64_t refusals;

static void signal_all_the_time(uint64_t unused)
{
    (void)unused;
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
        const uint32_t err = r4_invoke0(c.use, R4_CALL_NOTIFICATION_SIGNAL).err;
        if (err != R4_OK) {
            __atomic_fetch_add(err == R4_E_PROXY ? &refusals : &seen, 1, __ATOMIC_RELEASE);
        }
        __atomic_fetch_add(&tried, 1, __ATOMIC_RELEASE);
        __builtin_ia32_pause();
    }
    lab_sleep();
}

static void one_fence(void)
{
    uint32_t rounds = 0;
    r4_grant(c.grant_at, chain_grant(a, ALL_RIGHTS, 1));
    while (r4_invoke0(a, R4_CALL_NOTIFICATION_POLL).err == R4_E_AGAIN && wait_a_little(&rounds)) {
    }
    r4_ungrant(c.grant_at);
    lab_must("fence", r4_fence());
    (void)r4_invoke0(a, R4_CALL_NOTIFICATION_POLL);
    const uint64_t before = load(&tried);
    check_equal("the other core goes on", wait_until(&tried, before + AFTER_FENCE), true);
    const struct r4_result r = r4_invoke0(a, R4_CALL_NOTIFICATION_POLL);
    if (r.err != R4_E_AGAIN) {
        check("a signal after the fence", r, R4_E_AGAIN, 0);
    }
}

void check_fence(void)
{
    reset();
    tried = refusals = 0;
    chain_set(&c, a, ALL_RIGHTS);
    const uint32_t thread = lab_thread(signal_all_the_time, 0, OTHER_CORE);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        one_fence();
    }
    end(thread);
    r4_printf("fence: %lu signals tried, %lu refused\n", tried, refusals);
    check_equal("other errors", seen, 0);
    check_equal("signals were refused", refusals != 0, true);
    check_equal("signals were made", tried > refusals, true);
}
