/* SPDX-License-Identifier: MIT */
/* Owns: what the files of the keeper share: the root task's slots, and how they are looked at. */
#pragma once

#include "generate.h"

#include <r4/abi/layout.h>

#define SUBJECTS    3u
#define THREADS     2u
#define MEMORIES    3u
#define RUNGS       12u
#define SPENT_RUNGS 15u
#define TABLES      3u
#define PAGES       2u /* of the window's three */

/* The proxy window of each subject: a page of GRANTs, a page of USEs, a page that is not there. */
#define KEEPER_WINDOW UINT64_C(0x20000000)

/* Slots of the root task's table, from `boot_slots` on. */
enum keeper_slot {
    OWN_SHARED,                          /* a notification for all */
    OWN_BADGED,                          /* the same with a badge */
    OWN_WEAK,                            /* it again, for signals only */
    OWN_DEVICES,                         /* device memory, one part for each */
    OWN_LADDER = OWN_DEVICES + SUBJECTS, /* copies of copies of OWN_SHARED */
    OWN_SUBJECTS = OWN_LADDER + SPENT_RUNGS,
};

/* Slots of one subject, from OWN_SUBJECTS on. */
enum subject_slot {
    OF_INFRA,  /* untyped for the objects below */
    OF_MEMORY, /* untypeds that it gets */
    /* Copies of copies of the last one: what is made there has little time to live. */
    OF_RUNG = OF_MEMORY + MEMORIES,
    OF_TABLE = OF_RUNG + RUNGS,
    OF_PD,
    OF_THREAD,
    OF_TABLES = OF_THREAD + THREADS, /* page tables of its window */
    OF_PAGES = OF_TABLES + TABLES,   /* frames of its window */
    OF_PEER = OF_PAGES + PAGES,      /* a peer that is not bound yet */
    OF_END,
};

struct keeper {
    struct generator *g;
    const struct model *m;
    uint32_t table; /* the root task's, in the model */
    struct model_call call;
};

static inline uint32_t own(const struct keeper *k, uint32_t which)
{
    return k->g->world->boot_slots + which;
}

static inline uint32_t of(const struct keeper *k, uint32_t subject, uint32_t which)
{
    return own(k, OWN_SUBJECTS + subject * OF_END + which);
}

static inline const struct model_cap *cap_in(const struct keeper *k, uint32_t slot)
{
    const uint32_t cap = model_at(k->m, k->table, slot);

    return cap == 0 ? NULL : &k->m->cap[cap];
}

static inline const struct model_object *object_in(const struct keeper *k, uint32_t slot)
{
    return &k->m->object[cap_in(k, slot)->object];
}

static inline bool say(struct keeper *k, struct model_call call)
{
    k->call = call;
    return true;
}

/* Each of the following says what is to be done next, if anything is missing. */

static inline bool need_objects(struct keeper *k, uint32_t slot, uint32_t untyped, uint8_t type,
                                uint8_t bits)
{
    return cap_in(k, slot) == NULL &&
           say(k, make_call(R4_CALL_UNTYPED_RETYPE, untyped, type, bits, 0, slot, 1));
}

/* keeper_window.c: memory behind the subject's window, and its peers. */
bool need_window(struct keeper *k, uint32_t s);
bool need_peers(struct keeper *k, uint32_t s);
/* Something of it is taken away. */
void take_window(struct keeper *k, uint32_t s);
