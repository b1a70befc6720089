/* SPDX-License-Identifier: MIT */
/*
 * Owns: what is to be seen of a resolution from outside: step by step, with the reason where it ends.
 *
 * Invariants
 * (explain I1) The last step of a chain that nobody changes is REACHED exactly if proxy_resolve gives
 *     the capability, and then shows the same slot, rights, time to live and session id; else
 *     proxy_step_err of it is proxy_resolve's error.
 * (explain I2) Each word is read once in a walk, as in a resolution, and only in RAM of this cluster.
 * Pure. Locking: the cluster's lock.
 * Not here: who may ask. A caller that resolves learns none of this (proxy I3).
 */
#pragma once

#include <kernel/asid.h>
#include <kernel/proxy.h>
#include <r4/abi/enums.h>

struct proxy_step {
    enum r4_proxy_verdict verdict;
    uint32_t index; /* a word (INDEX_WORD), or a slot: the root, or the peer that a call names */
    uint32_t asid;  /* layout `asid`: of the domain in which it stands, 0 for none */
    uint64_t word;  /* what was read there; 0 if nothing was */
    bool is_once;   /* a GRANT so far is for one use */
    struct cap_ref through; /* rights and time to live so far; all of it only if REACHED */
};

/*
 * Step `number` of the chain that begins in `pd`: 0 is its own USE or the peer that is named, then a
 * GRANT and what it names take turns. A start that is a slot is its own root. False: the chain ends
 * before.
 */
bool proxy_explain(const struct asid_table *asids, const struct pd *pd, struct proxy_start start,
                   uint32_t number, struct proxy_step *out);

/*
 * What the domain keeps in that place counts no more, or is where a walk ends if its words are what
 * they were; no word is read. For the auditor.
 */
bool proxy_is_kept_rightly(const struct cluster *cl, const struct pd *pd, uint32_t place);

/* What a caller is told if its chain ends at step `number` so; `*about` is the detail. */
enum r4_err proxy_step_err(enum r4_proxy_verdict verdict, uint32_t number, uint32_t *about);
