/* SPDX-License-Identifier: MIT */
/* Owns: what is looked at after each entry into the kernel. */
#include "sim.h"

#include <kernel/shootdown.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void sim_fail(const char *what)
{
    fprintf(stderr, "simulation: %s (seed %llu, step %llu)\n", what, (unsigned long long)sim.seed,
            (unsigned long long)sim.steps);
    abort();
}

static void check_core(const struct core *core)
{
    const struct thread *t = core->current;
    const uint64_t root = t == NULL ? core->cluster->kernel_root.a : thread_pd(t)->root.a;

    if (core->arch.root != root) {
        sim_fail("a core has another page table loaded than its thread's");
    }
    if (t != NULL && core->arch.return_thread != t) {
        sim_fail("a core would save the registers of its thread into another one");
    }
    if (core->request != SHOOTDOWN_NONE) {
        sim_fail("a request to a core was left unanswered");
    }
    if (host_stale_translations(core) != 0) {
        sim_fail("a core translates by a page-table entry that is gone");
    }
}

static void check_cluster(struct cluster *cl)
{
    struct audit_report report;

    if (cl->lock.next != cl->lock.serving) {
        sim_fail("the lock is held in user mode");
    }
    for (uint32_t i = 0; i < cl->core_count; i++) {
        check_core(cl->cores[i]);
    }
    if (sim.audit_every == 0 || sim.steps % sim.audit_every != 0) {
        return;
    }
    audit_cluster(cl, &report);
    if (report.violations != 0) {
        fprintf(stderr, "auditor: cluster %u, %llu violations, the first is %llu\n", cl->id,
                (unsigned long long)report.violations, (unsigned long long)report.first_detail);
        sim_fail("the auditor found a broken invariant");
    }
}

void sim_check(void)
{
    if (!sim.is_checking) {
        return;
    }
    for (uint32_t i = 0; i < sim.clusters; i++) {
        check_cluster(sim.of[i].cluster);
    }
}
