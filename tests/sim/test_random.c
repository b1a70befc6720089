/* SPDX-License-Identifier: MIT */
/*
 * Random calls from several threads on two clusters of two cores, with interrupts at random
 * moments, the auditor after every few steps, and the account at the end. R4_SEED repeats a run,
 * R4_OPS sets its length. All threads but the keepers (random_keeper.h) call at random.
 */
#include "sim_test.h"

#include "random_call.h"
#include "random_keeper.h"

#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/names.h>
#include <string.h>

#define OPS             300000u
#define AUDIT_EVERY     20u
#define ISOLATE_EVERY   17u
#define CONTEND_PERCENT 10u
#define LIVENESS_EVERY  1000u
#define SLICE_NS        UINT64_C(1000000)

static uint64_t outcomes[R4_CALL_TABLE_SIZE][32];
static uint64_t waits[R4_CALL_TABLE_SIZE];
/* ------------------------------------------------------------------------------------------------
 * One step
 */

static bool is_keeper(const struct thread *t)
{
    return t == sim.of[sim_cluster_of(t)].root;
}

/* A call that has ended: what came of it. */
static void note_outcome(const struct thread *t, uint64_t call_register)
{
    const uint16_t number = r4_call_number(call_register);
    const struct sim_reply reply = sim_reply_of(t);

    if (number >= R4_CALL_TABLE_SIZE) {
        return;
    }
    if (t->state == R4_THREAD_STATE_WAITING) {
        waits[number]++;
    } else if (reply.err < 32) {
        outcomes[number][reply.err]++;
    } else {
        sim_fail("an error that does not exist");
    }
}

/* The frame is where the slot says and zero, as retype promises. */
static void check_fresh_frames(const struct thread *t, const struct random_call *call)
{
    if (r4_call_number(call->call_register) != R4_CALL_UNTYPED_RETYPE ||
        call->word[0] != R4_TYPE_FRAME || call->word[2] != 0 || sim_reply_of(t).err != R4_OK) {
        return;
    }
    for (uint64_t i = 0; i < call->word[4]; i++) {
        const struct slot *s = sim_slot(t, (uint32_t)(call->word[3] + i));
        const uint64_t bytes = UINT64_C(1) << slot_size_bits(s);

        if (slot_has(s, SLOT_DEVICE)) {
            continue;
        }
        const unsigned char *memory = arch_dmap_ptr((struct paddr){s->object});

        if (memory[0] != 0 || memcmp(memory, memory + 1, bytes - 1u) != 0) {
            sim_fail("a fresh frame is not zero");
        }
    }
}

static void call_at_random(struct thread *t);

/* Whose call is made while another one waits for the lock. */
static struct core *contender;

static void contend(void)
{
    call_at_random(contender->current);
}

/* Another core of the same cluster on which somebody could call meanwhile, or NULL. */
static struct core *find_contender(const struct core *core)
{
    for (uint32_t i = 0; i < core->cluster->core_count; i++) {
        struct core *other = core->cluster->cores[i];

        if (other != core && other->current != NULL && !is_keeper(other->current)) {
            return other;
        }
    }
    return NULL;
}

/* The loaded call, alone or in contention with one of another core. */
static bool enter_at_random(struct thread *t, uint64_t call_register)
{
    struct core *core = sim_core_of(t);
    const uint16_t number = r4_call_number(call_register);

    if (host.running == NULL && rng_percent(&sim.rng, CONTEND_PERCENT) && number != R4_CALL_NULL &&
        call_table[number % R4_CALL_TABLE_SIZE].thunk != NULL && number < R4_CALL_TABLE_SIZE) {
        contender = find_contender(core);
        if (contender != NULL) {
            return sim_enter_call_contended(t, contend);
        }
    }
    return sim_enter_call(t);
}

static void call_at_random(struct thread *t)
{
    const uint64_t number = t->number;
    struct random_call call = {0};
    uint64_t call_register;

    if (!sim_must_repeat(t)) {
        call = random_call_make(&sim.rng, t);
        sim_load_call(t, call.call_register, call.word);
    }
    call_register = arch_regs_call(&t->context.regs);
    if (enter_at_random(t, call_register) && t->object.type == R4_TYPE_THREAD &&
        t->number == number) {
        note_outcome(t, call_register);
        if (sim_is_running(t)) {
            check_fresh_frames(t, &call);
        }
    }
}

/*
 * The program on the core reads or writes somewhere; what it reaches must be memory of its cluster,
 * or shared, or a device.
 */
static void touch_at_random(struct core *core)
{
    const uint16_t access = rng_percent(&sim.rng, 50) ? R4_RIGHT_READ : R4_RIGHT_WRITE;
    const uint64_t va = random_address(&sim.rng) + rng_below(&sim.rng, 512) * sizeof(uint64_t);
    struct paddr pa;

    if (!host_translate(core, va, access, &pa)) {
        if (rng_percent(&sim.rng, 2)) {
            sim_fault(core->current, R4_FAULT_CAUSE_PAGE, va);
        }
        return;
    }
    if (pa.a < host.arena_bytes && access == R4_RIGHT_WRITE) {
        *(uint64_t *)arch_dmap_ptr(pa) = rng_next(&sim.rng) | 1u;
    }
}

/* A device of cluster 0 wants something, or wants nothing any more. */
static void raise_at_random(void)
{
    struct arch_irq *irq = &sim.of[0].cluster->irqs.arch;
    const uint32_t line = rng_below(&sim.rng, 8);

    if (!irq->line[line].exists) {
        return;
    }
    if (irq->line[line].is_level) {
        host_line_hold(irq, line, rng_percent(&sim.rng, 50));
    } else {
        host_line_edge(irq, line);
    }
}

/*
 * With no interrupt on its way, each core runs the highest thread that is ready there, and nothing
 * is left pending.
 */
static void check_liveness(void)
{
    sim_settle();
    for (uint32_t i = 0; i < host.core_count; i++) {
        const struct core *core = host.cores[i];
        const int top = runq_top(&core->runq);

        if (top >= 0 && (core->current == NULL || core->current->priority < top)) {
            fprintf(stderr, "core %u: priority %d waits, %d runs\n", core->hardware_id, top,
                    core->current == NULL ? -1 : core->current->priority);
            sim_fail("a core does not run the highest thread that is ready");
        }
        if (top >= 0 && core->current->priority == top && !core->arch.timer_is_armed) {
            sim_fail("nothing will end the slice of a thread while an equal one waits");
        }
    }
    for (uint32_t c = 0; c < 2; c++) {
        if (*sim.of[c].cluster->links[1u - c].incoming != 0) {
            sim_fail("bits of a bound link are left pending");
        }
    }
}

static void step(void)
{
    struct core *core = host.cores[rng_below(&sim.rng, host.core_count)];
    const uint32_t what = rng_below(&sim.rng, 100);

    if (what < 15) {
        sim_deliver(core);
    } else if (what < 20) {
        host_advance(rng_below(&sim.rng, 2 * SLICE_NS));
    } else if (what < 22) {
        raise_at_random();
    } else if (core->current == NULL) {
        sim_deliver(core);
    } else if (is_keeper(core->current)) {
        keeper_sleep(sim_cluster_of(core->current));
    } else if (what < 30) {
        touch_at_random(core);
    } else {
        call_at_random(core->current);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The run
 */

/* Prints each pair (call, error) that was seen; returns the percentage that succeeded. */
static uint64_t print_outcomes(void)
{
    uint64_t all = 0;
    uint64_t good = 0;

    for (uint16_t call = 0; call < R4_CALL_TABLE_SIZE; call++) {
        uint64_t sum = waits[call];

        for (unsigned err = 0; err < 32; err++) {
            sum += outcomes[call][err];
        }
        if (sum == 0) {
            continue;
        }
        all += sum;
        good += outcomes[call][R4_OK] + waits[call];
        printf("  %-22s", r4_call_name(call));
        for (unsigned err = 0; err < 32; err++) {
            if (outcomes[call][err] != 0) {
                printf(" %s %llu", r4_err_name(err), (unsigned long long)outcomes[call][err]);
            }
        }
        if (waits[call] != 0) {
            printf(" waits %llu", (unsigned long long)waits[call]);
        }
        printf("\n");
    }
    printf("  calls %llu, %llu %% of them good, restarts %llu, unreachable %llu\n",
           (unsigned long long)all, (unsigned long long)(100 * good / all),
           (unsigned long long)sim.restarts, (unsigned long long)keeper_unreachable());
    return 100 * good / all;
}

static void test_random_calls(void **state)
{
    const char *ops_text = getenv("R4_OPS");
    const uint64_t ops = ops_text == NULL ? OPS : strtoull(ops_text, NULL, 0);
    struct sim_count before[2];
    uint32_t first_slot[2];

    (void)state;
    printf("  R4_SEED=%llu R4_OPS=%llu\n", (unsigned long long)sim.seed, (unsigned long long)ops);
    for (uint32_t c = 0; c < 2; c++) {
        keeper_init(c);
        before[c] = sim_count(c);
        first_slot[c] = sim.of[c].next_slot;
        keeper_make_subjects(c);
    }
    sim.audit_every = AUDIT_EVERY;
    /* On one of the clusters no long operation gets further than one step an entry. */
    sim_fault_point(1, R4_FAULT_POINT_PREEMPT_POLL, FAULT_ACTION_PREEMPT, 0);
    sim.isolate_every = ISOLATE_EVERY;
    for (uint64_t i = 1; i <= ops; i++) {
        step();
        if (i % LIVENESS_EVERY == 0) {
            check_liveness();
        }
        if (i % 100 == 0) {
            keeper_work(i / 100 % 2);
        }
    }
    for (uint32_t c = 0; c < 2; c++) {
        keeper_demolish(c, first_slot[c]);
        sim.audit_every = 1;
        sim_settle();
        const struct sim_count after = sim_count(c);

        assert_int_equal(after.slots, before[c].slots);
        assert_int_equal(after.threads, before[c].threads);
        assert_int_equal(after.asids, before[c].asids);
    }
    assert_true(print_outcomes() >= 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SIM_TEST(test_random_calls)};

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
