/* SPDX-License-Identifier: MIT */
/*
 * Owns: what rows about proxies are made of: the root task's window with one marked page, and chains
 * through domains of their own. The USE of the root task leads to a GRANT of the last domain, whose USE
 * leads to the one before, and so on; the first domain's GRANT names a slot.
 */
#ifndef EXPERIMENTS_PROXY_WORLD_H
#define EXPERIMENTS_PROXY_WORLD_H

#include "world.h"

#include <r4/proxy.h>

#define PROXY_HOPS_MAX R4_HOPS_MAX

struct proxy_chain {
    struct domain domain[PROXY_HOPS_MAX];
    uint32_t hops;
    uint32_t use; /* word of the root task's window where it begins */
};

/* The page of the root task's window, made at the first use. */
void proxy_window(void);
/* Word `n` of it. */
uint64_t *proxy_word(uint32_t n);
/* Binds a peer in two fresh slots of the table that all domains share. */
void proxy_peer(uint32_t pd_a, uint16_t *slot_a, uint32_t pd_b, uint16_t *slot_b);
/* A chain to `target` through so many domains, from the root task's word `n`. */
void proxy_chain(struct proxy_chain *chain, uint32_t hops, uint32_t target, uint32_t n);
/* Has the kernel forget all chains, by the marks of all pages of this one. */
void proxy_forget(const struct proxy_chain *chain);
/* A notification with a minted badge. */
uint32_t proxy_target(uint64_t badge);

#endif
