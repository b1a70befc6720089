/* SPDX-License-Identifier: MIT */
/*
 * Owns: how the parts of proxycheck fit together, and the one chain that most of them use: a USE of
 * the program's window, through its peer with itself, to a GRANT in a marked page of the same window.
 */
#ifndef PROXYCHECK_PARTS_H
#define PROXYCHECK_PARTS_H

#include "../../experiments/lab.h"
#include "../syscheck/check.h"

#define ALL_RIGHTS R4_RIGHTS_DEFINED

struct chain {
    uint32_t use;
    uint32_t grant;
    uint64_t *use_at;
    uint64_t *grant_at;
};

/* Words for a chain; it leads nowhere. */
struct chain chain_make(void);
/* A GRANT to oneself, and a USE of it. */
uint64_t chain_grant(uint32_t target, uint16_t rights, uint8_t ttl);
uint64_t chain_use(uint32_t grant, uint16_t rights, uint8_t ttl);
/* Makes it lead to `target`, which has at least two hand-ons. */
void chain_set(const struct chain *chain, uint32_t target, uint16_t rights);
/* The GRANT named with the peer, without the USE. */
r4_cap chain_direct(const struct chain *chain);

/* Waits until `*word` is at least `value`; other threads run meanwhile. False: in vain. */
bool wait_until(const uint64_t *word, uint64_t value);

/* The parts. */
void check_words(void);
void check_calls(void);
void check_marks(void);
void check_huge(void);
void check_domains(void);
void check_once_race(void);
void check_visible(void);
void check_flips(uint64_t flips);
void check_fence(void);
void check_unmap_race(void);
void check_ungrant_link_race(void);
void check_revoke_link_race(void);

#endif
