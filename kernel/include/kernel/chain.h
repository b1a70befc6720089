/* SPDX-License-Identifier: MIT */
/*
 * Owns: chains that a domain keeps after they were resolved, so that the next resolution from the
 * same place only compares. Each domain has a few, by where they begin.
 *
 * Invariants
 * (chain I1) A kept chain of the cluster's epoch whose words and whose root's meta are what they were
 *     is what a walk finds. Everything else that a walk looks at raises the epoch when it changes
 *     (cluster_forget_chains), under the same lock:
 *     - a leaf or a page table that leaves the part of an address space where the window is, and with
 *       it memory that becomes something else: it is unmapped first (vspace_unmap_slot);
 *     - a mark that leaves a leaf (commit_frame_unmark);
 *     - an end of a peer that is deleted, which changes the other one (peer_cut);
 *     - a table that is taken from its domain (tell_owner), in the same step in which the ASID of one
 *       that ends is released (reap_pd); no table ends before it was taken from all domains.
 *     What is new where nothing was cannot matter: what is kept was found. A window never changes,
 *     ends of peers do not move, a fresh domain keeps nothing.
 * (chain I2) No word of a kept chain is for one use.
 * (chain I3) Words that a resolution loaded to compare are not loaded again when it walks: the walk
 *     comes to the same words up to the one that differs (chain I1), and takes what was loaded.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/cap.h>
#include <r4/abi/limits.h>

/* A GRANT too many and the USE behind it are read before a walk is refused, which is prepared for one more. */
#define CHAIN_WORDS_MAX (2u * R4_HOPS_MAX + 4u)

/* A word that was read. A chain that begins at a named peer has no first USE: a word of zeros. */
struct chain_word {
    uint64_t *at; /* in the direct map */
    uint64_t value;
};

/* USE and GRANT take turns. While a walk goes on it notes here what it reads. */
struct kept_chain {
    uint64_t start;         /* proxy_key */
    uint64_t epoch;         /* of the cluster when it was found; 0: nothing is kept */
    struct chain_word *end; /* behind the last word; while a walk goes on, behind those loaded */
    uint64_t root_meta;
    struct cap_ref ref;
    struct chain_word word[CHAIN_WORDS_MAX];
};

#define CHAINS_KEPT 4u
