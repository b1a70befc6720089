/* SPDX-License-Identifier: MIT */
/*
 * Owns: one system call between decode and commit.
 * decode_X checks everything, changes nothing and may fail; it leaves what it found in `plan`.
 * commit_X acts and cannot fail; it may ask for a restart (long operations: progress stands in the
 * object) or leave the thread waiting.
 * Locking: the cluster's lock is held from decode to the end of commit, except for calls declared
 * lock = false.
 */
#pragma once

#include <arch/context.h>
#include <kernel/cap.h>
#include <kernel/cluster.h>
#include <kernel/pd.h>
#include <kernel/proxy.h>
#include <kernel/table.h>
#include <kernel/thread.h>
#include <r4/abi/calls.h>
#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

struct notification;

/*
 * No error of the ABI: what decode returns, through whatever called it, when a revoke is still
 * freezing capabilities. The call helps with that and is made again.
 */
#define CALL_FREEZE_FIRST ((enum r4_err)0xffff)

/* One end of a peer that is being bound. */
struct call_peer_side {
    struct pd *pd;
    struct slot_place to;
    uint32_t number;
};

struct call {
    struct core *core;
    struct cluster *cluster;
    struct thread *thread;
    uint64_t word;      /* the call register; a commit that restarts may put another call here */
    struct slot *slot;  /* the invoked capability, real; NULL for calls without one */
    uint16_t rights;    /* rights under which it was invoked */
    bool is_chain;      /* invoked through a chain of proxies, which is `ref` */
    uint32_t detail;    /* which argument an error is about */
    bool has_value;     /* a refused call still returns its first result word */
    bool restart;       /* commit: stopped at a preemption point; make the same call again */
    bool reap_first;    /* decode found zombies: commit goes on with them and nothing else */
    struct cap_ref ref; /* of the invoked capability; valid if is_chain, or after call_invoked */
    struct once_words once; /* GRANTs for one use that the call goes through */
    union {
        struct {
            struct slot_place to;
            uint64_t meta;
            uint64_t extra;
        } make;                        /* cap_copy, mint, derive, link */
        struct cap_ref source;         /* what an embedded slot becomes a child of */
        struct call_peer_side peer[2]; /* peer_bind */
        struct {
            struct slot *source;
            struct slot_place to;
        } move; /* cap_move, cap_table_take */
        struct {
            struct slot *slot;
        } one; /* operations on one other slot */
        struct {
            struct slot_place to; /* of the first capability */
            uint64_t meta;        /* of each, without home */
            uint64_t offset;      /* of the first object in the untyped */
            uint64_t zeroed;      /* what the untyped knew to be zero */
            uint32_t count;
            uint8_t type;
            uint8_t bits;
        } retype;
        struct {
            struct pd *pd;
            uint64_t *entry;
            uint64_t address;
            uint16_t access;
            uint8_t level;
        } map;
        struct {
            struct pd *pd;
            struct cap_ref source;
            uint64_t window;
            uint64_t window_bytes;
        } pd;
        struct {
            struct slot_place to;
            uint32_t line;
            uint8_t ttl;
            bool is_level;
        } irq; /* irq_get */
        struct {
            struct cap_ref source;
            uint32_t core;
            uint8_t priority;
            uint64_t entry;
            uint64_t stack;
            uint64_t arg0;
            uint64_t arg1;
        } thread;
        struct {
            struct slot *carrier;
            uint32_t offset;
            uint64_t *record;
            uint64_t checked[3]; /* the first registers of the record, as they were checked */
        } part;
        uint64_t word[6];
    } plan;
};

/* Message word i as the caller gave it: read once by the generated thunk. */
static inline uint64_t call_word(const struct call *c, unsigned i)
{
    return arch_regs_word(&c->thread->context.regs, i);
}

/* Result word i; only in commit, or in decode together with call_fail_value. */
static inline void call_result(struct call *c, unsigned i, uint64_t value)
{
    arch_regs_set_word(&c->thread->context.regs, i, value);
}

/* Refuses: which argument it is about (0: the invoked capability). Returns `err`. */
static inline enum r4_err call_fail(struct call *c, enum r4_err err, uint32_t detail)
{
    c->detail = detail;
    return err;
}

/* The invoked capability, as an argument of it would be named. */
const struct cap_ref *call_invoked(struct call *c);

/*
 * All of `rights` come through: RIGHTS if the caller's own slot or the near end of the chain lacks
 * one, PROXY if something behind does.
 */
R4_MUST_USE enum r4_err call_has_rights(struct call *c, const struct cap_ref *ref, uint16_t rights,
                                        uint32_t detail);

/*
 * The capability that argument `detail` names, a slot of the caller's or a word of its window: must
 * be of `type` with all of `rights`. Exact errors INDEX, EMPTY, TYPE, RIGHTS with that detail, and
 * those of proxy_resolve.
 */
R4_MUST_USE enum r4_err call_ref(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                                 uint16_t rights, struct cap_ref *out);

/* The same where the real capability is all that is asked for. */
R4_MUST_USE enum r4_err call_slot(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                                  uint16_t rights, struct slot **out);

/*
 * The same for a capability of which the invoked object is to keep a child: a chain needs LINK
 * besides, and the checks of call_may_derive are made.
 */
R4_MUST_USE enum r4_err call_source(struct call *c, uint32_t index, uint32_t detail, uint8_t type,
                                    uint16_t rights, struct cap_ref *out);

/* call_source for a notification that is to be signalled: its badge must be a minted one (BADGE). */
R4_MUST_USE enum r4_err call_signal_source(struct call *c, uint32_t index, uint32_t detail,
                                           struct cap_ref *out);

/* Signalling through `ref` tells the receiver a minted badge, or no badge through an own slot. */
R4_MUST_USE enum r4_err call_may_signal(struct call *c, const struct cap_ref *ref, uint32_t detail);

/* The table that argument names: 0 is the caller's own, others need WRITE. Errors as call_ref. */
R4_MUST_USE enum r4_err call_dest_table(struct call *c, uint32_t table, uint32_t detail,
                                        struct cap_table **out);

/*
 * The destination (table argument, slot number argument): table 0 is the caller's own. The slot
 * must be empty.
 */
R4_MUST_USE enum r4_err call_dest(struct call *c, uint32_t table, uint32_t table_detail,
                                  uint32_t number, uint32_t number_detail, struct slot_place *out);

/* The invoked capability table. */
struct cap_table *call_invoked_table(const struct call *c);

/* The filled slot `number` of the invoked table. Exact errors RANGE, EMPTY with that detail. */
R4_MUST_USE enum r4_err call_table_slot(struct call *c, uint32_t number, uint32_t detail,
                                        struct slot **out);

/*
 * For calls that map the invoked frame, page table or table's views: it is not mapped and not below
 * a revoke, a page table has no other capability, and argument 1 names a PD with CONTROL that has an
 * ASID. Errors in that order.
 */
R4_MUST_USE enum r4_err call_map_source(struct call *c, uint32_t pd_index, struct pd **out);

/*
 * The same for a frame, where one glance at the caller's own slots is enough;
 * NULL: call_map_source has to look.
 */
struct pd *call_map_glance(const struct call *c, uint32_t pd_index);

/*
 * Something shall be made below `source`: REVOKING if that is not allowed, CALL_FREEZE_FIRST if
 * nobody knows yet.
 */
R4_MUST_USE enum r4_err call_may_create(struct call *c, const struct slot *source, uint32_t detail);

/*
 * A capability of which another one shall be made: no word for one use, not a marked frame, and
 * call_may_create. Errors ONCE, MARKED, REVOKING.
 */
R4_MUST_USE enum r4_err call_may_multiply(struct call *c, const struct cap_ref *source,
                                          uint32_t detail);

/* The same for one that costs time to live: TTL > 0. */
R4_MUST_USE enum r4_err call_may_derive(struct call *c, const struct cap_ref *source,
                                        uint32_t detail);

/*
 * An untyped of which a child shall be made that takes all of it has no children (BUSY); if they
 * are only being destroyed, c->reap_first. True for other types.
 */
R4_MUST_USE enum r4_err call_untyped_is_free(struct call *c, const struct slot *source);

/* Carries out plan.make, and goes on with destruction instead if c->reap_first. */
void call_make_child(struct call *c);

/*
 * For decode, first thing, of calls that delete or whose outcome depends on what is deleted but not
 * yet destroyed. True: there are zombies; accept the call unseen, and have commit do nothing but
 * call_reap.
 */
bool call_must_reap(struct call *c);

/* Goes on with destruction; then the call is made again. */
void call_reap(struct call *c);

/*
 * Polls for an interrupt; true: return. Sets c->restart and counts. For commit functions of calls
 * that restart.
 */
bool call_preempted(struct call *c);

/*
 * A preemption point of a long operation: true if an interrupt waits here or another core waits for
 * the lock, so that the operation has to stop. If it goes on, the stretch with interrupts off
 * counts as ended.
 */
R4_MUST_USE bool preempt_poll(struct core *core);
