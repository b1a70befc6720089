/* SPDX-License-Identifier: MIT */
/*
 * Random calls from several threads on two clusters of two cores, with interrupts at random moments, the auditor after every few
 * steps, and the account at the end. R4_SEED repeats a run, R4_OPS sets its length.
 *
 * In each cluster the root task is the keeper: it makes subjects (a PD, a table, threads, an untyped), hands them capabilities, revives
 * their threads and empties their tables now and then. It sleeps otherwise, and a doorbell wakes it. All other threads call at random.
 */
#include "sim_test.h"

#include "random_call.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/names.h>
#include <string.h>

#define SUBJECTS       2u
#define THREADS        3u
#define GIFTS          14u
#define OPS            300000u
#define AUDIT_EVERY    20u
#define LIVENESS_EVERY 1000u
#define UNTYPED_BITS   18u
#define KEEPER_BIT     (UINT64_C(1) << 62)
#define SLICE_NS       UINT64_C(1000000)

/* Slots of the keeper's table. */
struct subject {
    uint32_t untyped;
    uint32_t table;
    uint32_t pd;
    uint32_t thread[THREADS];
    uint32_t gift[GIFTS]; /* what is put into slot i + 1 of its table, 0: nothing */
};

static struct subject subjects[2][SUBJECTS];
static uint32_t wake_slot[2];    /* notification at which each keeper sleeps */
static uint32_t monitor_slot[2]; /* the monitor without CONTROL */
static uint32_t shared_slot[2];  /* notification for all subjects */
static uint64_t outcomes[R4_CALL_TABLE_SIZE][32];
static uint64_t waits[R4_CALL_TABLE_SIZE];
static uint64_t destroyed; /* capabilities that only sim_destroy_children reached */

/* ------------------------------------------------------------------------------------------------
 * The keeper
 */

/* A call of the keeper that may be refused. */
static enum r4_err try_call(uint32_t c, enum r4_call call, uint32_t cap, const uint64_t word[6])
{
    const struct sim_reply reply = sim_call(sim.of[c].root, call, cap, word);

    if (!reply.is_done) {
        sim_fail("a call of the keeper was not done");
    }
    return reply.err;
}
#define TRY(c, name, cap, ...)                                                                     \
    try_call((c), R4_CALL_##name, (cap), (const uint64_t[6]){__VA_ARGS__})

static void replenish(uint32_t c, const struct subject *s)
{
    for (uint32_t i = 0; i < GIFTS; i++) {
        if (s->gift[i] != 0) {
            (void)TRY(c, CAP_COPY, s->gift[i], s->table, i + 1u);
        }
    }
}

static void make_subject(uint32_t c, uint32_t index)
{
    struct subject *s = &subjects[c][index];

    s->untyped = sim_make(c, R4_TYPE_UNTYPED, UNTYPED_BITS, 1);
    s->pd = sim_make_pd(c);
    s->table = s->pd + 1u;
    for (uint32_t i = 0; i < THREADS; i++) {
        s->thread[i] = sim_make_thread(c, s->pd, i % sim.cores, (uint8_t)(20u + i));
    }
}

static void choose_gifts(uint32_t c, uint32_t index)
{
    struct subject *s = &subjects[c][index];
    const uint32_t gifts[GIFTS] = {
        s->table,
        s->pd,
        s->thread[0],
        s->thread[1],
        s->thread[2],
        R4_INIT_SLOT_ASID_CONTROL,
        monitor_slot[c],
        s->untyped,
        R4_INIT_SLOT_LINKS + 1u - c,
        shared_slot[c],
        subjects[c][(index + 1u) % SUBJECTS].table,
        R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * (1u - c) + index,
        s->untyped,
        index == 0 ? sim.of[c].device : 0,
    };

    memcpy(s->gift, gifts, sizeof(gifts));
}

/* Everything that the subject has goes; its untyped is whole again. */
static void empty_subject(uint32_t c, const struct subject *s)
{
    const uint32_t slots = table_slots(sim_table_at(sim.of[c].root, s->table));

    for (uint32_t n = 1; n < slots; n++) {
        (void)TRY(c, CAP_TABLE_DELETE, s->table, n);
    }
    destroyed += sim_destroy_children(c, sim_slot(sim.of[c].root, s->untyped));
}

static void revive(uint32_t c, uint32_t thread)
{
    switch ((enum r4_thread_state)SIM_ROOT(c, THREAD_STATE, thread, 0)) {
    case R4_THREAD_STATE_WAITING:
        SIM_ROOT(c, THREAD_SUSPEND, thread, 0);
        SIM_ROOT(c, THREAD_RESUME, thread, 0);
        break;
    case R4_THREAD_STATE_STOPPED:
    case R4_THREAD_STATE_FAULTED:
        SIM_ROOT(c, THREAD_RESUME, thread, 0);
        break;
    case R4_THREAD_STATE_READY:
    case R4_THREAD_STATE_RUNNING:
        break;
    case R4_THREAD_STATE_NEW:
    case R4_THREAD_STATE_DEAD:
        sim_fail("a subject's thread is gone, though its keeper holds thread and PD");
    }
}

static void sleep_keeper(uint32_t c)
{
    while (SIM_CALL(sim.of[c].root, NOTIFICATION_WAIT, wake_slot[c], 0).is_done) {
    }
    assert_int_equal(sim.of[c].root->state, R4_THREAD_STATE_WAITING);
}

static void wake_keeper(uint32_t c)
{
    const struct link *link = &sim.of[c].cluster->links[1u - c];

    for (uint32_t tries = 0; !sim_is_running(sim.of[c].root); tries++) {
        *link->incoming |= KEEPER_BIT;
        host_raise(sim_core(c, 0), HOST_INTERRUPT_DOORBELL);
        sim_advance(SLICE_NS);
        if (tries > 1000) {
            sim_fail("the keeper does not wake");
        }
    }
}

static void keep(uint32_t c)
{
    wake_keeper(c);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        if (rng_percent(&sim.rng, 5)) {
            empty_subject(c, &subjects[c][i]);
        }
        replenish(c, &subjects[c][i]);
        for (uint32_t t = 0; t < THREADS; t++) {
            revive(c, subjects[c][i].thread[t]);
        }
    }
    sleep_keeper(c);
}

static void build_keeper(uint32_t c)
{
    SIM_ROOT(c, THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, 255);
    wake_slot[c] = sim_make(c, R4_TYPE_NOTIFICATION, 0, 1);
    SIM_ROOT(c, LINK_BIND, R4_INIT_SLOT_LINKS + 1u - c, wake_slot[c]);
}

static void build_subjects(uint32_t c)
{
    shared_slot[c] = sim_make(c, R4_TYPE_NOTIFICATION, 0, 1);
    monitor_slot[c] = sim_slots_take(c, 1);
    SIM_ROOT(c, CAP_DERIVE, R4_INIT_SLOT_MONITOR, 0, monitor_slot[c],
             R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_LINK);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        make_subject(c, i);
    }
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        choose_gifts(c, i);
        replenish(c, &subjects[c][i]);
    }
    sleep_keeper(c);
}

/* Deletes what the keeper made. */
static void demolish(uint32_t c, uint32_t first_slot)
{
    wake_keeper(c);
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        empty_subject(c, &subjects[c][i]);
    }
    for (uint32_t n = first_slot; n < sim.of[c].next_slot; n++) {
        (void)TRY(c, CAP_DELETE, n, 0);
    }
    SIM_ROOT(c, THREAD_SET_PRIORITY, R4_INIT_SLOT_THREAD, SIM_ROOT_PRIORITY);
}

/* ------------------------------------------------------------------------------------------------
 * The others
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
    if (sim_enter_call(t) && t->object.type == R4_TYPE_THREAD && t->number == number) {
        note_outcome(t, call_register);
        if (sim_is_running(t)) {
            check_fresh_frames(t, &call);
        }
    }
}

/* The program on the core reads or writes somewhere; what it reaches must be memory of its cluster, or shared, or a device. */
static void touch_at_random(struct core *core)
{
    const uint16_t access = rng_percent(&sim.rng, 50) ? R4_RIGHT_READ : R4_RIGHT_WRITE;
    const uint64_t va = random_address(&sim.rng);
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

/* With no interrupt on its way, each core runs the highest thread that is ready there, and nothing is left pending. */
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
    } else if (core->current == NULL) {
        sim_deliver(core);
    } else if (is_keeper(core->current)) {
        sleep_keeper(sim_cluster_of(core->current));
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
           (unsigned long long)sim.restarts, (unsigned long long)destroyed);
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
        build_keeper(c);
        before[c] = sim_count(c);
        first_slot[c] = sim.of[c].next_slot;
        build_subjects(c);
    }
    sim.audit_every = AUDIT_EVERY;
    for (uint64_t i = 1; i <= ops; i++) {
        step();
        if (i % LIVENESS_EVERY == 0) {
            check_liveness();
        }
        if (i % 100 == 0) {
            keep(i / 100 % 2);
        }
    }
    for (uint32_t c = 0; c < 2; c++) {
        demolish(c, first_slot[c]);
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
