/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of threads: configuration, cores, stopping, registers, faults.
 */
#include "check.h"

#define WORKER      SLOT(0)
#define FAULTS      SLOT(1) /* notification for faults */
#define BADGED      SLOT(2)
#define FAULT_BADGE UINT64_C(0x40)
#define STACK_BYTES 4096u
/* Direction, nested task, alignment check: what the kernel must not run with, nor leave to others. */
#define BAD_FLAGS (UINT64_C(1) << 10 | UINT64_C(1) << 14 | UINT64_C(1) << 18)

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t counted;
static uint64_t found;

static void count(uint64_t step)
{
    for (;;) {
        __atomic_fetch_add(&counted, step, __ATOMIC_RELAXED);
        __builtin_ia32_pause();
    }
}

static void fail(uint64_t unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

/* The selectors that mean nothing to a 64-bit program, in one word. */
static uint64_t read_selectors(void)
{
    uint64_t ds;
    uint64_t es;
    uint64_t fs;
    uint64_t gs;
    __asm__ volatile("movq %%ds, %0\n\tmovq %%es, %1\n\tmovq %%fs, %2\n\tmovq %%gs, %3"
                     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
    return ds | es << 16 | fs << 32 | gs << 48;
}

/* Loads the one data selector that there is. */
static void leave_selectors(void)
{
    uint32_t selector;
    __asm__ volatile("movl %%ss, %0\n\tmovl %0, %%ds\n\tmovl %0, %%es\n\tmovl %0, %%fs\n\t"
                     "movl %0, %%gs"
                     : "=r"(selector));
}

/* Yields with these flags set as well, and says which flags it then has. */
static uint64_t yield_with_flags(uint64_t flags)
{
    uint64_t after;
    uint64_t call = R4_CALL_YIELD;
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
                     "pushfq\n\torq %[flags], (%%rsp)\n\tpopfq\n\t"
                     "syscall\n\t"
                     "pushfq\n\tmovq (%%rsp), %[after]\n\t"
                     "notq %[flags]\n\tandq %[flags], (%%rsp)\n\tpopfq\n\t"
                     "leaq 128(%%rsp), %%rsp"
                     : [after] "=&r"(after), [flags] "+&r"(flags), "+a"(call)
                     :
                     : "rcx", "r11", "memory", "cc");
    return after;
}

static void look(uint64_t unused)
{
    (void)unused;
    __atomic_store_n(&found, read_selectors() | (__builtin_ia32_readeflags_u64() & BAD_FLAGS),
                     __ATOMIC_RELAXED);
    for (;;) {
        __builtin_ia32_pause();
    }
}

static struct r4_result start(void (*entry)(uint64_t), uint64_t arg)
{
    return r4_invoke4(WORKER, R4_CALL_THREAD_START, (uint64_t)entry,
                      (uint64_t)stack + STACK_BYTES - 8, arg, 0);
}

static uint64_t state_of_worker(void)
{
    return check_ok("read the state", r4_invoke0(WORKER, R4_CALL_THREAD_STATE)).m[0];
}

static struct r4_result suspend(void)
{
    return r4_invoke0(WORKER, R4_CALL_THREAD_SUSPEND);
}

static struct r4_result resume(void)
{
    return r4_invoke0(WORKER, R4_CALL_THREAD_RESUME);
}

static struct r4_result configure(uint64_t core)
{
    return r4_invoke3(WORKER, R4_CALL_THREAD_CONFIGURE, PD, core, r4_startup()->priority);
}

static void check_configuration(void)
{
    check_ok("make a thread", call_retype(UNTYPED, R4_TYPE_THREAD, 0, WORKER, 1));
    check_equal("state of a new thread", state_of_worker(), R4_THREAD_STATE_NEW);
    check("start a new thread", start(count, 1), R4_E_STATE, 0);
    check("suspend a new thread", suspend(), R4_E_STATE, 0);
    check("a core that is not there", configure(r4_startup()->cores), R4_E_RANGE, 2);
    check_ok("configure", configure(0));
    check("configure again", configure(0), R4_E_STATE, 0);
    check_equal("state when configured", state_of_worker(), R4_THREAD_STATE_STOPPED);
    check("resume what never started", resume(), R4_E_STATE, 0);
    check("entry in the kernel",
          r4_invoke4(WORKER, R4_CALL_THREAD_START, UINT64_C(0xffff800000000000), 0x1000, 0, 0),
          R4_E_RANGE, 1);
    check("stack in the hole",
          r4_invoke4(WORKER, R4_CALL_THREAD_START, 0x400000, UINT64_C(0x800000000000), 0, 0),
          R4_E_RANGE, 2);
    check_ok("start", start(count, 1));
    check("start again", start(count, 1), R4_E_STATE, 0);
}

static void check_progress(const char *what)
{
    uint64_t before = __atomic_load_n(&counted, __ATOMIC_RELAXED);
    uint32_t rounds = 0;
    while (__atomic_load_n(&counted, __ATOMIC_RELAXED) == before && wait_a_little(&rounds)) {
    }
    check_equal(what, __atomic_load_n(&counted, __ATOMIC_RELAXED) != before, 1);
}

/* The thread counts on every core of the cluster, and stands still while it is stopped. */
static void check_cores(void)
{
    for (uint64_t core = 0; core < r4_startup()->cores; core++) {
        check_ok("move to a core", r4_invoke1(WORKER, R4_CALL_THREAD_SET_CORE, core));
        check_equal("its core", r4_invoke0(WORKER, R4_CALL_THREAD_STATE).m[4], core);
        check_progress("it runs there");
    }
    check("move out of the cluster",
          r4_invoke1(WORKER, R4_CALL_THREAD_SET_CORE, r4_startup()->cores), R4_E_RANGE, 1);
    check_ok("suspend", suspend());
    uint64_t stopped = __atomic_load_n(&counted, __ATOMIC_RELAXED);
    check("suspend again", suspend(), R4_E_STATE, 0);
    check_equal("state when suspended", state_of_worker(), R4_THREAD_STATE_STOPPED);
    struct r4_result r = check_ok("registers", r4_invoke1(WORKER, R4_CALL_THREAD_REGISTERS, 0));
    check_equal("rip is in the program", r.m[0] >= 0x400000 && r.m[0] < R4_PROGRAM_END, 1);
    check("registers from 5", r4_invoke1(WORKER, R4_CALL_THREAD_REGISTERS, 5), R4_E_RANGE, 1);
    check_equal("it stood still", __atomic_load_n(&counted, __ATOMIC_RELAXED), stopped);
    check_ok("resume", resume());
    check_progress("it goes on");
    check("registers of a running thread", r4_invoke1(WORKER, R4_CALL_THREAD_REGISTERS, 0),
          R4_E_STATE, 0);
    check_ok("suspend it for good", suspend());
}

/* What one thread leaves in registers that no entry saves, the next one on its core does not find. */
static void check_selectors(void)
{
    const uint64_t nothing = UINT64_MAX;
    uint64_t kept = BAD_FLAGS;
    uint32_t rounds = 0;
    found = nothing;
    check_ok("move here", r4_invoke1(WORKER, R4_CALL_THREAD_SET_CORE, r4_startup()->core));
    check_ok("start it to look", start(look, 0));
    do {
        leave_selectors();
        kept &= yield_with_flags(BAD_FLAGS);
    } while (wait_a_little(&rounds) && __atomic_load_n(&found, __ATOMIC_RELAXED) == nothing);
    check_equal("flags after calls", kept, BAD_FLAGS);
    check_equal("selectors and flags that it finds", __atomic_load_n(&found, __ATOMIC_RELAXED), 0);
    check_ok("suspend it", suspend());
}

static void wait_for_faults(void)
{
    uint64_t bits =
        check_ok("wait for the fault", r4_invoke0(FAULTS, R4_CALL_NOTIFICATION_WAIT)).m[0];
    check_equal("the badge of the fault", bits, FAULT_BADGE);
}

static void check_fault(void)
{
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FAULTS, 1));
    check_ok("badge it", r4_invoke3(FAULTS, R4_CALL_CAP_MINT, 0, BADGED, FAULT_BADGE));
    check("bind a thread", r4_invoke1(WORKER, R4_CALL_THREAD_BIND_FAULT, THREAD), R4_E_TYPE, 1);
    check_ok("bind", r4_invoke1(WORKER, R4_CALL_THREAD_BIND_FAULT, BADGED));
    check("bind again", r4_invoke1(WORKER, R4_CALL_THREAD_BIND_FAULT, BADGED), R4_E_STATE, 0);
    check_ok("start it into a fault", start(fail, 0));
    wait_for_faults();
    struct r4_result r = check_ok("state after a fault", r4_invoke0(WORKER, R4_CALL_THREAD_STATE));
    check_equal("faulted", r.m[0], R4_THREAD_STATE_FAULTED);
    check_equal("cause", r.m[1], R4_FAULT_CAUSE_UNDEFINED);
    uint64_t rip = r4_invoke1(WORKER, R4_CALL_THREAD_REGISTERS, 0).m[0];
    check_equal("rip at the instruction", *(const volatile uint16_t *)rip, 0x0b0f);
    check_ok("resume into the fault", resume());
    wait_for_faults();
    check_ok("delete the thread", call_delete(WORKER));
    wait_for_faults();
}

void check_threads(void)
{
    check_configuration();
    check_cores();
    check_selectors();
    check_fault();
    check_ok("delete the badge", call_delete(BADGED));
    check_ok("delete the notification", call_delete(FAULTS));
}
