/* SPDX-License-Identifier: MIT */
/*
 * proxy-chain [ROUNDS]: what a call through 1 to 15 hops costs, each through another domain, by the
 * chain that the kernel keeps from the call before and by a walk. Counted by the time-stamp counter:
 * instructions under `--icount`. Results: proxy-chain hops=, chain=kept|walked.
 *
 * Each domain grants to the next one and to the program, so that the program has a chain of each length.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define ROUNDS  16u
#define TO_NEXT 1u /* words of each domain's window */
#define TO_US   2u
#define USE_AT  3u
#define WORD(n) (R4_INDEX_WORD | (n))
#define HOPS    R4_HOPS_MAX
#define ALL     R4_RIGHTS_DEFINED

static struct domain domain[HOPS];
static uint32_t use[HOPS];

/* Peers must be there before the words that name them: the slots are chosen first. */
static void make_chain(uint32_t target)
{
    uint16_t back = 0;
    for (uint32_t i = 0; i < HOPS; i++) {
        const uint16_t forth = (uint16_t)lab_slots(1);
        const uint16_t next = (uint16_t)lab_slots(1);
        const uint16_t its = (uint16_t)lab_slots(1);
        const uint16_t ours = (uint16_t)lab_slots(1);
        const uint8_t ttl = (uint8_t)(HOPS - 1 - i);
        const uint32_t to = i == 0 ? target : WORD(USE_AT);
        const uint64_t words[] = {
            0,
            r4_word_of(r4_grant_to(forth, ALL, ttl), to),
            r4_word_of(r4_grant_to(its, ALL, ttl), to),
            i == 0 ? 0 : r4_word_of(r4_use_from(back, ALL, (uint8_t)(ttl + 1u)), WORD(TO_NEXT)),
        };
        lab_domain(&domain[i], words, 4, true);
        lab_peer(domain[i].vspace.pd, its, R4_PROGRAM_SLOT_PD, ours);
        if (i > 0) {
            lab_peer(domain[i - 1].vspace.pd, (uint16_t)(back - 1u), domain[i].vspace.pd, back);
        }
        back = next;
        use[i] = lab_word(R4_NEAR_NOTHING);
        r4_use(lab_at(use[i]), r4_word_of(r4_use_from(ours, ALL, ttl), WORD(TO_US)));
    }
}

static void forget_page(uint32_t frame)
{
    lab_must("unmark", r4_frame_unmark(frame));
    lab_must("mark", r4_frame_mark(frame));
}

static void forget(uint32_t hops)
{
    for (uint32_t i = 0; i < hops; i++) {
        forget_page(domain[i].frame);
    }
    forget_page(lab_window()->page[0].frame);
}

static void measure(uint32_t hops, bool is_kept, uint64_t rounds)
{
    static struct lab_samples samples;
    char what[64];
    for (uint64_t i = 0; i < rounds + 1; i++) {
        if (!is_kept) {
            forget(hops);
        }
        const uint64_t start = lab_clock();
        const struct r4_result r = r4_invoke0(use[hops - 1], R4_CALL_CAP_IDENTIFY);
        const uint64_t difference = lab_clock() - start;
        lab_must("a call through the chain", r.err);
        lab_equal("where it leads", r4_cap_view_type(r.m[0]), R4_TYPE_NOTIFICATION);
        if (i > 0) {
            lab_sample(&samples, difference);
        }
    }
    (void)r4_snprintf(what, sizeof what, "proxy-chain hops=%u chain=%s", hops,
                      is_kept ? "kept" : "walked");
    lab_result(what, &samples);
}

int main(int argc, char **argv)
{
    lab_begin("proxy-chain");
    struct lab_parameter rounds = {"ROUNDS", 1, LAB_SAMPLES, ROUNDS};
    lab_arguments(argc, argv, &rounds, 1);
    make_chain(lab_make(R4_TYPE_NOTIFICATION, 0));
    for (uint32_t hops = 1; hops <= HOPS; hops++) {
        measure(hops, false, rounds.value);
        measure(hops, true, rounds.value);
    }
    return 0;
}
