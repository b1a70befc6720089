/* SPDX-License-Identifier: MIT */
/*
 * User parts against programs that write whatever they want into them, and take away what they
 * stand on, at any time. The auditor looks after each entry.
 */
#include "proxy_world.h"

#include <arch/mmu.h>
#include <kernel/table.h>
#include <r4/abi/structs.h>
#include <string.h>

#define VA      UINT64_C(0x10000000)
#define RW      (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define FRAMES  4u
#define WORKERS 12u
#define STEPS   20000u
#define WORDS   (R4_PAGE_BYTES / sizeof(uint64_t))

static uint32_t frames;  /* FRAMES in a row, copies of one frame and others */
static uint32_t workers; /* WORKERS threads in a row */
static uint64_t loaded;
static uint64_t refused;
static uint64_t detached;

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct thread *worker(uint32_t i)
{
    return sim_thread_at(root(), workers + i);
}

/* What a program that knows the record would write: values at the edges of what is allowed. */
static uint64_t hostile_word(void)
{
    static const uint64_t words[] = {
        0,
        SIM_USER_ENTRY,
        SIM_USER_STACK,
        R4_USER_TOP - 1,
        R4_USER_TOP,
        UINT64_C(0xffff800000000000),
        R4_FLAGS_FREE,
        R4_FLAGS_FIXED,
        R4_FLAGS_FREE | R4_FLAGS_FIXED,
        UINT64_C(0x3000),
        UINT64_MAX,
    };

    return rng_percent(&sim.rng, 80) ? words[rng_below(&sim.rng, sizeof words / sizeof words[0])]
                                     : rng_next(&sim.rng);
}

/* All of the frame, or what matters for a load: so that loads are also taken. */
static void scribble(uint32_t frame)
{
    uint64_t *page = arch_dmap_ptr((struct paddr){sim_slot(root(), frame)->object});
    const bool is_tame = rng_percent(&sim.rng, 50);

    for (uint32_t i = 0; i < WORDS; i++) {
        page[i] = hostile_word();
        if (is_tame && i % 8u < 3u) {
            page[i] = i % 8u < 2u ? SIM_USER_ENTRY + rng_below(&sim.rng, 100) : R4_FLAGS_FIXED;
        }
    }
}

static void check_loaded(const struct thread *t, const struct r4_thread_part *record)
{
    const uint64_t *reg = t->context.regs.reg;

    assert_true(reg[R4_REGISTER_RIP] < R4_USER_TOP && reg[R4_REGISTER_RSP] < R4_USER_TOP);
    assert_int_equal(reg[R4_REGISTER_RFLAGS] & ~R4_FLAGS_FREE, R4_FLAGS_FIXED);
    for (unsigned i = 0; i < 18; i++) {
        const uint64_t fixed = i == R4_REGISTER_RFLAGS ? R4_FLAGS_FIXED : 0;

        assert_int_equal(reg[i], record->registers[i] | fixed);
    }
}

/* Loads, or is refused with nothing changed. */
static void load(uint32_t i)
{
    const struct thread *t = worker(i);
    const struct arch_regs before = t->context.regs;
    const struct r4_thread_part *record =
        (const void *)part_record(sim.of[0].cluster, &worker(i)->part);
    const struct sim_reply reply = SIM_CALL(root(), THREAD_LOAD, workers + i, 0);

    if (reply.err == R4_OK) {
        check_loaded(t, record);
        loaded++;
        return;
    }
    assert_memory_equal(&before, &t->context.regs, sizeof before);
    refused += reply.err == R4_E_RANGE;
    detached += reply.err == R4_E_DETACHED;
    assert_true(reply.err == R4_E_RANGE || reply.err == R4_E_DETACHED || reply.err == R4_E_STATE);
}

static void move_frame(uint32_t i)
{
    const uint32_t spare = frames + FRAMES;

    SIM_ROOT(0, CAP_MOVE, frames + i, 0, spare);
    SIM_ROOT(0, CAP_MOVE, spare, 0, frames + i);
}

static void step(void)
{
    const uint32_t w = rng_below(&sim.rng, WORKERS);
    const uint32_t f = rng_below(&sim.rng, FRAMES);

    scribble(frames + rng_below(&sim.rng, FRAMES));
    switch (rng_below(&sim.rng, 16)) {
    case 0:
        (void)SIM_CALL(root(), FRAME_UNMAP, frames + f, 0);
        break;
    case 1:
        (void)SIM_CALL(root(), FRAME_MAP, frames + f, R4_INIT_SLOT_PD, VA + f * R4_PAGE_BYTES, RW);
        break;
    case 2:
        (void)SIM_CALL(root(), THREAD_DETACH, workers + w, 0);
        break;
    case 3:
        (void)SIM_CALL(root(), THREAD_RESUME, workers + w, 0);
        break;
    case 4:
        (void)SIM_CALL(root(), THREAD_SUSPEND, workers + w, 0);
        break;
    case 5:
        move_frame(f);
        break;
    case 6:
    case 7:
        (void)SIM_CALL(root(), THREAD_SAVE, workers + w, 0);
        break;
    case 8:
    case 9:
    case 10:
        (void)SIM_CALL(root(), THREAD_ATTACH, workers + w, frames + f,
                       rng_below(&sim.rng, 70) * 64u);
        break;
    default:
        load(w);
        break;
    }
}

/* Two frames and two capabilities for each, so that records of all meet. */
static void build(void)
{
    frames = sim_slots_take(0, FRAMES + 1u);
    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 0, frames, 2);
    sim_make_tables(0, R4_INIT_SLOT_PD, VA, 1);
    for (uint32_t f = 0; f < FRAMES; f++) {
        if (f >= 2) {
            SIM_ROOT(0, CAP_COPY, frames + f - 2u, 0, frames + f);
        }
        SIM_ROOT(0, FRAME_MAP, frames + f, R4_INIT_SLOT_PD, VA + f * R4_PAGE_BYTES, RW);
    }
    workers = sim_make(0, R4_TYPE_THREAD, 0, WORKERS);
    for (uint32_t w = 0; w < WORKERS; w++) {
        SIM_ROOT(0, THREAD_CONFIGURE, workers + w, R4_INIT_SLOT_PD, w % 2u, w + 1u);
    }
}

static void test_D22_random_writes_into_user_parts_break_nothing(void **state)
{
    (void)state;
    build();
    sim.audit_every = 1;
    loaded = refused = detached = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        step();
    }
    printf("  %llu loads taken, %llu refused, %llu without a part\n", (unsigned long long)loaded,
           (unsigned long long)refused, (unsigned long long)detached);
    assert_true(loaded > STEPS / 100u && refused > STEPS / 100u && detached > STEPS / 100u);
    /* All of it goes, and nothing is left of the parts. */
    for (uint32_t f = 0; f < 2; f++) {
        SIM_ROOT(0, CAP_REVOKE, frames + f, 0);
        SIM_ROOT(0, CAP_DELETE, frames + f, 0);
    }
    assert_null(sim.of[0].cluster->parts);
    for (uint32_t w = 0; w < WORKERS; w++) {
        assert_false(part_is_attached(&worker(w)->part));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Time of check
 */

static struct r4_thread_part *hunted; /* the record */
static uint64_t seen[18];             /* what each register held when the kernel looked at it */
static uint32_t looks[18];
static uint32_t others; /* looks at anything else */
static uint32_t stores;

/* Before each access of the kernel another program has changed everything. */
static void hunt(enum host_word_access access, const uint64_t *word)
{
    const ptrdiff_t i = word - hunted->registers;

    for (unsigned n = 0; n < 18; n++) {
        hunted->registers[n] = hostile_word();
    }
    hunted->state = hunted->core = hunted->priority = hostile_word();
    if (rng_percent(&sim.rng, 80)) {
        hunted->registers[R4_REGISTER_RIP] = hunted->registers[R4_REGISTER_RSP] = SIM_USER_ENTRY;
        hunted->registers[R4_REGISTER_RFLAGS] = R4_FLAGS_FIXED;
    }
    if (access == HOST_WORD_LOAD && i >= 0 && i < 18) {
        looks[i]++;
        seen[i] = *word;
    } else {
        others += access == HOST_WORD_LOAD;
        stores += access == HOST_WORD_STORE;
    }
}

static bool load_hunted(void)
{
    const uint64_t *reg = worker(0)->context.regs.reg;
    const struct arch_regs before = worker(0)->context.regs;
    enum r4_err err;

    memset(looks, 0, sizeof looks);
    host.on_word = hunt;
    err = SIM_CALL(root(), THREAD_LOAD, workers, 0).err;
    host.on_word = NULL;
    for (unsigned i = 0; i < 18; i++) {
        assert_true(err == R4_OK ? looks[i] == 1 : looks[i] <= 1);
        assert_true(err != R4_OK || (reg[i] & ~(i == 2 ? R4_FLAGS_FIXED : 0)) ==
                                        (seen[i] & ~(i == 2 ? R4_FLAGS_FIXED : 0)));
    }
    assert_true(err == R4_OK || err == R4_E_RANGE);
    assert_true(err == R4_OK || memcmp(&before, &worker(0)->context.regs, sizeof before) == 0);
    return err == R4_OK;
}

/* What is loaded is what was looked at, once; nothing else is looked at. */
static void test_D45_load_looks_at_each_register_once(void **state)
{
    uint32_t taken = 0;

    (void)state;
    build();
    SIM_ROOT(0, THREAD_ATTACH, workers, frames, 512);
    hunted = (void *)part_record(sim.of[0].cluster, &worker(0)->part);
    others = stores = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        taken += load_hunted();
        assert_true(worker(0)->context.regs.reg[R4_REGISTER_RIP] < R4_USER_TOP);
    }
    assert_true(taken > 100 && taken < 900);
    assert_int_equal(others, 0);
    assert_int_equal(stores, 0);
}

/* A save looks at nothing and writes each word once. */
static void test_D45_save_looks_at_nothing(void **state)
{
    (void)state;
    build();
    SIM_ROOT(0, THREAD_ATTACH, workers, frames, 512);
    hunted = (void *)part_record(sim.of[0].cluster, &worker(0)->part);
    memset(looks, 0, sizeof looks);
    others = stores = 0;
    host.on_word = hunt;
    expect_ok(root(), THREAD_SAVE, workers, 0);
    host.on_word = NULL;
    for (unsigned i = 0; i < 18; i++) {
        assert_int_equal(looks[i], 0);
    }
    assert_int_equal(others, 0);
    assert_int_equal(stores, 18 + 7);
    assert_int_equal(hunted->saves, 1);
}

/* As the random run, but everything is taken away in one call while parts are attached. */
static void test_D23_parts_end_with_the_untyped_above(void **state)
{
    const uint32_t memory = sim_make(0, R4_TYPE_UNTYPED, 16, 1);
    const uint32_t frame = sim_slots_take(0, 8);

    (void)state;
    build();
    sim.audit_every = 1;
    SIM_ROOT(0, UNTYPED_RETYPE, memory, R4_TYPE_FRAME, R4_PAGE_BITS, 0, frame, 2);
    SIM_ROOT(0, UNTYPED_RETYPE, memory, R4_TYPE_THREAD, 0, 0, frame + 2, 2);
    for (uint32_t i = 0; i < 2; i++) {
        SIM_ROOT(0, THREAD_CONFIGURE, frame + 2 + i, R4_INIT_SLOT_PD, 0, 1);
        SIM_ROOT(0, FRAME_MAP, frame + i, R4_INIT_SLOT_PD, VA + (8 + i) * R4_PAGE_BYTES, RW);
    }
    /* A thread of the memory in a frame that stays, and one that stays in a frame of the memory. */
    SIM_ROOT(0, THREAD_ATTACH, frame + 2, frames, 0);
    SIM_ROOT(0, THREAD_ATTACH, frame + 3, frame, 0);
    SIM_ROOT(0, THREAD_ATTACH, workers, frame, 256);
    SIM_ROOT(0, THREAD_ATTACH, workers + 1, frames, 256);
    SIM_ROOT(0, CAP_REVOKE, memory, 0);
    expect_refused(root(), R4_E_DETACHED, 0, THREAD_SAVE, workers, 0);
    expect_ok(root(), THREAD_SAVE, workers + 1, 0);
    expect_ok(root(), THREAD_ATTACH, workers, frames, 0);
}

/* Who has a frame through a chain attaches to it as he maps it: with MODIFY, and for good. */
static void test_D23_attach_through_a_chain(void **state)
{
    const uint16_t rights = RW | R4_RIGHT_MODIFY;
    const uint32_t use_index = word_index(PLAIN_PAGE, 3);
    const uint32_t slot = 40;

    (void)state;
    proxy_world(2);
    sim.audit_every = 1;
    frames = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    workers = sim_make(0, R4_TYPE_THREAD, 0, 1);
    SIM_ROOT(0, THREAD_CONFIGURE, workers, R4_INIT_SLOT_PD, 0, 1);
    SIM_ROOT(0, FRAME_MAP, frames, domain[0].pd, WINDOW_BASE + 4 * R4_PAGE_BYTES, RW);
    SIM_ROOT(0, CAP_MOVE, frames, domain[0].table, slot);
    SIM_ROOT(0, CAP_COPY, workers, domain[1].table, slot);
    domain[1].word[PAGE_WORDS + 3u] = use(0, word_index(MARKED_PAGE, 0), 5);
    refused(1, R4_E_PROXY, 1, THREAD_ATTACH, slot, use_index, 0);
    domain[0].word[0] = grant(1, slot, RW, 5);
    refused(1, R4_E_RIGHTS, 1, THREAD_ATTACH, slot, use_index, 0);
    domain[0].word[0] = grant(1, slot, rights & ~R4_RIGHT_WRITE, 5);
    refused(1, R4_E_RIGHTS, 1, THREAD_ATTACH, slot, use_index, 0);
    domain[0].word[0] = grant(1, slot, rights, 5);
    done(1, THREAD_ATTACH, slot, use_index, 0);
    domain[0].word[0] = 0;
    done(1, THREAD_SAVE, slot, 0);
    done(0, FRAME_UNMAP, slot, 0);
    refused(1, R4_E_DETACHED, 0, THREAD_SAVE, slot, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_D22_random_writes_into_user_parts_break_nothing),
        SIM_TEST(test_D45_load_looks_at_each_register_once),
        SIM_TEST(test_D45_save_looks_at_nothing),
        SIM_TEST(test_D23_parts_end_with_the_untyped_above),
        SIM_TEST(test_D23_attach_through_a_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
