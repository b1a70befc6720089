/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "run.h"

#include "generate.h"
#include "print.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Processor time that a run may take; far more than it needs. */
#define PATIENCE_SECONDS 2
#define OPS_A_SECOND     1000

static void fail(const char *what)
{
    perror(what);
    abort();
}

struct run_record *run_record_new(void)
{
    void *r = mmap(NULL, sizeof(struct run_record), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (r == MAP_FAILED) {
        fail("mmap");
    }
    return r;
}

void run_record_free(struct run_record *r)
{
    (void)munmap(r, sizeof(*r));
}

/* ------------------------------------------------------------------------------------------------
 * In the process that runs
 */

struct job {
    struct run_record *record;
    const struct run_options *options;
    struct world *world;
    uint64_t seed;
    const struct op *op; /* NULL: random ones */
    uint32_t count;
};

static bool is_due(uint32_t every, uint32_t count)
{
    return every != 0 && count % every == 0;
}

static bool do_one(struct job *j, const struct op *op)
{
    struct run_record *r = j->record;
    bool agrees;

    r->op[r->count++] = *op;
    if (j->options->is_loud) {
        print_op(op);
    }
    agrees = world_apply(j->world, op);
    if (j->options->is_loud) {
        print_outcome(j->world);
    }
    if (!agrees) {
        return false;
    }
    coverage_note(&r->coverage, j->world);
    return (!is_due(j->options->compare_every, r->count) || world_compare(j->world)) &&
           (!is_due(j->options->audit_every, r->count) || world_audit(j->world));
}

static bool do_random(struct job *j)
{
    struct generator *g = calloc(1, sizeof(*g));
    bool agrees = g != NULL;

    if (g == NULL) {
        fail("calloc");
    }
    generator_init(g, j->world, j->seed);
    for (uint32_t i = 0; i < j->count && agrees; i++) {
        const struct op op = generator_next(g);

        agrees = do_one(j, &op);
        generator_note(g);
    }
    free(g);
    return agrees;
}

static bool do_recorded(struct job *j)
{
    for (uint32_t i = 0; i < j->count; i++) {
        if (!do_one(j, &j->op[i])) {
            return false;
        }
    }
    return true;
}

static bool do_all(struct job *j)
{
    bool agrees;

    world_name(j->world, j->seed, j->options->bug);
    agrees = (j->op != NULL ? do_recorded(j) : do_random(j)) && world_compare(j->world) &&
             world_audit(j->world);
    memcpy(j->record->text, j->world->text, sizeof(j->record->text));
    return agrees;
}

static void be_quiet(void)
{
    const int null = open("/dev/null", O_WRONLY);

    if (null < 0 || dup2(null, STDERR_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
        fail("/dev/null");
    }
}

/* A kernel that does not come back ends the process, too. */
static void limit_time(uint32_t count)
{
    const struct itimerval limit = {
        .it_value = {.tv_sec = PATIENCE_SECONDS + count / OPS_A_SECOND}};

    if (setitimer(ITIMER_PROF, &limit, NULL) != 0) {
        fail("setitimer");
    }
}

/* ------------------------------------------------------------------------------------------------
 * Around it
 */

/* Booted once: every run begins with a copy of it. */
static struct world *booted(void)
{
    static struct world *world;

    if (world == NULL) {
        world = calloc(1, sizeof(*world));
        if (world == NULL) {
            fail("calloc");
        }
        world_init(world);
    }
    return world;
}

static enum run_end run(struct job *j)
{
    pid_t child;
    int status;

    j->world = booted();

    j->record->count = 0;
    j->record->text[0] = 0;
    (void)fflush(NULL);
    child = fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        if (!j->options->is_loud) {
            be_quiet();
        }
        limit_time(j->count);
        const bool agrees = do_all(j);

        (void)fflush(NULL);
        _exit(agrees ? RUN_AGREES : RUN_DIFFERS);
    }
    if (waitpid(child, &status, 0) != child) {
        fail("waitpid");
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) <= RUN_DIFFERS) {
        return (enum run_end)WEXITSTATUS(status);
    }
    (void)snprintf(j->record->text, sizeof(j->record->text), "the process stops with status 0x%x",
                   (unsigned)status);
    return RUN_STOPS;
}

enum run_end run_random(struct run_record *r, uint64_t seed, uint32_t ops,
                        const struct run_options *options)
{
    struct job job = {.record = r, .options = options, .seed = seed, .count = ops};

    return run(&job);
}

enum run_end run_recorded(struct run_record *r, const struct op *op, uint32_t count,
                          const struct run_options *options)
{
    struct job job = {.record = r, .options = options, .op = op, .count = count};

    return run(&job);
}
