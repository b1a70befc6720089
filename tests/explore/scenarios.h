/* SPDX-License-Identifier: MIT */
/*
 * Owns: the world that all scenarios begin with, and the scenarios. Domain 0 grants: it has two
 * notifications, FIRST and SECOND. Domain 2 uses, alone or through domain 1, who is in the middle.
 */
#pragma once

#include "explore.h"

#define FIRST       ROOT_SLOT
#define SECOND      (ROOT_SLOT + 1u)
#define FIRST_BIT   UINT64_C(0x40)
#define SECOND_BIT  UINT64_C(0x80)
#define LINKED_SLOT 50u
#define ALL         ((uint16_t)R4_RIGHTS_DEFINED)
#define TTL         5u

/* Words by their domains: a GRANT and a USE each. */
#define GRANT_INDEX word_index(MARKED_PAGE, 0)
#define USE_INDEX   word_index(MARKED_PAGE, 1)
#define GRANT_OF(d) (&domain[d].word[0])
#define USE_OF(d)   (&domain[d].word[1])

/* The world; each domain's thread runs on a core of its own, and is the actor of its number. */
void explore_world(void);
/* The same, with domain 1's actor replaced by another thread of domain 2. */
void explore_world_of_two_users(void);
/* Words from domain 0 to domain 2, through domain 1 or not. `once` is OR-ed into each GRANT. */
void grant_directly(uint64_t once);
void grant_through_the_middle(uint64_t once);
/* `count` capabilities derived from FIRST. */
void make_children(uint32_t count);

/* A result of a signal of domain 2 that was possible; of `during`. */
bool signal_was_possible(const struct result *during);
/* "signal first", "refused: rights"... */
void name_signal(const struct result *of);

extern const struct scenario scenario_one_hop, scenario_two_hops, scenario_fence,
    scenario_fence_long, scenario_link, scenario_once_race, scenario_once_chain,
    scenario_once_restart, scenario_link_revoke, scenario_wait, scenario_marks, scenario_cut;
