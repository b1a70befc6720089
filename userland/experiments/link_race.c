/* SPDX-License-Identifier: MIT */
/*
 * link-race [ROUNDS]: a thread on each other core links a chain all the time and deletes what it got,
 * while the first one takes the GRANT back, gives it again, and revokes the capability behind it. Each
 * link succeeds, or is refused because of the word (PROXY) or of the revoke (REVOKING); after a revoke
 * nothing that was linked is left. Goes on until each was seen. Results: link-race linked=, proxy=,
 * revoking=, left=, odd=.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define ROUNDS      50u
#define ROUNDS_MAX  50000u
#define LINKERS_MAX 16u
#define FAMILY      48u /* copies of what is revoked; the chain ends at the first, which goes last */
#define BADGE       UINT64_C(2)

static uint32_t origin;
static uint32_t family;
static uint32_t grant;
static uint32_t use;
static uint32_t slot[LINKERS_MAX];
static uint32_t linkers;
static uint64_t linked;
static uint64_t by_proxy;
static uint64_t by_revoking;
static uint64_t left;
static uint64_t odd;
static uint64_t tries;

static void count(uint64_t *what)
{
    __atomic_fetch_add(what, 1, __ATOMIC_ACQ_REL);
}

static uint64_t load(const uint64_t *what)
{
    return __atomic_load_n(what, __ATOMIC_ACQUIRE);
}

static void link_all_the_time(uint64_t number)
{
    for (;;) {
        const enum r4_err err = r4_cap_link(use, slot[number]);
        count(&tries);
        if (err == R4_OK) {
            count(&linked);
            (void)r4_cap_delete(slot[number]);
        } else if (err == R4_E_PROXY) {
            count(&by_proxy);
        } else {
            count(err == R4_E_REVOKING ? &by_revoking : &odd);
        }
        __builtin_ia32_pause();
    }
}

static void wait_for_tries(void)
{
    const uint64_t before = load(&tries);
    while (load(&tries) < before + 2) {
        (void)r4_yield();
        __builtin_ia32_pause();
    }
}

static void grant_it(void)
{
    r4_grant(lab_at(grant), r4_word_of(r4_grant_to(lab_self()->far, R4_RIGHTS_DEFINED, 1), family));
}

static void one_round(void)
{
    for (uint32_t i = 0; i < FAMILY; i++) {
        lab_must("copy", r4_cap_copy(origin, 0, family + i));
    }
    grant_it();
    wait_for_tries();
    r4_ungrant(lab_at(grant));
    wait_for_tries();
    grant_it();
    wait_for_tries();
    lab_must("revoke", r4_cap_revoke(origin));
    for (uint32_t i = 0; i < linkers; i++) {
        if (r4_cap_identify(slot[i], NULL, NULL, NULL, NULL, NULL) != R4_E_EMPTY) {
            count(&left);
        }
    }
}

static bool is_enough(uint64_t round, uint64_t rounds)
{
    const bool all = load(&linked) != 0 && load(&by_proxy) != 0 && load(&by_revoking) != 0;
    return round >= ROUNDS_MAX || (round >= rounds && all);
}

int main(int argc, char **argv)
{
    lab_begin("link-race");
    struct lab_parameter rounds = {"ROUNDS", 1, ROUNDS_MAX, ROUNDS};
    lab_arguments(argc, argv, &rounds, 1);
    if (lab_cores() < 2) {
        r4_printf("link-race: needs two cores in the cluster\n");
        return 2;
    }
    origin = lab_badged(BADGE);
    family = lab_slots(FAMILY);
    grant = lab_word(R4_NEAR_NOTHING);
    use = lab_word(grant);
    r4_use(lab_at(use), r4_word_of(r4_use_from(lab_self()->near, R4_RIGHTS_DEFINED, 1), grant));
    linkers = lab_cores() - 1 < LINKERS_MAX ? lab_cores() - 1 : LINKERS_MAX;
    for (uint32_t i = 0; i < linkers; i++) {
        slot[i] = lab_slots(1);
        (void)lab_thread(link_all_the_time, i, (r4_startup()->core + 1 + i) % lab_cores());
    }
    for (uint64_t i = 0; !is_enough(i, rounds.value); i++) {
        one_round();
    }
    lab_audit();
    r4_printf("result link-race linked=%lu proxy=%lu revoking=%lu left=%lu odd=%lu\n", linked,
              by_proxy, by_revoking, left, odd);
    return odd == 0 && left == 0 && linked != 0 && by_proxy != 0 && by_revoking != 0 ? 0 : 1;
}
