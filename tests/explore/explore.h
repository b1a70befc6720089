/* SPDX-License-Identifier: MIT */
/*
 * Owns: an explorer of interleavings over the kernel's own code: programs of a few steps each on
 * cores of their own, every order in which their steps can happen, an opinion about each.
 *
 * A step is a plain store of a program, or a call. Between entries any program takes its next step.
 * Inside an entry, right before the kernel loads or swaps a word of user memory, other programs'
 * stores happen (host.on_word), or a fence begins, which then waits for the lock. A long call stops
 * at the preemption point that the explorer chooses. All choices of one execution make its path;
 * paths are gone through depth first, each from the same moment of the machine (sim_keep).
 *
 * Invariant
 * (explore I1) An execution depends on nothing but its path: a path that is repeated meets the same
 *     numbers of alternatives, or the explorer stops.
 */
#pragma once

#include "proxy_world.h"
#include "recheck.h"

#define ACTORS_MAX   3u
#define STEPS_MAX    6u
#define OUTCOMES_MAX 16u

enum step_kind {
    STEP_STORE,
    STEP_CALL,
    STEP_FENCE,
};

struct step {
    enum step_kind kind;
    uint64_t *word; /* STORE */
    uint64_t value;
    uint64_t call; /* CALL: the call register */
    uint64_t argument[6];
    uint32_t polls; /* CALL: preemption points at which it may be stopped; each once, at most */
};

/* What became of a step. Times are counted in steps and accesses to words. */
struct result {
    uint32_t begin;
    uint32_t blocked; /* when it began to wait; 0: it did not */
    uint32_t end;     /* 0: not yet */
    struct sim_reply reply;
    uint64_t effect;      /* bits that its notifications had when it ended, then taken away */
    uint32_t interrupted; /* how often it was made again */
};

struct actor {
    struct thread *t;
    struct step step[STEPS_MAX];
    uint32_t steps;
    uint32_t next;
    struct result result[STEPS_MAX];
    bool is_loaded;
    bool is_waiting;
    bool is_queued; /* its fence waits for the lock */
};

struct scenario {
    const char *name;
    uint32_t actors;
    /* Once: words, capabilities and programs. */
    void (*build)(void);
    /* After an execution: NULL, or what must not be. Says what came about by explore_outcome. */
    const char *(*judge)(void);
    const char *wanted[OUTCOMES_MAX]; /* every one must have come about */
    bool audits;                      /* after each entry, not only after each execution */
    bool loads_once;                  /* its calls load each word once */
};

struct finding {
    uint64_t executions;
    const char *violation; /* NULL: none */
    const char *missing;   /* an outcome that did not come about; NULL: none */
    uint32_t outcomes;
};

extern struct actor actor[ACTORS_MAX];

/* The call that a program makes as a fence: a mutant's is none. */
extern const uint64_t explore_fence_call;

struct finding explore(const struct scenario *s);

/* For build: programs. */
void add_store(uint32_t a, uint64_t *word, uint64_t value);
void add_fence(uint32_t a);
struct step *add_call(uint32_t a, uint64_t call_register);

static inline uint64_t call_on(enum r4_call call, uint32_t index)
{
    return r4_call_with_number(r4_call_with_index(0, index), (uint16_t)call);
}

/* For judge: names what came about; counted once for each name and execution. */
void explore_outcome(const char *name);

/*
 * The result of a chain at some moment, or several, between `from` and `to`: `yes` is asked for each
 * combination of what its words were then. True: it agreed to one.
 */
bool explore_could(const struct pd *pd, uint32_t index, const struct result *during,
                   bool (*yes)(const struct recheck *r, const void *context), const void *context);

/* Notifications whose bits are the effect of a step, by bits of their badges. */
void explore_watch(struct slot *notification);
