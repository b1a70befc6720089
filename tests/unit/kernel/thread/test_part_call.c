/* SPDX-License-Identifier: MIT */
/*
 * The user part of a thread: every error, what is saved and loaded, and everything that detaches it.
 * The auditor looks after each call.
 */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/structs.h>

#define NO_CAP  UINT64_C(0x007fffff) /* an index beyond every table */
#define VA      UINT64_C(0x10000000)
#define RW      (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define BYTES   ((uint64_t)sizeof(struct r4_thread_part))
#define BAD_BIT (UINT64_C(1) << 12) /* of IOPL */

static uint32_t frame;  /* mapped in the root task's PD at VA */
static uint32_t worker; /* a thread that was never started */
static uint32_t whole;  /* an untyped of 2 MiB without children */

static struct thread *root(void)
{
    return sim.of[0].root;
}

static struct thread *at(uint32_t slot)
{
    return sim_thread_at(root(), slot);
}

static int setup(void **state)
{
    const int failed = sim_setup(state);

    sim.audit_every = 1;
    whole = sim.of[0].untyped--;
    frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, RW);
    worker = sim_make(0, R4_TYPE_THREAD, 0, 1);
    SIM_ROOT(0, THREAD_CONFIGURE, worker, R4_INIT_SLOT_PD, 0, 1);
    return failed;
}

#define PART_TEST(function) cmocka_unit_test_setup_teardown(function, setup, sim_teardown)

static struct r4_thread_part *record_in(uint32_t slot, uint64_t offset)
{
    char *page = arch_dmap_ptr((struct paddr){sim_slot(root(), slot)->object});

    return (struct r4_thread_part *)(void *)(page + offset);
}

static void attach(uint32_t thread, uint32_t to, uint64_t offset)
{
    SIM_ROOT(0, THREAD_ATTACH, thread, to, offset);
}

/* Attached and not detached by anything. */
static bool has_part(uint32_t thread)
{
    return part_record(sim.of[0].cluster, &at(thread)->part) != NULL;
}

static bool carries(uint32_t slot)
{
    return slot_has(sim_slot(root(), slot), SLOT_PARTS);
}

static void expect_detached(uint32_t thread)
{
    assert_false(has_part(thread));
    expect_refused(root(), R4_E_DETACHED, 0, THREAD_SAVE, thread, 0);
    expect_refused(root(), R4_E_DETACHED, 0, THREAD_LOAD, thread, 0);
    expect_refused(root(), R4_E_DETACHED, 0, THREAD_DETACH, thread, 0);
}

/* ------------------------------------------------------------------------------------------------
 * Attach
 */

static void test_attach__errors_of_the_frame_are_exact(void **state)
{
    const uint32_t weak = sim_slots_take(0, 4);
    const uint32_t unmapped = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    const uint32_t shared = R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES;
    const uint32_t device = sim_slots_take(0, 1);
    const uint32_t large = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, frame, 0, weak, R4_RIGHT_READ | R4_RIGHT_MODIFY);
    SIM_ROOT(0, CAP_DERIVE, frame, 0, weak + 1, R4_RIGHT_WRITE | R4_RIGHT_MODIFY);
    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].device, R4_TYPE_FRAME, R4_PAGE_BITS, 0, device, 1);
    SIM_ROOT(0, UNTYPED_RETYPE, whole, R4_TYPE_FRAME, 21, 0, large, 1);
    SIM_ROOT(0, FRAME_MAP, shared, R4_INIT_SLOT_PD, VA + R4_PAGE_BYTES, RW);
    expect_refused(root(), R4_E_INDEX, 1, THREAD_ATTACH, worker, 0, 0);
    expect_refused(root(), R4_E_INDEX, 1, THREAD_ATTACH, worker, NO_CAP, 0);
    expect_refused(root(), R4_E_EMPTY, 1, THREAD_ATTACH, worker, weak + 2, 0);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_ATTACH, worker, worker, 0);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_ATTACH, worker, shared, 0);
    expect_refused(root(), R4_E_TYPE, 1, THREAD_ATTACH, worker, device, 0);
    expect_refused(root(), R4_E_RIGHTS, 1, THREAD_ATTACH, worker, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 1, THREAD_ATTACH, worker, weak + 1, 0);
    expect_refused(root(), R4_E_RANGE, 1, THREAD_ATTACH, worker, large, 0);
    expect_refused(root(), R4_E_STATE, 1, THREAD_ATTACH, worker, unmapped, 0);
    expect_detached(worker);
    attach(worker, frame, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_ATTACH, worker, frame, BYTES);
}

static void test_attach__a_frame_is_marked_or_carries_parts(void **state)
{
    (void)state;
    SIM_ROOT(0, FRAME_MARK, frame, 0);
    expect_refused(root(), R4_E_MARKED, 1, THREAD_ATTACH, worker, frame, 0);
    SIM_ROOT(0, FRAME_UNMARK, frame, 0);
    attach(worker, frame, 0);
    expect_refused(root(), R4_E_BUSY, 0, FRAME_MARK, frame, 0);
    SIM_ROOT(0, THREAD_DETACH, worker, 0);
    SIM_ROOT(0, FRAME_MARK, frame, 0);
}

static void test_attach__needs_control(void **state)
{
    const uint32_t weak = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_DERIVE, worker, 0, weak, R4_RIGHT_READ);
    SIM_ROOT(0, CAP_DERIVE, worker, 0, weak + 1, R4_RIGHT_CONTROL);
    expect_refused(root(), R4_E_RIGHTS, 0, THREAD_ATTACH, weak, frame, 0);
    expect_ok(root(), THREAD_ATTACH, weak + 1, frame, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, THREAD_LOAD, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, THREAD_DETACH, weak, 0);
    expect_refused(root(), R4_E_RIGHTS, 0, THREAD_SAVE, weak + 1, 0);
    expect_ok(root(), THREAD_SAVE, weak, 0);
    expect_ok(root(), THREAD_LOAD, weak + 1, 0);
    expect_ok(root(), THREAD_DETACH, weak + 1, 0);
}

static void test_attach__errors_of_the_offset_are_exact(void **state)
{
    static const uint64_t odd[] = {1, 8, 63, 65, 4095, 0xffffffff};
    static const uint64_t far[] = {R4_PAGE_BYTES - BYTES + 64, R4_PAGE_BYTES, 0xffffffc0};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        expect_refused(root(), R4_E_ALIGN, 2, THREAD_ATTACH, worker, frame, odd[i]);
    }
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        expect_refused(root(), R4_E_RANGE, 2, THREAD_ATTACH, worker, frame, far[i]);
    }
    expect_refused(root(), R4_E_RANGE, 2, THREAD_ATTACH, worker, frame, UINT64_C(1) << 32);
    assert_false(carries(frame));
    attach(worker, frame, R4_PAGE_BYTES - BYTES);
    assert_true(carries(frame));
}

/* Whichever capability and protection domain the other part came by. */
static void test_D23_attach__records_do_not_overlap(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t other = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t copy = sim_slots_take(0, 2);

    (void)state;
    SIM_ROOT(0, CAP_COPY, frame, 0, copy);
    SIM_ROOT(0, CAP_COPY, frame, 0, copy + 1);
    SIM_ROOT(0, FRAME_MAP, copy, R4_INIT_SLOT_PD, VA + R4_PAGE_BYTES, RW);
    sim_make_tables(0, pd, VA, 1);
    SIM_ROOT(0, FRAME_MAP, copy + 1, pd, VA, R4_RIGHT_READ);
    attach(worker, frame, 1024);
    for (uint32_t carrier = copy; carrier < copy + 2; carrier++) {
        for (uint64_t offset = 1024 - BYTES + 64; offset < 1024 + BYTES; offset += 64) {
            expect_refused(root(), R4_E_RANGE, 2, THREAD_ATTACH, other, carrier, offset);
        }
        attach(other, carrier, 1024 - BYTES);
        SIM_ROOT(0, THREAD_DETACH, other, 0);
        attach(other, carrier, 1024 + BYTES);
        SIM_ROOT(0, THREAD_DETACH, other, 0);
    }
}

/* As many as fit, in any order, each with a record of its own. */
static void test_D23_attach__many_parts_share_a_frame(void **state)
{
    const uint32_t count = (uint32_t)(R4_PAGE_BYTES / BYTES);
    const uint32_t first = sim_make(0, R4_TYPE_THREAD, 0, count + 1);

    (void)state;
    for (uint32_t i = 0; i <= count; i++) {
        SIM_ROOT(0, THREAD_CONFIGURE, first + i, R4_INIT_SLOT_PD, 0, i + 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        attach(first + i, frame, i * 7u % count * BYTES);
    }
    for (uint64_t offset = 0; offset <= R4_PAGE_BYTES - BYTES; offset += 64) {
        expect_refused(root(), R4_E_RANGE, 2, THREAD_ATTACH, first + count, frame, offset);
    }
    for (uint32_t i = 0; i < count; i++) {
        SIM_ROOT(0, THREAD_SAVE, first + i, 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(record_in(frame, i * 7u % count * BYTES)->priority, i + 1);
    }
    /* One goes, and its place is free. */
    SIM_ROOT(0, THREAD_DETACH, first + 3, 0);
    attach(first + count, frame, 3u * 7u % count * BYTES);
    /* All go with the mapping. */
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    assert_false(carries(frame));
    assert_null(sim.of[0].cluster->parts);
    for (uint32_t i = 0; i <= count; i++) {
        expect_detached(first + i);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Save and load
 */

static void test_D45_save__writes_everything_at_its_place(void **state)
{
    struct r4_thread_part *record = record_in(frame, 512);
    struct thread *t = at(worker);

    (void)state;
    for (unsigned i = 0; i < R4_PAGE_BYTES / 8; i++) {
        ((uint64_t *)(void *)record_in(frame, 0))[i] = 0x5555;
    }
    attach(worker, frame, 512);
    SIM_ROOT(0, THREAD_SET_CORE, worker, 1);
    SIM_ROOT(0, THREAD_SET_PRIORITY, worker, 42);
    for (unsigned i = 0; i < 18; i++) {
        t->context.regs.reg[i] = 1000 + i;
    }
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    for (unsigned i = 0; i < 18; i++) {
        assert_int_equal(record->registers[i], 1000 + i);
    }
    assert_int_equal(record->state, R4_THREAD_STATE_STOPPED);
    assert_int_equal(record->cause, R4_FAULT_CAUSE_NONE);
    assert_int_equal(record->core, 1);
    assert_int_equal(record->priority, 42);
    assert_int_equal(record->saves, 1);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(record->reserved[i], 0x5555);
    }
    /* Nothing before and behind the record. */
    for (unsigned i = 0; i < R4_PAGE_BYTES / 8; i++) {
        if (i < 512 / 8 || i >= (512 + BYTES) / 8) {
            assert_int_equal(((uint64_t *)(void *)record_in(frame, 0))[i], 0x5555);
        }
    }
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    assert_int_equal(record->saves, 2);
}

static void test_save__after_a_fault(void **state)
{
    const struct r4_thread_part *record = record_in(frame, 0);

    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, THREAD_SET_PRIORITY, worker, SIM_ROOT_PRIORITY + 1);
    SIM_ROOT(0, THREAD_START, worker, SIM_USER_ENTRY, SIM_USER_STACK, 3, 4);
    sim_fault(at(worker), R4_FAULT_CAUSE_PAGE, 0xdead000);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    assert_int_equal(record->state, R4_THREAD_STATE_FAULTED);
    assert_int_equal(record->cause, R4_FAULT_CAUSE_PAGE);
    assert_int_equal(record->address, 0xdead000);
    assert_int_equal(record->registers[R4_REGISTER_RIP], SIM_USER_ENTRY);
    assert_int_equal(record->registers[R4_REGISTER_RDI], 3);
    /* Loading is no resumption. */
    SIM_ROOT(0, THREAD_LOAD, worker, 0);
    assert_int_equal(at(worker)->state, R4_THREAD_STATE_FAULTED);
    assert_int_equal(at(worker)->fault.cause, R4_FAULT_CAUSE_PAGE);
    SIM_ROOT(0, THREAD_RESUME, worker, 0);
    assert_true(sim_is_running(at(worker)));
}

static void test_save_and_load__need_a_thread_at_rest(void **state)
{
    const uint32_t raw = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    (void)state;
    attach(raw, frame, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SAVE, raw, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_LOAD, raw, 0);
    /* Oneself, which runs. */
    attach(R4_INIT_SLOT_THREAD, frame, BYTES);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SAVE, R4_INIT_SLOT_THREAD, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_LOAD, R4_INIT_SLOT_THREAD, 0);
    /* Ready, and waiting. */
    attach(worker, frame, 2 * BYTES);
    SIM_ROOT(0, THREAD_START, worker, SIM_USER_ENTRY, SIM_USER_STACK, 0, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SAVE, worker, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_LOAD, worker, 0);
    SIM_ROOT(0, THREAD_SET_CORE, worker, 1);
    sim_settle();
    expect_waiting(at(worker), NOTIFICATION_WAIT, n);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SAVE, worker, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_LOAD, worker, 0);
    SIM_ROOT(0, THREAD_SUSPEND, worker, 0);
    expect_ok(root(), THREAD_SAVE, worker, 0);
    expect_ok(root(), THREAD_LOAD, worker, 0);
}

static void test_load__a_thread_that_never_started(void **state)
{
    struct r4_thread_part *record = record_in(frame, 0);

    (void)state;
    attach(worker, frame, 0);
    for (unsigned i = 0; i < 18; i++) {
        record->registers[i] = i >= 3 ? UINT64_MAX - i : 0;
    }
    record->registers[R4_REGISTER_RIP] = SIM_USER_ENTRY;
    record->registers[R4_REGISTER_RSP] = R4_USER_TOP - 8;
    record->registers[R4_REGISTER_RFLAGS] = R4_FLAGS_FREE;
    expect_refused(root(), R4_E_STATE, 0, THREAD_RESUME, worker, 0);
    SIM_ROOT(0, THREAD_LOAD, worker, 0);
    for (unsigned i = 3; i < 18; i++) {
        assert_int_equal(at(worker)->context.regs.reg[i], UINT64_MAX - i);
    }
    assert_int_equal(at(worker)->context.regs.reg[R4_REGISTER_RIP], SIM_USER_ENTRY);
    assert_int_equal(at(worker)->context.regs.reg[R4_REGISTER_RSP], R4_USER_TOP - 8);
    assert_int_equal(at(worker)->context.regs.reg[R4_REGISTER_RFLAGS],
                     R4_FLAGS_FREE | R4_FLAGS_FIXED);
    SIM_ROOT(0, THREAD_SET_PRIORITY, worker, SIM_ROOT_PRIORITY + 1);
    /* Its FPU is clean: the simulation looks. */
    SIM_ROOT(0, THREAD_RESUME, worker, 0);
    assert_true(sim_is_running(at(worker)));
}

/* Refused as a whole: no register is changed, and the value says which one is to blame. */
static void expect_bad(unsigned number, uint64_t value)
{
    struct r4_thread_part *record = record_in(frame, 0);
    const uint64_t good = record->registers[number];
    const struct arch_regs before = at(worker)->context.regs;
    struct sim_reply reply;

    record->registers[number] = value;
    record->registers[R4_REGISTER_R15]++;
    reply = SIM_CALL(root(), THREAD_LOAD, worker, 0);
    assert_int_equal(reply.err, R4_E_RANGE);
    assert_int_equal(reply.detail, 0);
    assert_int_equal(reply.word[0], number);
    assert_memory_equal(&before, &at(worker)->context.regs, sizeof before);
    assert_int_equal(at(worker)->was_started, 0);
    record->registers[number] = good;
}

static void test_load__what_a_register_must_not_hold(void **state)
{
    static const uint64_t addresses[] = {R4_USER_TOP, R4_USER_TOP + 4096, UINT64_C(1) << 47,
                                         UINT64_C(0xffff800000000000), UINT64_MAX};

    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        expect_bad(R4_REGISTER_RIP, addresses[i]);
        expect_bad(R4_REGISTER_RSP, addresses[i]);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        const uint64_t flag = UINT64_C(1) << bit;

        if ((flag & (R4_FLAGS_FREE | R4_FLAGS_FIXED)) == 0) {
            expect_bad(R4_REGISTER_RFLAGS, flag);
            expect_bad(R4_REGISTER_RFLAGS, flag | R4_FLAGS_FREE | R4_FLAGS_FIXED);
            continue;
        }
        record_in(frame, 0)->registers[R4_REGISTER_RFLAGS] = flag;
        at(worker)->was_started = 0;
        SIM_ROOT(0, THREAD_LOAD, worker, 0);
        assert_int_equal(at(worker)->context.regs.reg[R4_REGISTER_RFLAGS], flag | R4_FLAGS_FIXED);
        at(worker)->was_started = 0;
    }
    /* The first of several is named. */
    record_in(frame, 0)->registers[R4_REGISTER_RFLAGS] = BAD_BIT;
    record_in(frame, 0)->registers[R4_REGISTER_RSP] = UINT64_MAX;
    expect_bad(R4_REGISTER_RIP, UINT64_MAX);
    expect_bad(R4_REGISTER_RSP, UINT64_MAX);
}

/* What stands in the record beside registers is believed by nobody. */
static void test_P28_load__reads_nothing_but_registers(void **state)
{
    struct r4_thread_part *record = record_in(frame, 0);

    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, THREAD_SET_PRIORITY, worker, 7);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    record->state = R4_THREAD_STATE_RUNNING;
    record->cause = 77;
    record->core = 1000;
    record->priority = 255;
    record->saves = UINT64_MAX;
    SIM_ROOT(0, THREAD_LOAD, worker, 0);
    assert_int_equal(at(worker)->state, R4_THREAD_STATE_STOPPED);
    assert_int_equal(at(worker)->fault.cause, R4_FAULT_CAUSE_NONE);
    assert_int_equal(at(worker)->core, 0);
    assert_int_equal(at(worker)->priority, 7);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    assert_int_equal(record->saves, 2);
    assert_int_equal(record->priority, 7);
}

/* ------------------------------------------------------------------------------------------------
 * What detaches
 */

static void test_D23_detach__by_unmap(void **state)
{
    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, FRAME_UNMAP, frame, 0);
    expect_detached(worker);
    assert_false(carries(frame));
    /* The same place again is another mapping. */
    SIM_ROOT(0, FRAME_MAP, frame, R4_INIT_SLOT_PD, VA, RW);
    expect_detached(worker);
    attach(worker, frame, 0);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
}

static void test_D23_detach__by_the_end_of_the_frame(void **state)
{
    const uint32_t copy = sim_slots_take(0, 1);

    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, CAP_DELETE, frame, 0);
    expect_detached(worker);

    frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, RW);
    SIM_ROOT(0, CAP_COPY, frame, 0, copy);
    SIM_ROOT(0, FRAME_MAP, copy, R4_INIT_SLOT_PD, VA + R4_PAGE_BYTES, RW);
    attach(worker, copy, 0);
    SIM_ROOT(0, CAP_REVOKE, frame, 0);
    expect_detached(worker);
    assert_null(sim.of[0].cluster->parts);
}

/* The frame is mapped elsewhere as well; the mapping of the part counts. */
static void test_D23_detach__only_by_its_own_mapping(void **state)
{
    const uint32_t copy = sim_slots_take(0, 1);
    const uint32_t other = sim_make(0, R4_TYPE_THREAD, 0, 1);

    (void)state;
    SIM_ROOT(0, THREAD_CONFIGURE, other, R4_INIT_SLOT_PD, 0, 1);
    SIM_ROOT(0, CAP_COPY, frame, 0, copy);
    SIM_ROOT(0, FRAME_MAP, copy, R4_INIT_SLOT_PD, VA + R4_PAGE_BYTES, RW);
    attach(worker, frame, 0);
    attach(other, copy, BYTES);
    SIM_ROOT(0, FRAME_UNMAP, copy, 0);
    expect_detached(other);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    assert_true(carries(frame));
    assert_false(carries(copy));
}

/*
 * The mapping went with its page table. The frame carries a part that nobody gets; its place is
 * free.
 */
static void test_D23_detach__by_the_page_table(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t other = sim_make(0, R4_TYPE_THREAD, 0, 1);
    const uint32_t copy = sim_slots_take(0, 1);
    const uint32_t table = sim_slots_take(0, 3);

    (void)state;
    SIM_ROOT(0, THREAD_CONFIGURE, other, R4_INIT_SLOT_PD, 0, 1);
    SIM_ROOT(0, CAP_COPY, frame, 0, copy);
    SIM_ROOT(0, UNTYPED_RETYPE, sim.of[0].untyped, R4_TYPE_PAGE_TABLE, 0, 0, table, 3);
    for (uint32_t i = 0; i < 3; i++) {
        SIM_ROOT(0, PAGE_TABLE_MAP, table + i, pd, VA);
    }
    SIM_ROOT(0, FRAME_MAP, copy, pd, VA, RW);
    attach(worker, copy, 0);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    for (uint32_t i = 0; i < 3; i++) {
        SIM_ROOT(0, PAGE_TABLE_UNMAP, table + i, 0);
        expect_detached(worker);
    }
    expect_refused(root(), R4_E_STATE, 1, THREAD_ATTACH, worker, copy, 0);
    attach(other, frame, 64);
    assert_false(part_is_attached(&at(worker)->part));
    assert_false(carries(copy));
    /* The thread itself may have a new one. */
    attach(worker, frame, 64 + BYTES);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
}

static void test_D23_detach__by_the_protection_domain(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t copy = sim_slots_take(0, 1);

    (void)state;
    SIM_ROOT(0, CAP_COPY, frame, 0, copy);
    sim_make_tables(0, pd, VA, 1);
    SIM_ROOT(0, FRAME_MAP, copy, pd, VA, RW);
    attach(worker, copy, 0);
    SIM_ROOT(0, CAP_DELETE, pd, 0);
    expect_detached(worker);
    /* A new one with the same index in the table of ASIDs is another one. */
    for (uint32_t i = 0; i < 4; i++) {
        (void)sim_make_pd(0);
    }
    expect_detached(worker);
    /* The thread may have another part; what is left of the dead one goes. */
    attach(worker, frame, 2 * BYTES);
    assert_false(carries(copy));
}

static void test_detach__by_the_thread(void **state)
{
    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, CAP_DELETE, worker, 0);
    assert_false(carries(frame));
    assert_null(sim.of[0].cluster->parts);
}

/* A thread that has lost its protection domain is at an end, though it is still there. */
static void test_detach__not_by_the_threads_domain(void **state)
{
    const uint32_t pd = sim_make_pd(0);
    const uint32_t other = sim_make_thread(0, pd, 0, 1);

    (void)state;
    attach(other, frame, 0);
    SIM_ROOT(0, CAP_REVOKE, pd, 0);
    assert_int_equal(at(other)->state, R4_THREAD_STATE_DEAD);
    expect_refused(root(), R4_E_STATE, 0, THREAD_SAVE, other, 0);
    expect_refused(root(), R4_E_STATE, 0, THREAD_LOAD, other, 0);
    SIM_ROOT(0, THREAD_DETACH, other, 0);
}

/* The part goes where its capability goes, by move and by take. */
static void test_move__takes_parts_along(void **state)
{
    const uint32_t table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    const uint32_t to = sim_slots_take(0, 1);

    (void)state;
    attach(worker, frame, 0);
    SIM_ROOT(0, CAP_MOVE, frame, table, 5);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    SIM_ROOT(0, CAP_TABLE_TAKE, table, 5, to);
    SIM_ROOT(0, THREAD_SAVE, worker, 0);
    assert_true(carries(to));
    SIM_ROOT(0, FRAME_UNMAP, to, 0);
    expect_detached(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PART_TEST(test_attach__errors_of_the_frame_are_exact),
        PART_TEST(test_attach__a_frame_is_marked_or_carries_parts),
        PART_TEST(test_attach__needs_control),
        PART_TEST(test_attach__errors_of_the_offset_are_exact),
        PART_TEST(test_D23_attach__records_do_not_overlap),
        PART_TEST(test_D23_attach__many_parts_share_a_frame),
        PART_TEST(test_D45_save__writes_everything_at_its_place),
        PART_TEST(test_save__after_a_fault),
        PART_TEST(test_save_and_load__need_a_thread_at_rest),
        PART_TEST(test_load__a_thread_that_never_started),
        PART_TEST(test_load__what_a_register_must_not_hold),
        PART_TEST(test_P28_load__reads_nothing_but_registers),
        PART_TEST(test_D23_detach__by_unmap),
        PART_TEST(test_D23_detach__by_the_end_of_the_frame),
        PART_TEST(test_D23_detach__only_by_its_own_mapping),
        PART_TEST(test_D23_detach__by_the_page_table),
        PART_TEST(test_D23_detach__by_the_protection_domain),
        PART_TEST(test_detach__by_the_thread),
        PART_TEST(test_detach__not_by_the_threads_domain),
        PART_TEST(test_move__takes_parts_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
