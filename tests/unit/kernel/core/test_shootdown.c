/* SPDX-License-Identifier: MIT */
/*
 * What the holder of the lock asks of other cores: whom, how often, and what becomes of a call that
 * waits for the lock meanwhile.
 */
#include "sim_test.h"

#include <kernel/shootdown.h>
#include <r4/abi/layout.h>

#define PAGE_VA  UINT64_C(0x10000000)
#define TABLE_VA UINT64_C(0x20000000)

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct core *core(uint32_t index)
{
    return sim_core(0, index);
}

static uint64_t cluster_counter(enum r4_counter counter)
{
    return sim.of[0].cluster->counters[counter];
}

static void test_page__only_cores_that_use_the_space_are_asked(void **state)
{
    uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, 12, PAGE_VA, R4_RIGHT_READ);

    (void)state;
    /* The other core is idle. */
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWNS), 0);
    /* It runs another space. */
    sim_make_thread(0, sim_make_pd(0), 1, 5);
    sim_settle();
    SIM_ROOT(0, FRAME_MAP, frame, R4_INIT_SLOT_PD, PAGE_VA, R4_RIGHT_READ);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWNS), 0);
    /* It runs this one. */
    sim_make_thread(0, R4_INIT_SLOT_PD, 1, 6);
    sim_settle();
    SIM_ROOT(0, FRAME_MAP, frame, R4_INIT_SLOT_PD, PAGE_VA, R4_RIGHT_READ);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWNS), 1);
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWN_REQUESTS), 1);
}

/* Cores before the one that asks are asked as those behind it are. */
static void test_page__the_second_core_asks_the_first(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, 12, PAGE_VA, R4_RIGHT_READ);
    const uint32_t thread = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);
    struct paddr pa;

    (void)state;
    sim_settle();
    SIM_CALL(sim_thread_at(root(), thread), FRAME_UNMAP, frame, 0);
    assert_false(host_translate(core(0), PAGE_VA, R4_RIGHT_READ, &pa));
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWN_REQUESTS), 1);
}

/* Between ask and answer another core could use the page; afterwards none can. */
static void test_page__no_core_translates_it_afterwards(void **state)
{
    const uint32_t frame = sim_map_frame(0, R4_INIT_SLOT_PD, 12, PAGE_VA, R4_RIGHT_READ);
    struct paddr pa;

    (void)state;
    sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);
    sim_settle();
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(host_translate(core(i), PAGE_VA, R4_RIGHT_READ, &pa));
    }
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_false(host_translate(core(i), PAGE_VA, R4_RIGHT_READ, &pa));
    }
}

/* A page table goes with everything below it. */
static void test_all__no_core_translates_anything_below_a_table(void **state)
{
    const uint32_t frame = sim_make(0, R4_TYPE_FRAME, 12, 1);
    const uint32_t table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    struct paddr pa;

    (void)state;
    sim_make_tables(0, R4_INIT_SLOT_PD, TABLE_VA, 2);
    SIM_ROOT(0, PAGE_TABLE_MAP, table, R4_INIT_SLOT_PD, TABLE_VA);
    SIM_ROOT(0, FRAME_MAP, frame, R4_INIT_SLOT_PD, TABLE_VA, R4_RIGHT_READ);
    sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);
    sim_settle();
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(host_translate(core(i), TABLE_VA, R4_RIGHT_READ, &pa));
    }
    SIM_ROOT(0, PAGE_TABLE_UNMAP, table, 0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_false(host_translate(core(i), TABLE_VA, R4_RIGHT_READ, &pa));
    }
    assert_int_equal(cluster_counter(R4_COUNTER_SHOOTDOWNS), 1);
}

static void test_leave_pd__both_cores(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);

    (void)state;
    sim_settle();
    sim.is_checking = false;
    sim_begin_entry(core(0));
    shootdown_leave_pd(core(0), sim.of[0].pd);
    for (uint32_t i = 0; i < 2; i++) {
        assert_null(core(i)->active_pd);
        assert_int_equal(core(i)->arch.root, sim.of[0].cluster->kernel_root.a);
    }
    assert_null(core(1)->current);
    assert_ptr_equal(core(0)->current, root());
    host.running = NULL;
    assert_int_equal(sim_thread_at(root(), slot)->state, R4_THREAD_STATE_RUNNING);
}

/* The interrupt finds the core in user mode: it lets the thread go and runs the next one. */
static void test_leave__by_interrupt(void **state)
{
    uint32_t slot[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        slot[i] = sim_make_thread(0, R4_INIT_SLOT_PD, 1, (uint8_t)(6 - i));
    }
    sim_settle();
    struct thread *t = sim_thread_at(root(), slot[0]);
    assert_ptr_equal(core(1)->current, t);
    t->state = R4_THREAD_STATE_STOPPED;
    core(1)->request = SHOOTDOWN_LEAVE;
    sim_begin_entry(core(1));
    kernel_interrupt(core(1), INTERRUPT_SHOOTDOWN);
    sim_end_entry();
    assert_ptr_equal(core(1)->current, sim_thread_at(root(), slot[1]));
}

/* One that needs no other thread takes no lock. */
static void test_flush__by_interrupt(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 6);

    (void)state;
    sim_settle();
    const uint64_t takes = cluster_counter(R4_COUNTER_LOCK_TAKES);
    core(1)->request = SHOOTDOWN_ALL;
    sim_begin_entry(core(1));
    kernel_interrupt(core(1), INTERRUPT_SHOOTDOWN);
    sim_end_entry();
    assert_int_equal(cluster_counter(R4_COUNTER_LOCK_TAKES), takes);
    assert_ptr_equal(core(1)->current, sim_thread_at(root(), slot));
}

static void test_leave__suspended_elsewhere(void **state)
{
    const uint32_t slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);

    (void)state;
    sim_settle();
    SIM_ROOT(0, THREAD_SUSPEND, slot, 0);
    assert_null(core(1)->current);
    assert_null(core(1)->active_pd);
    assert_int_equal(sim_thread_at(root(), slot)->state, R4_THREAD_STATE_STOPPED);
    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    sim_settle();
    assert_ptr_equal(core(1)->current, sim_thread_at(root(), slot));
}

/* ------------------------------------------------------------------------------------------------
 * A core waits for the lock, which "core 0" holds, and is asked to let its thread go
 */

struct holder {
    struct core *waiting;
    enum r4_thread_state becomes;
    unsigned pauses;
};

static void hold_lock(struct cluster *cl)
{
    cl->lock.next++;
}

/* First spin: the holder stops the thread. Second: it has been answered and lets the lock go. */
static void play_holder(void *context)
{
    struct holder *holder = context;
    struct lock *lock = &holder->waiting->cluster->lock;

    holder->pauses++;
    if (holder->pauses == 1) {
        assert_non_null(holder->waiting->current);
        holder->waiting->current->state = (uint8_t)holder->becomes;
        holder->waiting->request = SHOOTDOWN_LEAVE;
    } else {
        assert_int_equal(holder->waiting->request, SHOOTDOWN_NONE);
        assert_null(holder->waiting->current);
        lock->serving++;
    }
}

/* `t` enters core 1's kernel by `enter` and is stopped while it waits for the lock. */
static void enter_and_be_stopped(struct thread *t, void (*enter)(struct core *))
{
    struct holder holder = {.waiting = core(1), .becomes = R4_THREAD_STATE_STOPPED};
    void (*const on_pause)(void *) = host.on_pause;

    assert_ptr_equal(core(1)->current, t);
    hold_lock(sim.of[0].cluster);
    host.on_pause = play_holder;
    host.pause_context = &holder;
    sim_begin_entry(core(1));
    enter(core(1));
    sim_end_entry();
    host.on_pause = on_pause;
    assert_int_equal(holder.pauses, 2);
    assert_null(core(1)->current);
    assert_int_equal(t->state, R4_THREAD_STATE_STOPPED);
}

static struct thread *make_victim(uint32_t *slot)
{
    *slot = sim_make_thread(0, R4_INIT_SLOT_PD, 1, 5);
    sim_settle();
    return sim_thread_at(root(), *slot);
}

static void test_leave__a_call_that_waits_is_made_again(void **state)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    uint32_t slot;
    struct thread *t = make_victim(&slot);
    uint64_t *reg = t->context.regs.reg;

    (void)state;
    sim_load_call(t, r4_call_with_index(R4_CALL_NOTIFICATION_SIGNAL, n), (const uint64_t[6]){0});
    const struct arch_regs before = t->context.regs;
    reg[R4_REGISTER_RIP] += HOST_CALL_BYTES;
    enter_and_be_stopped(t, kernel_call);
    /* Nothing was done, and the thread stands before the call. */
    assert_memory_equal(&t->context.regs, &before, sizeof before);
    expect_refused(root(), R4_E_AGAIN, 0, NOTIFICATION_POLL, n, 0);
    SIM_ROOT(0, THREAD_RESUME, slot, 0);
    sim_settle();
    assert_true(sim_enter_call(t));
    assert_int_equal(sim_reply_of(t).err, R4_OK);
    assert_int_equal(SIM_ROOT(0, NOTIFICATION_POLL, n, 0), 1);
}

static void fault(struct core *c)
{
    kernel_fault(c, (struct thread_fault){.cause = R4_FAULT_CAUSE_PAGE, .address = 8});
}

static void test_leave__a_fault_that_waits_is_dropped(void **state)
{
    uint32_t slot;
    struct thread *t = make_victim(&slot);
    const struct arch_regs before = t->context.regs;

    (void)state;
    enter_and_be_stopped(t, fault);
    assert_memory_equal(&t->context.regs, &before, sizeof before);
    assert_int_equal(t->fault.cause, R4_FAULT_CAUSE_NONE);
}

static void timer(struct core *c)
{
    kernel_interrupt(c, INTERRUPT_TIMER);
}

/*
 * An interrupted program stands between two instructions: it must not be moved back, though its
 * last entry was a call.
 */
static void test_leave__an_interrupt_that_waits_moves_nothing(void **state)
{
    uint32_t slot;
    struct thread *t = make_victim(&slot);

    (void)state;
    expect_ok(t, NULL_LOCKED, 0, 0);
    const struct arch_regs before = t->context.regs;
    enter_and_be_stopped(t, timer);
    assert_memory_equal(&t->context.regs, &before, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(test_page__only_cores_that_use_the_space_are_asked),
        SIM_TEST(test_page__the_second_core_asks_the_first),
        SIM_TEST(test_page__no_core_translates_it_afterwards),
        SIM_TEST(test_all__no_core_translates_anything_below_a_table),
        SIM_TEST(test_leave_pd__both_cores),
        SIM_TEST(test_leave__by_interrupt),
        SIM_TEST(test_flush__by_interrupt),
        SIM_TEST(test_leave__suspended_elsewhere),
        SIM_TEST(test_leave__a_call_that_waits_is_made_again),
        SIM_TEST(test_leave__a_fault_that_waits_is_dropped),
        SIM_TEST(test_leave__an_interrupt_that_waits_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
