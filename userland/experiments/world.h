/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the rows are made of: memory and slots of the root task, threads, and a second address
 * space that shows the program's code at the same addresses and the shared page, but none of its
 * data.
 *
 * Invariants: a partner's function uses nothing but its argument and constants. Nothing is given
 * back before the machine ends, but for what a row deletes itself.
 */
#ifndef EXPERIMENTS_WORLD_H
#define EXPERIMENTS_WORLD_H

#include "bench.h"
#include "domain.h"

#include <r4/vspace.h>

#define WORLD_FREE_ADDRESS(info) ((info)->free_address)
/* Offsets from there. Each is a region of 2 MiB. */
#define WORLD_PAGE_OFFSET    UINT64_C(0)         /* the shared page */
#define WORLD_SCRATCH_OFFSET UINT64_C(0x200000)  /* for the rows */
#define WORLD_STACK_OFFSET   UINT64_C(0x400000)  /* stacks of partners, a page each */
#define WORLD_LOAD_OFFSET    UINT64_C(0x600000)  /* where the second address space is filled */
#define WORLD_LARGE_OFFSET   UINT64_C(0xc00000)  /* for a large frame */
#define WORLD_PAIR_OFFSET    UINT64_C(0x800000)  /* pages shared with other clusters */
#define WORLD_VIEWS_OFFSET   UINT64_C(0x4000000) /* views of tables, several regions */

/* Takes over what boot gave; maps the shared page. */
void world_begin(const struct r4_bootinfo *info, struct bench_page **page);

/* `count` slots in a row. */
uint32_t world_slots(uint32_t count);
/* Makes an object out of the world's memory; its slot. */
uint32_t world_make(uint8_t type, uint8_t bits);
/* Maps a frame, with the page tables that it needs, in the root task's own address space. */
void world_map(uint32_t frame, uint64_t address, uint16_t access);

/* The root task's own address space. */
struct r4_vspace *world_vspace(void);

/* For further domains, with windows where the root task's is. */
struct domain_env world_domains(void);

typedef void world_entry(uint64_t page, uint64_t arg);

/* Starts a thread in the root task's own address space; its slot. */
uint32_t world_thread(world_entry *entry, uint64_t arg, uint32_t core, uint8_t priority);
/* The same in the second address space, which is made at the first use. */
uint32_t world_partner(world_entry *entry, uint64_t arg, uint32_t core, uint8_t priority);

/* The call must have succeeded. */
void world_must(const char *what, enum r4_err err);
/* No entry into the kernel on core 0 took longer than one may; otherwise the run ends as failed. */
void world_check_bounded(void);

#endif
