/* SPDX-License-Identifier: MIT */
/*
 * Owns: random system calls. Most are valid in form: the generator looks into the caller's table
 * for capabilities of the type that a place wants, and for empty slots. The rest is hostile: any
 * index, any number, any bits.
 */
#pragma once

#include "sim.h"

struct random_call {
    uint64_t call_register;
    uint64_t word[6];
};

struct random_call random_call_make(struct rng *rng, const struct thread *caller);

/* An address of the small set that random mappings use. */
uint64_t random_address(struct rng *rng);
