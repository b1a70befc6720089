/* SPDX-License-Identifier: MIT */
#include "explore.h"

#include "sim_user.h"

#include <kernel/notification.h>
#include <stdio.h>
#include <string.h>

#define CHOICES_MAX 400u
#define STORES_MAX  (ACTORS_MAX * STEPS_MAX)
#define WATCHED     2u
#define WORDS_MAX   8u
#define LOADS_MAX   16u /* of an entry that are looked at */

struct actor actor[ACTORS_MAX];

/* The choices made, each with how many there were. */
static struct {
    uint16_t taken[CHOICES_MAX];
    uint16_t of[CHOICES_MAX];
    uint32_t length;
    uint32_t at;
} path;

/* A store of a program. */
struct store {
    uint32_t when;
    uint64_t *word;
    uint64_t before;
    uint64_t value;
};

static struct {
    const struct scenario *scenario;
    struct actor *inside; /* whose call is in the kernel */
    uint32_t now;
    struct store store[STORES_MAX];
    uint32_t stores;
    struct slot *watched[WATCHED];
    uint32_t watching;
    const char *outcome[OUTCOMES_MAX];
    uint32_t outcomes;
    bool is_broken; /* the auditor found something */
    bool is_loaded_twice;
    const uint64_t *loaded[LOADS_MAX]; /* words, in the entry that runs */
    uint32_t loads;
} course;

/* ------------------------------------------------------------------------------------------------
 * Paths
 */

static uint32_t choose(uint32_t alternatives)
{
    if (path.at == path.length) {
        if (path.length == CHOICES_MAX) {
            sim_fail("a path without end");
        }
        path.taken[path.length] = 0;
        path.of[path.length++] = (uint16_t)alternatives;
    }
    if (path.of[path.at] != alternatives) {
        sim_fail("a path that is repeated goes elsewhere");
    }
    return path.taken[path.at++];
}

static bool next_path(void)
{
    path.at = 0;
    while (path.length > 0) {
        const uint32_t last = path.length - 1u;

        if (++path.taken[last] < path.of[last]) {
            return true;
        }
        path.length--;
    }
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Steps
 */

static struct step *step_of(struct actor *a)
{
    return a->next < a->steps ? &a->step[a->next] : NULL;
}

static struct result *result_of(struct actor *a)
{
    return &a->result[a->next];
}

static void end_step(struct actor *a)
{
    result_of(a)->end = ++course.now;
    for (uint32_t i = 0; i < course.watching; i++) {
        struct notification *n = notification_of(course.watched[i]);

        result_of(a)->effect |= n->bits;
        n->bits = 0;
    }
    a->is_loaded = false;
    a->next++;
}

static void store(struct actor *a)
{
    const struct step *s = step_of(a);

    result_of(a)->begin = ++course.now;
    course.store[course.stores++] =
        (struct store){.when = course.now, .word = s->word, .before = *s->word, .value = s->value};
    *s->word = s->value;
    result_of(a)->end = course.now;
    a->next++;
}

static const uint64_t no_words[6];

/*
 * A fence while another program's call holds the lock: draws its ticket and waits, unless it takes
 * no lock at all.
 */
static void begin_fence(struct actor *a)
{
    struct core *core = sim_core_of(a->t);
    struct core *holder = host.running;

    result_of(a)->begin = ++course.now;
    sim_load_call(a->t, explore_fence_call, no_words);
    a->t->context.regs.reg[R4_REGISTER_RIP] += HOST_CALL_BYTES;
    sim_user_leave(core);
    host.running = core;
    if (kernel_call_begin(core, explore_fence_call) == NULL) {
        a->is_queued = true;
    } else {
        result_of(a)->end = ++course.now;
        a->next++;
    }
    host.running = holder;
}

/* A resolution of a scenario that says so has come to a word that it has loaded. */
static void count_load(const uint64_t *word)
{
    for (uint32_t i = 0; i < course.loads; i++) {
        course.is_loaded_twice |= course.scenario->loads_once && course.loaded[i] == word;
    }
    course.loaded[course.loads++] = word;
}

/* Before the kernel touches a word: any number of other programs' stores, in any order. */
static void on_word(enum host_word_access access, const uint64_t *word)
{
    if (!is_user_word(word)) {
        return; /* nobody's memory: what happens before it can as well happen after it */
    }
    if (access == HOST_WORD_LOAD && course.loads < LOADS_MAX) {
        count_load(word);
    }
    course.now++;
    while (course.inside != NULL) {
        struct actor *ready[ACTORS_MAX];
        uint32_t count = 0;
        uint32_t c;

        for (uint32_t i = 0; i < course.scenario->actors; i++) {
            const struct step *s = step_of(&actor[i]);

            if (&actor[i] != course.inside && s != NULL && !actor[i].is_queued &&
                s->kind != STEP_CALL) {
                ready[count++] = &actor[i];
            }
        }
        c = count == 0 ? 0 : choose(count + 1u);
        if (c == 0) {
            return;
        }
        if (step_of(ready[c - 1u])->kind == STEP_STORE) {
            store(ready[c - 1u]);
        } else {
            begin_fence(ready[c - 1u]);
        }
    }
}

/* The lock is free: fences that waited for it are done. Each drew the next ticket. */
static void end_fences(void)
{
    for (uint32_t left = course.scenario->actors; left > 0; left--) {
        for (uint32_t i = 0; i < course.scenario->actors; i++) {
            struct core *core = sim_core_of(actor[i].t);

            if (actor[i].is_queued && core->ticket == core->cluster->lock.serving) {
                host.running = core;
                kernel_call_finish(core);
                host.running = NULL;
                actor[i].is_queued = false;
                end_step(&actor[i]);
            }
        }
    }
}

/* At which of its preemption points the call stops this time; 0: at none. */
static void choose_preemption(const struct actor *a, const struct step *s)
{
    uint32_t nth = 0;

    sim_no_fault_points(0);
    if (a->result[a->next].interrupted < s->polls) {
        nth = choose(s->polls + 1u);
    }
    if (nth != 0) {
        sim_fault_point(0, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, nth);
    }
}

static void audit(void)
{
    struct audit_report report;

    audit_cluster(sim.of[0].cluster, &report);
    course.is_broken |= report.violations != 0;
}

static void call(struct actor *a)
{
    const struct step *s = step_of(a);
    const uint64_t word = s->kind == STEP_FENCE ? explore_fence_call : s->call;
    bool is_done;

    if (!a->is_loaded) {
        sim_load_call(a->t, word, s->kind == STEP_FENCE ? no_words : s->argument);
        a->is_loaded = true;
        result_of(a)->begin = ++course.now;
    }
    choose_preemption(a, s);
    course.inside = a;
    course.loads = 0;
    is_done = sim_enter_call(a->t);
    course.inside = NULL;
    sim_no_fault_points(0);
    if (!is_done) {
        result_of(a)->interrupted++;
    } else if (a->t->state == R4_THREAD_STATE_WAITING) {
        a->is_waiting = true;
        result_of(a)->blocked = ++course.now;
    } else {
        result_of(a)->reply = sim_reply_of(a->t);
        end_step(a);
    }
    end_fences();
    sim_settle();
    if (course.scenario->audits) {
        audit();
    }
}

static void take_step(struct actor *a)
{
    if (a->is_waiting) {
        a->is_waiting = false;
        result_of(a)->reply = sim_reply_of(a->t);
        end_step(a);
    } else if (step_of(a)->kind == STEP_STORE) {
        store(a);
    } else {
        call(a);
    }
}

static bool can_step(const struct actor *a)
{
    return a->next < a->steps && (!a->is_waiting || a->t->state != R4_THREAD_STATE_WAITING);
}

static void execute(void)
{
    for (;;) {
        struct actor *ready[ACTORS_MAX];
        uint32_t count = 0;

        for (uint32_t i = 0; i < course.scenario->actors; i++) {
            if (can_step(&actor[i])) {
                ready[count++] = &actor[i];
            }
        }
        if (count == 0) {
            return;
        }
        take_step(ready[count == 1 ? 0 : choose(count)]);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Scenarios
 */

static void forget_results(void)
{
    course.now = 0;
    course.stores = 0;
    for (uint32_t i = 0; i < ACTORS_MAX; i++) {
        actor[i].next = 0;
        actor[i].is_loaded = false;
        actor[i].is_waiting = false;
        actor[i].is_queued = false;
        memset(actor[i].result, 0, sizeof(actor[i].result));
    }
}

static const char *find_violation(const struct scenario *s)
{
    const char *what = s->judge();

    if (what != NULL) {
        return what;
    }
    audit();
    if (course.is_loaded_twice) {
        return "a word that was loaded twice in a call";
    }
    return course.is_broken ? "the auditor found a broken invariant" : NULL;
}

static void print_path(const char *violation)
{
    printf("  %s; the path:", violation);
    for (uint32_t i = 0; i < path.length; i++) {
        printf(" %u/%u", path.taken[i], path.of[i]);
    }
    printf("\n");
    for (uint32_t i = 0; i < course.scenario->actors; i++) {
        for (uint32_t n = 0; n < actor[i].steps; n++) {
            const struct result *r = &actor[i].result[n];

            printf("  program %u step %u: %u to %u, error %u, effect %#llx, made again %u\n", i, n,
                   r->begin, r->end, (unsigned)r->reply.err, (unsigned long long)r->effect,
                   r->interrupted);
        }
    }
}

static const char *missing_outcome(const struct scenario *s)
{
    for (uint32_t i = 0; i < OUTCOMES_MAX && s->wanted[i] != NULL; i++) {
        bool is_there = false;

        for (uint32_t n = 0; n < course.outcomes; n++) {
            is_there |= strcmp(s->wanted[i], course.outcome[n]) == 0;
        }
        if (!is_there) {
            return s->wanted[i];
        }
    }
    return NULL;
}

struct finding explore(const struct scenario *s)
{
    struct finding f = {0};

    memset(&course, 0, sizeof(course));
    memset(&path, 0, sizeof(path));
    memset(actor, 0, sizeof(actor));
    course.scenario = s;
    sim_start(1, 4);
    sim.isolate_every = 0;
    s->build();
    sim_settle();
    sim.is_checking = false;
    sim_keep();
    do {
        forget_results();
        sim_return();
        host.on_word = on_word;
        execute();
        host.on_word = NULL;
        f.executions++;
        f.violation = find_violation(s);
        if (f.violation != NULL) {
            print_path(f.violation);
            break;
        }
    } while (next_path());
    f.missing = missing_outcome(s);
    f.outcomes = course.outcomes;
    sim_end();
    return f;
}

void add_store(uint32_t a, uint64_t *word, uint64_t value)
{
    actor[a].step[actor[a].steps++] =
        (struct step){.kind = STEP_STORE, .word = word, .value = value};
}

void add_fence(uint32_t a)
{
    actor[a].step[actor[a].steps++] = (struct step){.kind = STEP_FENCE};
}

struct step *add_call(uint32_t a, uint64_t call_register)
{
    actor[a].step[actor[a].steps] = (struct step){.kind = STEP_CALL, .call = call_register};
    return &actor[a].step[actor[a].steps++];
}

void explore_outcome(const char *name)
{
    for (uint32_t i = 0; i < course.outcomes; i++) {
        if (strcmp(course.outcome[i], name) == 0) {
            return;
        }
    }
    if (course.outcomes == OUTCOMES_MAX) {
        sim_fail("too many outcomes");
    }
    course.outcome[course.outcomes++] = name;
}

void explore_watch(struct slot *notification)
{
    course.watched[course.watching++] = notification;
}

/* ------------------------------------------------------------------------------------------------
 * What may have been
 */

/* Each word that a chain read with which of its values was taken, counted from the oldest. */
static struct {
    const uint64_t *at[WORDS_MAX];
    uint32_t taken[WORDS_MAX];
    uint32_t count;
    const struct result *during;
} past;

/* Value `nth` of those that programs gave the word in the time, *nth made less by those there are. */
static uint64_t value_of(const uint64_t *at, uint32_t *nth)
{
    uint64_t value = *at;
    uint32_t values = 1;

    /* The first: what it was when the time began. */
    for (uint32_t i = course.stores; i-- > 0;) {
        if (course.store[i].word == at && course.store[i].when > past.during->begin) {
            value = course.store[i].before;
        }
    }
    for (uint32_t i = 0; i < course.stores; i++) {
        const struct store *s = &course.store[i];

        if (s->word == at && s->when > past.during->begin && s->when < past.during->end) {
            if (*nth == values) {
                value = s->value;
            }
            values++;
        }
    }
    *nth = values - 1u - (*nth < values ? *nth : values - 1u);
    return value;
}

static uint64_t read_past(const uint64_t *at)
{
    uint32_t nth = 0;

    for (uint32_t i = 0; i < past.count; i++) {
        if (past.at[i] == at) {
            nth = past.taken[i];
            return value_of(at, &nth);
        }
    }
    if (past.count == WORDS_MAX) {
        sim_fail("a chain of too many words");
    }
    past.at[past.count] = at;
    past.taken[past.count++] = 0;
    return value_of(at, &nth);
}

/* The next combination; false: there was none. */
static bool next_past(void)
{
    for (uint32_t i = 0; i < past.count; i++) {
        uint32_t left = past.taken[i];

        (void)value_of(past.at[i], &left);
        if (left > 0) {
            past.taken[i]++;
            return true;
        }
        past.taken[i] = 0;
    }
    return false;
}

bool explore_could(const struct pd *pd, uint32_t index, const struct result *during,
                   bool (*yes)(const struct recheck *r, const void *context), const void *context)
{
    past.count = 0;
    past.during = during;
    do {
        const struct recheck r = recheck_chain(sim.of[0].cluster, pd, 0, index, read_past);

        if (yes(&r, context)) {
            return true;
        }
    } while (next_past());
    return false;
}
