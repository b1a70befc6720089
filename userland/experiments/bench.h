/* SPDX-License-Identifier: MIT */
/*
 * Owns: the frame in which an experiment measures: the clock, the samples of one row, the check of
 * each iteration, and the record in which a row leaves.
 *
 * The experiments are a root task of their own (boot option root=sys/bench): nothing else runs, and
 * every cluster's instance has all the authority that a measurement may need.
 *
 * Invariants
 * (1) A sample is the difference of two readings of the time-stamp counter minus what the same two
 *     readings cost with nothing between them. Under -icount shift=0 that is a number of
 *     instructions.
 * (2) A row has BENCH_SAMPLES samples; BENCH_WARMUPS more were taken before and thrown away.
 * (3) What an iteration did is checked outside of the two readings. One wrong result ends the run
 *     as failed.
 * Locking: one thread of cluster 0 measures; its partners write only the shared page.
 */
#ifndef EXPERIMENTS_BENCH_H
#define EXPERIMENTS_BENCH_H

#include <r4/abi/errors.h>
#include <r4/abi/structs.h>
#include <stdbool.h>
#include <stdint.h>

#define BENCH_SAMPLES  64u
#define BENCH_WARMUPS  8u
#define BENCH_ROUNDS   (BENCH_WARMUPS + BENCH_SAMPLES)
#define BENCH_PRIORITY 128u /* of a root task */

/*
 * The page through which the measuring thread and a partner in another address space or cluster
 * meet. The start of a measurement is always here, so that both kinds of rows cost the same to
 * read.
 */
struct bench_page {
    uint32_t start;  /* reading at the start */
    uint32_t sample; /* the partner's: reading at the end minus `start` */
    uint32_t rounds; /* the partner's: iterations done; atomic */
    uint32_t wrong;  /* the partner's: results that were not the expected ones */
};

struct bench {
    const struct r4_bootinfo *info;
    struct bench_page *page; /* own page, also seen by partners of this cluster */
    uint32_t own_cost;       /* of two readings with nothing between them */
    uint32_t round;          /* samples taken so far, warm-ups included */
    uint32_t samples[BENCH_SAMPLES];
};

/* The low half of the time-stamp counter; nothing moves across. */
static inline uint32_t bench_clock(void)
{
    uint32_t low;
    __asm__ volatile("rdtsc" : "=a"(low) : : "rdx", "memory");
    return low;
}

/* Before a row. */
void bench_begin(struct bench *b);
/* Takes the sample of one iteration: the difference of two readings. */
void bench_sample(struct bench *b, uint32_t difference);
/* After a row: its record goes to the machine channel. */
void bench_end(const struct bench *b, const char *row);
/* The result must be this; otherwise the run ends here, as failed, and the record names `what`. */
void bench_check(const char *what, uint64_t got, uint64_t wanted);

/* Runs `statement` and takes its cost as a sample. */
#define BENCH_MEASURE(b, statement)                                                                \
    do {                                                                                           \
        volatile struct bench_page *page_ = (b)->page;                                             \
        page_->start = bench_clock();                                                              \
        statement;                                                                                 \
        uint32_t end_ = bench_clock();                                                             \
        bench_sample(b, end_ - page_->start);                                                      \
    } while (0)

/* Learns what two readings cost. */
void bench_calibrate(struct bench *b);

/* Ends the machine. */
_Noreturn void bench_exit(uint32_t status);
/* This thread has nothing more to do. */
_Noreturn void bench_sleep(void);

/* One row or several that share their set-up. */
struct bench_row {
    const char *name;
    void (*run)(struct bench *b);
};

/* The groups; each ends with a row whose name is NULL. */
extern const struct bench_row rows_entry[];
extern const struct bench_row rows_switch[];
extern const struct bench_row rows_memory[];
extern const struct bench_row rows_caps[];
extern const struct bench_row rows_revoke[];
extern const struct bench_row rows_views[];
extern const struct bench_row rows_proxy[];
extern const struct bench_row rows_refused[];
extern const struct bench_row rows_explain[];
extern const struct bench_row rows_cores[];
extern const struct bench_row rows_cluster[];

/* What the other clusters' instances do: they answer cluster 0. */
_Noreturn void cluster_partner(const struct r4_bootinfo *info);

#endif
