/* SPDX-License-Identifier: MIT */
/*
 * Owns: the reference model: what one cluster's capabilities, objects and address spaces are after
 * any sequence of calls, and how each call comes out. Written from the ABI text (r4.toml) and the
 * design, in the plainest way: arrays and lists, searches from the beginning, recursion. It knows
 * nothing of the kernel's sources or structures.
 *
 * Invariants
 * (model I1) A call happens as a whole. What the kernel may choose freely is told by a hint, and the
 *     model checks that the choice is a legal one.
 * (model I2) Children stand newest first; what is made of several at once, the last one first. When
 *     a capability goes, its children take its place.
 * (model I3) Numbers of capabilities and objects are used again; a serial number tells whether
 *     an object is still the same.
 * Not here: the order in which causes of a refusal count, which comes from the ABI (abi_facts.h).
 */
#pragma once

#include "abi_facts.h"

#include <r4/abi/enums.h>
#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

#define MODEL_CAPS_MAX    16384u
#define MODEL_OBJECTS_MAX 16384u
#define MODEL_WOKEN_MAX   64u
#define MODEL_PAGE_BYTES  UINT64_C(4096)
#define MODEL_PAGES_MAX   4096u /* of memory that programs can write to */

/* Where a capability stands that stands in no table. */
enum model_place {
    MODEL_PLACE_TABLE = 0, /* a PD's table, a thread's PD */
    MODEL_PLACE_PD = 0,
    MODEL_PLACE_FAULT = 1, /* a thread's fault notification */
    MODEL_PLACE_BOUND = 0, /* the notification of an interrupt handler or a link */
};

struct model_cap {
    uint8_t type; /* 0: this number is free */
    uint8_t ttl;
    uint8_t size_bits;
    uint16_t rights;
    bool is_device;
    bool is_shared;
    bool is_frozen;   /* below a capability whose revoke has begun */
    bool is_revoking; /* its own revoke has begun and not ended */
    uint64_t badge;   /* of an I/O port its range, of a peer the other end (layout `peer`) */
    bool is_end;      /* a peer that is, or was, bound */
    uint32_t other;   /* the other end, 0 for a tombstone */
    uint32_t object;  /* what it names, if that has a life of its own */

    /* Memory. */
    uint64_t physical;
    uint64_t watermark;

    /* Its mapping. Once made it stands here until it is taken back, whatever became of the domain. */
    bool is_mapped;
    bool is_marked;
    uint8_t level; /* of a page table */
    uint64_t address;
    uint32_t mapped_pd;
    uint32_t mapped_pd_serial;
    uint32_t mapped_asid;
    uint32_t parts; /* user parts that are attached by it */

    /* The tree: capability 0 is the root of all. */
    uint32_t parent;
    uint32_t first_child;
    uint32_t before; /* the sibling before it, which is newer */
    uint32_t after;  /* the sibling after it, which is older */

    /* Where it stands: the object and the slot in it. */
    uint32_t holder;
    uint32_t place;
};

/* An entry of a page table that is there. */
struct model_entry {
    uint64_t address; /* first of those it covers */
    uint8_t level;    /* of the table in which it stands: 4 for the root */
    bool is_table;
    bool is_device;
    bool is_shared;
    bool is_marked;
    uint16_t access;
    uint64_t physical;
    uint32_t view_of; /* the table of which it shows views; `physical` says from which byte on */
};

struct model_space {
    struct model_entry *entry;
    uint32_t count;
    uint32_t room;
};

struct model_object {
    uint8_t type;    /* 0: this number is free */
    uint32_t serial; /* never used twice */
    uint32_t caps;
    uint64_t physical;

    /* Table. */
    uint32_t slot_count;
    uint32_t *slot; /* capability in each, 0 for none */

    /* Protection domain. */
    uint32_t table_cap;
    bool is_configured;
    uint32_t asid; /* layout `asid`, 0 for none */
    uint64_t window;
    uint64_t window_bytes;
    struct model_space space;

    /* Thread. READY and RUNNING are not told apart here: both are RUNNING. */
    uint8_t state; /* enum r4_thread_state */
    bool was_started;
    uint32_t core;
    uint8_t priority;
    uint32_t pd_cap;
    uint32_t fault_cap;
    uint32_t waits_at; /* notification */
    uint64_t waits_by; /* call register, if the wait must still be allowed when bits come; or 0 */
    uint32_t next_waiter; /* the one that came after it */
    uint32_t part_cap;    /* the frame by which its user part is attached, 0 for none */
    uint32_t part_offset;

    /* Notification. */
    uint64_t bits;
    uint32_t first_waiter;

    /* Interrupt handler, cluster link. */
    uint32_t bound_cap; /* its notification */
    uint32_t line;      /* of a handler */
    bool is_level;
};

/* How the wait of a thread ended. */
struct model_wake {
    uint32_t thread;
    uint32_t error;
    uint64_t bits;
};

enum model_end {
    MODEL_DONE,    /* it comes back */
    MODEL_WAITS,   /* it does not yet */
    MODEL_GONE,    /* its thread cannot run any more */
    MODEL_PENDING, /* it stopped half-way and will be made again */
};

struct model_call {
    uint64_t call_register;
    uint64_t word[R4_CALL_WORDS];
};

struct model_outcome {
    enum model_end end;
    uint32_t error;
    uint32_t detail;
    uint64_t word[R4_CALL_WORDS]; /* what then stands in the words' registers */
    uint32_t woken_count;
    struct model_wake woken[MODEL_WOKEN_MAX];
    uint32_t hops;         /* of the chain through which it was invoked */
    const char *complaint; /* not NULL: the hint says something that must not be */
};

/* A capability as an index names it. */
struct model_ref {
    uint32_t cap; /* the real one */
    uint16_t rights;
    uint16_t near_rights; /* of the slot, or of the caller's USE and the first GRANT */
    uint8_t ttl;
    bool is_chain;
    uint64_t session;  /* of a chain: who granted, nearest to the real one */
    uint32_t hops;     /* GRANTs of the chain */
    bool is_once_near; /* the first GRANT is for one use */
    uint32_t once_count;
    uint64_t once[R4_HOPS_MAX]; /* where its words for one use lie */
};

/* Why an index names nothing; `error` R4_OK: it does. */
struct model_refusal {
    uint32_t error;
    uint32_t detail; /* 0, or R4_DETAIL_PEER */
};

/* What the model cannot know. */
struct model_hint {
    uint32_t asid;      /* asid_assign: the one that was given */
    uint64_t state;     /* thread_state: what it says */
    bool is_unfinished; /* cap_revoke: it stopped with `remaining` descendants left */
    bool is_made_again; /* ... and was then made again, as a call of its own */
    uint32_t remaining;
};

/* Bugs that can be planted, each of which the comparison must find. */
enum model_bug {
    MODEL_BUG_NONE,
    MODEL_BUG_COPY_IS_FREE,        /* a copy has the time to live of its source */
    MODEL_BUG_DERIVE_KEEPS_RIGHTS, /* derive does not take rights away */
    MODEL_BUG_REVOKE_SPARES,       /* revoke deletes children, not their children */
    MODEL_BUG_DELETE_ORPHANS,      /* children of a deleted capability become roots */
    MODEL_BUG_NO_ALIGNMENT,        /* objects are carved without alignment */
    MODEL_BUG_NO_RESET,            /* an untyped without children does not start again */
    MODEL_BUG_UNMAP_KEEPS_ENTRY,   /* frame_unmap leaves the page-table entry */
    MODEL_BUG_REVOKE_THAWS,        /* what a revoke has left is not frozen */
    MODEL_BUG_MARK_IGNORED,        /* GRANTs count in pages without a mark */
    MODEL_BUG_ONCE_STAYS,          /* a word for one use is not used up */
    MODEL_BUG_CHAIN_RIGHTS,        /* the rights of a GRANT do not matter */
    MODEL_BUG_CUT_ONE_WAY,         /* the end of a peer lives on when the other one is deleted */
    MODEL_BUG_LINK_FORGETS,        /* what is linked does not carry the session id */
    MODEL_BUG_STOPS,               /* the process ends in a move, as at a broken assertion */
    MODEL_BUG_COUNT,
};

struct model {
    struct model_cap cap[MODEL_CAPS_MAX];
    struct model_object object[MODEL_OBJECTS_MAX];
    uint32_t free_cap;               /* a list through `parent` */
    uint32_t free_object;            /* a list through `caps` */
    uint32_t top_object;             /* no object number was used from here on */
    uint64_t *page[MODEL_PAGES_MAX]; /* what programs wrote to memory, NULL: nothing */
    uint32_t caps;                   /* in use */
    uint32_t serial;
    uint32_t cores;
    uint32_t lines;                    /* interrupt lines of the machine, a bit for each */
    uint32_t handler[R4_IRQ_LINES];    /* the object that each has, 0 for none */
    uint16_t generation[R4_ASIDS_MAX]; /* the next use of each index; 0: never again */
    uint32_t asid_pd[R4_ASIDS_MAX];    /* the domain that has it, 0 for none */
    enum model_bug bug;
    struct model_outcome *outcome; /* of the call under way */
    const struct model_hint *hint;
};

void model_init(struct model *m);

/* The thread makes the call. */
void model_make_call(struct model *m, uint32_t thread, const struct model_call *call,
                     const struct model_hint *hint, struct model_outcome *out);

/* Building what boot hands out. */
uint32_t model_object_new(struct model *m, uint8_t type, uint64_t physical);
void model_table_init(struct model *m, uint32_t table, uint32_t slots);
/* A capability below `parent` (0: a root) in that slot; the caller fills in the rest. */
uint32_t model_cap_new(struct model *m, uint32_t parent, uint32_t holder, uint32_t place);

/* The table of the thread's protection domain, 0 for none. */
uint32_t model_own_table(const struct model *m, uint32_t thread);
/* The domain of the thread, 0 for none. */
uint32_t model_thread_pd(const struct model *m, uint32_t thread);
/* What stands in a slot of a table, 0 for nothing. */
uint32_t model_at(const struct model *m, uint32_t table, uint32_t slot);
/* Next capability of a walk through all below `top`, parents first; 0 at the end. */
uint32_t model_next(const struct model *m, uint32_t top, uint32_t at);
uint32_t model_descendants(const struct model *m, uint32_t top);
uint64_t model_free_bytes(const struct model *m, uint32_t untyped);
/* Another capability for the same object or memory exists. */
bool model_has_relatives(const struct model *m, uint32_t cap);
/* The entry of this level for the address, NULL for none. */
const struct model_entry *model_entry_at(const struct model_space *space, uint8_t level,
                                         uint64_t address);
/* The level of the highest table that is missing on the way to a leaf of `leaf_level`; 0: none. */
uint8_t model_missing_level(const struct model_space *space, uint8_t leaf_level, uint64_t address);
/*
 * What the thread names by an index (with a peer's slot, or 0), if that is of `type` (or ANY) with
 * `rights`, and through a chain with `chain_rights` besides.
 */
struct model_refusal model_resolve(const struct model *m, uint32_t thread, uint32_t peer,
                                   uint64_t index, uint8_t type, uint16_t rights,
                                   uint16_t chain_rights, struct model_ref *ref);
/* The capability that the call register invokes, 0 for none. */
uint32_t model_invoked(const struct model *m, uint32_t thread, uint64_t call_register);
/* The program of the thread writes a word; false: it has no such memory. */
bool model_store(struct model *m, uint32_t thread, uint64_t address, uint64_t value,
                 uint64_t *physical);
uint64_t model_word_at(const struct model *m, uint64_t physical);
/* Word `n` of the window of a domain, if memory of this cluster is mapped there. */
bool model_window_word(const struct model *m, uint32_t pd, uint64_t n, uint64_t *word,
                       bool *is_marked, uint64_t *physical);
/* The domain with this software ASID, 0 for none. */
uint32_t model_pd_of_asid(const struct model *m, uint32_t asid);
/* It has a user part, and the mapping by which that was attached is there. */
bool model_has_part(const struct model *m, uint32_t thread);
bool model_thread_can_run(const struct model *m, uint32_t thread);
