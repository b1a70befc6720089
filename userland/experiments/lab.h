/* SPDX-License-Identifier: MIT */
/*
 * Owns: what experiments that `run` starts are made of: slots, memory and a window of the program, a
 * peer with itself, further threads, further protection domains, and lines of results.
 *
 * Such a program is in folder lab/ of the boot archive, and the root task gives it more than others:
 * 16 MiB of untyped, the cluster's ASID control, and its monitor to read.
 *
 * Invariants: whatever goes wrong that is not a result ends the program with a sentence and status 1, wrong
 * arguments with status 2.
 * Locking: none, one thread; what is said otherwise may be used by all.
 */
#ifndef EXPERIMENTS_LAB_H
#define EXPERIMENTS_LAB_H

#include "domain.h"

#include <r4/caretaker.h>
#include <r4/format.h>
#include <r4/program.h>

#define LAB_ASIDS   R4_PROGRAM_SLOT_FREE
#define LAB_MONITOR (R4_PROGRAM_SLOT_FREE + 1u)

#define LAB_WINDOW_PAGES 16u
/* Addresses that are the program's to use; each is a region of 2 MiB. */
#define LAB_SCRATCH (R4_PROGRAM_FREE + UINT64_C(0x40000000))
#define LAB_FILL    (R4_PROGRAM_FREE + UINT64_C(0x80000000)) /* of lab.c */

/* Once, at the start. `name` begins each line that says what went wrong. */
void lab_begin(const char *name);
void lab_must(const char *what, enum r4_err err);
/* The number must be the wanted one. */
void lab_equal(const char *what, uint64_t got, uint64_t wanted);

struct r4_window *lab_window(void);
struct r4_self *lab_self(void);
struct r4_vspace *lab_vspace(void);
/* What lab_domain makes domains with. */
const struct domain_env *lab_env(void);

uint32_t lab_slots(uint32_t count);
void lab_slots_back(uint32_t first, uint32_t count);
uint32_t lab_make(uint8_t type, uint8_t bits);
/* A notification's capability with this badge; the notification is not kept. */
uint32_t lab_badged(uint64_t badge);
/* A free word of the window, in the page of `near` if there is room. */
uint32_t lab_word(uint32_t near);
uint64_t *lab_at(uint32_t index);

/* A thread of the program; threads of all cores share everything. Its slot. */
uint32_t lab_thread(void (*entry)(uint64_t), uint64_t arg, uint32_t core);
uint32_t lab_cores(void);
/* The end of such a thread. */
_Noreturn void lab_sleep(void);

/* A domain whose window of so many bytes has no page yet; lab_domain_end takes all of it back. */
void lab_window_domain(struct domain *domain, uint64_t window_bytes);
/* A domain whose window has one page, which holds these words and is marked, or not. */
void lab_domain(struct domain *domain, const uint64_t *words, uint32_t count, bool is_marked);
void lab_domain_end(struct domain *domain);
/* Binds a peer between two domains (R4_PROGRAM_SLOT_PD is the program's own). */
void lab_peer(uint32_t pd_a, uint16_t slot_a, uint32_t pd_b, uint16_t slot_b);

/* A number that the program can be given, by its place among the arguments. */
struct lab_parameter {
    const char *name;
    uint64_t least;
    uint64_t most;
    uint64_t value; /* what is assumed without it */
};

/*
 * Reads the arguments into the values. One that is no such number, or one too many, ends the program with
 * a sentence and status 2.
 */
void lab_arguments(int argc, char **argv, struct lab_parameter *parameters, uint32_t count);

/* Samples of one figure. */
#define LAB_SAMPLES 64u
struct lab_samples {
    uint32_t count;
    uint64_t sample[LAB_SAMPLES];
};

static inline uint64_t lab_clock(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* What two readings of the clock cost with nothing between them. */
uint64_t lab_clock_cost(void);
/* The difference of two readings. */
void lab_sample(struct lab_samples *samples, uint64_t difference);
/*
 * Prints a result (userland/root/result.h): `what`, how many samples, the least, the middle, the most.
 * Sorts the samples, and empties them.
 */
void lab_result(const char *what, struct lab_samples *samples);
/* The auditor of the cluster finds nothing. */
void lab_audit(void);

/* The next of a sequence of numbers that look random. */
static inline uint64_t lab_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

#endif
