/* SPDX-License-Identifier: MIT */
/* Owns: what random words of proxies name. */
#pragma once

#include "proxy_world.h"

/*
 * What a GRANT names, or a USE: mostly one of the first `words` words of a marked page, where GRANTs stand
 * in even places and USEs in odd ones; every other GRANT names the root.
 */
static inline uint32_t random_index(bool is_grant, uint32_t words)
{
    switch (rng_below(&sim.rng, 40)) {
    case 0:
        return rng_below(&sim.rng, 300);
    case 1:
        return (uint32_t)rng_next(&sim.rng) & 0xffffffu;
    case 2:
        return word_index(ABSENT_PAGE, 0);
    case 3:
        return word_index(PLAIN_PAGE, rng_below(&sim.rng, words));
    default:
        break;
    }
    if (is_grant && rng_below(&sim.rng, 2) == 0) {
        return ROOT_SLOT;
    }
    return word_index(MARKED_PAGE, 2u * rng_below(&sim.rng, words / 2u) + is_grant);
}
