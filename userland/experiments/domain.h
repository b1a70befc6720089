/* SPDX-License-Identifier: MIT */
/*
 * Owns: protection domains that an experiment makes beside its own. They share its capability table, so
 * that their peers stand in slots of it. Nobody runs in them: their windows say what was written before
 * they were shown.
 */
#ifndef EXPERIMENTS_DOMAIN_H
#define EXPERIMENTS_DOMAIN_H

#include <r4/vspace.h>
#include <stdbool.h>

/* What the experiment makes them with. */
struct domain_env {
    struct r4_slots *slots;
    struct r4_vspace *self; /* its own address space */
    uint64_t fill;          /* a page of it where nothing is mapped */
    uint64_t window;        /* address of their windows */
    uint32_t table;         /* slot of its capability table */
    uint32_t asids;
    void (*must)(const char *what, enum r4_err err); /* does not return unless it is R4_OK */
};

struct domain {
    struct r4_holdings holdings;
    struct r4_vspace vspace;
    uint64_t asid;
    uint32_t memory; /* untyped of everything that is it; the caller's */
    uint32_t frame;  /* of the first page of its window */
};

#define DOMAIN_BITS 16u /* log2 of the memory of a domain */

/* A domain whose window of so many bytes has no page yet. */
void domain_make(const struct domain_env *env, struct domain *domain, uint32_t memory,
                 uint64_t window_bytes);
/* A page of its window that holds these words; its slot. */
uint32_t domain_page(const struct domain_env *env, struct domain *domain, uint64_t address,
                     const uint64_t *words, uint32_t count);
/* Everything goes; the memory can be used again. */
void domain_end(const struct domain_env *env, struct domain *domain);

#endif
