/* SPDX-License-Identifier: MIT */
/*
 * proxy-vs-copy [HOLDERS]: handing a capability to 1, 4, 16, ... holders and HOLDERS (64), in a row of some depth: by words
 * (a GRANT and a USE each, behind one caretaker) and by copies. What it costs to hand it out to all, to
 * use it once at each, and to take it back from all. Counted by the time-stamp counter. Results:
 * proxy-vs-copy way=words|copies, holders=, depth=, step=delegate|use|revoke.
 *
 * Depth: each holder has it from the one before, in rows of this length.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define HOLDERS_MAX 64u
#define ROUNDS      8u
#define ALL         R4_RIGHTS_DEFINED

enum { DELEGATE, USE_IT, REVOKE, STEPS };

static const char *const step_name[STEPS] = {"delegate", "use", "revoke"};
static struct lab_samples samples[STEPS];
static uint32_t target;
static uint32_t slots;
static uint32_t grant[HOLDERS_MAX];
static uint32_t use[HOLDERS_MAX];

static void report(const char *way, uint32_t holders, uint32_t depth)
{
    for (uint32_t i = 0; i < STEPS; i++) {
        char what[96];
        (void)r4_snprintf(what, sizeof what, "proxy-vs-copy way=%s holders=%u depth=%u step=%s",
                          way, holders, depth, step_name[i]);
        lab_result(what, &samples[i]);
    }
}

static void use_all(const uint32_t *index, uint32_t holders)
{
    const uint64_t start = lab_clock();
    for (uint32_t i = 0; i < holders; i++) {
        lab_must("use", r4_cap_identify(index[i], NULL, NULL, NULL, NULL, NULL));
    }
    lab_sample(&samples[USE_IT], lab_clock() - start);
}

static void by_words(uint32_t holders, uint32_t depth)
{
    const struct r4_self *self = lab_self();
    struct r4_caretaker c;
    lab_must("making a caretaker", r4_caretaker_make(lab_self(), target, R4_TTL_MAX, ALL, &c));
    const uint64_t start = lab_clock();
    for (uint32_t i = 0; i < holders; i++) {
        const uint32_t level = i % depth;
        const uint8_t ttl = (uint8_t)(c.ttl - 1u - level);
        r4_grant(lab_at(grant[i]),
                 r4_word_of(r4_grant_to(self->far, ALL, ttl), level == 0 ? c.use : use[i - 1]));
        r4_use(lab_at(use[i]), r4_word_of(r4_use_from(self->near, ALL, ttl), grant[i]));
    }
    lab_sample(&samples[DELEGATE], lab_clock() - start);
    use_all(use, holders);
    const uint64_t before = lab_clock();
    r4_caretaker_close(self, &c);
    lab_sample(&samples[REVOKE], lab_clock() - before);
    for (uint32_t i = 0; i < holders; i++) {
        lab_equal("use after taking back", r4_cap_identify(use[i], NULL, NULL, NULL, NULL, NULL),
                  R4_E_PROXY);
    }
    r4_caretaker_end(lab_self(), &c);
}

static void by_copies(uint32_t holders, uint32_t depth)
{
    uint32_t index[HOLDERS_MAX];
    const uint64_t start = lab_clock();
    for (uint32_t i = 0; i < holders; i++) {
        index[i] = slots + i;
        lab_must("copy", r4_cap_copy(i % depth == 0 ? target : index[i - 1], 0, index[i]));
    }
    lab_sample(&samples[DELEGATE], lab_clock() - start);
    use_all(index, holders);
    const uint64_t before = lab_clock();
    lab_must("revoke", r4_cap_revoke(target));
    lab_sample(&samples[REVOKE], lab_clock() - before);
    for (uint32_t i = 0; i < holders; i++) {
        lab_equal("use after the revoke", r4_cap_identify(index[i], NULL, NULL, NULL, NULL, NULL),
                  R4_E_EMPTY);
    }
}

static void compare(uint32_t holders, uint32_t depth)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        by_words(holders, depth);
    }
    report("words", holders, depth);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        by_copies(holders, depth);
    }
    report("copies", holders, depth);
}

static void compare_depths(uint32_t holders)
{
    static const uint32_t depth[] = {1, 4, 12};
    for (uint32_t i = 0; i < sizeof depth / sizeof depth[0]; i++) {
        if (depth[i] <= holders) {
            compare(holders, depth[i]);
        }
    }
}

int main(int argc, char **argv)
{
    lab_begin("proxy-vs-copy");
    struct lab_parameter most = {"HOLDERS", 1, HOLDERS_MAX, HOLDERS_MAX};
    lab_arguments(argc, argv, &most, 1);
    target = lab_make(R4_TYPE_NOTIFICATION, 0);
    slots = lab_slots(HOLDERS_MAX);
    for (uint32_t i = 0; i < HOLDERS_MAX; i++) {
        grant[i] = lab_word(R4_NEAR_NOTHING);
        use[i] = lab_word(grant[i]);
    }
    for (uint32_t holders = 1; holders < most.value; holders *= 4) {
        compare_depths(holders);
    }
    compare_depths((uint32_t)most.value);
    return 0;
}
