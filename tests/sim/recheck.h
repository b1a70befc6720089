/* SPDX-License-Identifier: MIT */
/*
 * Owns: what a chain of proxies gives, said a second time: field by field after the rules of
 * docs/decisions/0013-proxies.md, without the kernel's walk, comparisons and order of loads. Tests
 * compare the kernel with it.
 */
#pragma once

#include <kernel/cluster.h>
#include <kernel/pd.h>
#include <r4/abi/errors.h>

struct recheck {
    enum r4_err err;   /* as proxy_resolve's */
    struct slot *root; /* if OK: the capability that it leads to */
    uint16_t rights;   /* that come through */
    uint16_t near_rights;
    uint8_t ttl;
    uint32_t hops; /* GRANTs on the way */
    bool is_once;
    uint64_t session;
};

/* How a word is read: as it is now, or as it may have been. */
typedef uint64_t recheck_read(const uint64_t *at);

uint64_t recheck_now(const uint64_t *at);

/* For `pd`, from layout `call`'s peer (0: none) and index, which is a word. */
struct recheck recheck_chain(const struct cluster *cl, const struct pd *pd, uint32_t peer,
                             uint32_t index, recheck_read *read);

/* Where the word lies; NULL if nothing is mapped there, or (for GRANTs) the page has no mark. */
uint64_t *recheck_word(const struct pd *pd, uint32_t index, bool must_be_marked);
