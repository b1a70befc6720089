/* SPDX-License-Identifier: MIT */
/*
 * The checks of the simulation itself: each is shown to fail, in a child process that must not
 * survive what is planted. And the separation of clusters that they rest on.
 */
#include "random_call.h"
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/shootdown.h>
#include <kernel/vspace.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VA UINT64_C(0x10000000)

/* Whether a process that does this ends badly. */
static bool dies(void (*act)(void))
{
    const pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void do_nothing_wrong(void)
{
    SIM_ROOT(0, NULL_LOCKED, 0, 0);
    SIM_ROOT(1, NULL_LOCKED, 0, 0);
}

static void answer_what_the_abi_does_not_say(void)
{
    sim_check_listed(R4_CALL_YIELD, (struct sim_reply){.err = R4_E_TTL});
}

static void answer_what_the_abi_says(void)
{
    sim_check_listed(R4_CALL_CAP_COPY, (struct sim_reply){.err = R4_E_TTL});
    sim_check_listed(R4_CALL_CAP_COPY, (struct sim_reply){.err = R4_E_OCCUPIED, .detail = 2});
}

static void forget_a_shootdown(void)
{
    struct paddr pa;

    sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, R4_RIGHT_READ);
    host_translate(sim_core(0, 0), VA, R4_RIGHT_READ, &pa);
    *vspace_walk(sim.of[0].pd, VA, 1).entry = 0;
    sim_check();
}

static void mix_up_the_fpu(void)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 50);

    sim_thread_at(sim.of[0].root, slot)->context.fpu[0]++;
    sim_settle();
}

static void keep_the_lock(void)
{
    sim.of[0].cluster->lock.next++;
    sim_check();
}

static void load_a_foreign_space(void)
{
    sim_core(0, 0)->arch.root = sim.of[1].pd->root.a;
    sim_check();
}

static void save_into_another_thread(void)
{
    sim_core(0, 0)->arch.return_thread = sim.of[1].root;
    sim_check();
}

static void leave_a_request(void)
{
    sim_core(0, 1)->request = SHOOTDOWN_ALL;
    sim_check();
}

static void break_an_invariant(void)
{
    sim.of[0].cluster->memory.owned++;
    sim_check();
}

static void wait_for_ever(void)
{
    sim.of[0].cluster->lock.next++;
    SIM_ROOT(0, NULL_LOCKED, 0, 0);
}

static void read_another_cluster(void)
{
    sim_begin_entry(sim_core(0, 0));
    if (sim.of[1].cluster->id == 1) {
        sim_end_entry();
    }
}

static void reach_beyond_memory(void)
{
    (void)arch_dmap_ptr((struct paddr){host.arena_bytes});
}

static void test_checks_fail_when_they_should(void **state)
{
    (void)state;
    assert_false(dies(do_nothing_wrong));
    assert_false(dies(answer_what_the_abi_says));
    assert_true(dies(answer_what_the_abi_does_not_say));
    assert_true(dies(forget_a_shootdown));
    assert_true(dies(mix_up_the_fpu));
    assert_true(dies(keep_the_lock));
    assert_true(dies(load_a_foreign_space));
    assert_true(dies(save_into_another_thread));
    assert_true(dies(leave_a_request));
    assert_true(dies(break_an_invariant));
    assert_true(dies(wait_for_ever));
    assert_true(dies(read_another_cluster));
    assert_true(dies(reach_beyond_memory));
}

/* Whatever one cluster does inside itself, no byte of the other's memory changes. */
static void test_D50_clusters_share_no_memory(void **state)
{
    const uint64_t bytes = SIM_GRANULES * R4_GRANULE_BYTES;
    const void *memory = arch_dmap_ptr(sim_cluster_memory(1));
    void *before;
    uint32_t pd;

    (void)state;
    sim.audit_every = 0; /* the auditor leaves its marks in the objects */
    before = malloc(bytes);
    assert_non_null(before);
    memcpy(before, memory, bytes);
    pd = sim_make_pd(0);
    sim_map_frame(0, pd, R4_PAGE_BITS, VA, R4_RIGHT_READ | R4_RIGHT_WRITE);
    sim_make_thread(0, pd, 1, 50);
    sim_settle();
    SIM_ROOT(0, CAP_DELETE, pd + 2u, 0);
    SIM_ROOT(0, CAP_DELETE, pd, 0);
    assert_memory_equal(memory, before, bytes);
    free(before);
}

/* What happened in 500 random calls of a thread of its own task, as one number. */
static uint64_t run_of(uint64_t seed)
{
    uint64_t sum = 0;
    uint32_t pd;
    struct thread *t;

    sim_end();
    sim.seed = seed;
    sim_start(2, 2);
    pd = sim_make_pd(0);
    SIM_ROOT(0, CAP_COPY, pd + 1u, pd + 1u, 1);
    SIM_ROOT(0, CAP_COPY, R4_INIT_SLOT_UNTYPED, pd + 1u, 2);
    t = sim_thread_at(sim.of[0].root, sim_make_thread(0, pd, 1, 50));
    sim_settle();
    for (unsigned i = 0; i < 500 && sim_is_running(t); i++) {
        const struct random_call call = random_call_make(&sim.rng, t);
        const struct sim_reply reply = sim_call_raw(t, call.call_register, call.word);

        sum = sum * 31u + (uint64_t)reply.err * 16u + reply.detail;
        sim_settle();
    }
    return sum * 31u + host.cycles + host.logged + sim.steps;
}

static void test_runs_repeat_from_their_seed(void **state)
{
    const uint64_t first = run_of(99);

    (void)state;
    assert_int_equal(run_of(99), first);
    assert_int_not_equal(run_of(100), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_checks_fail_when_they_should),
        SIM_TEST(test_D50_clusters_share_no_memory),
        SIM_TEST(test_runs_repeat_from_their_seed),
    };

    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
