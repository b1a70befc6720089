/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of a thread's user part: what attaches and detaches it, and a register changed through it as a debugger does.
 */
#include "check.h"

#include <r4/abi/structs.h>
#include <r4/page.h>

#define WORKER      SLOT(0)
#define FRAME       SLOT(1)
#define TABLES      SLOT(2) /* two page tables */
#define ADDRESS     R4_PROGRAM_FREE
#define OFFSET      128u
#define READ_WRITE  (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define STACK_BYTES 4096u
#define KERNEL      UINT64_C(0xffff800000000000)
#define STEP        1000u

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t counted;

static volatile struct r4_thread_part *record(void)
{
    return (volatile struct r4_thread_part *)(ADDRESS + OFFSET);
}

/* Adds what stands in rbx, for ever. */
static void count(uint64_t step)
{
    __asm__ volatile("movq %0, %%rbx\n"
                     "1:\tlock addq %%rbx, %1\n\t"
                     "pause\n\t"
                     "jmp 1b"
                     :
                     : "r"(step), "m"(counted)
                     : "rbx", "memory");
}

static struct r4_result call(uint16_t number)
{
    return r4_invoke0(WORKER, number);
}

static void stop(uint64_t unused)
{
    (void)unused;
    (void)call(R4_CALL_THREAD_SUSPEND);
}

/* Registers that a system call destroys, as they are here. */
extern const uint8_t report[];
static uint64_t seen[3] __attribute__((used));
__asm__("report:\n\t"
        "movq %rcx, seen(%rip)\n\t"
        "movq %r11, seen + 8(%rip)\n\t"
        "movq $1, seen + 16(%rip)\n"
        "1:\tpause\n\t"
        "jmp 1b\n");

static struct r4_result attach(uint64_t offset)
{
    return r4_invoke2(WORKER, R4_CALL_THREAD_ATTACH, FRAME, offset);
}

static void make(void)
{
    check_ok("make a frame", call_retype(UNTYPED, R4_TYPE_FRAME, 12, FRAME, 1));
    check_ok("make page tables", call_retype(UNTYPED, R4_TYPE_PAGE_TABLE, 0, TABLES, 2));
    check_ok("make a thread", call_retype(UNTYPED, R4_TYPE_THREAD, 0, WORKER, 1));
    check_ok("configure it", r4_invoke3(WORKER, R4_CALL_THREAD_CONFIGURE, PD,
                                        r4_startup()->cores - 1, r4_startup()->priority));
    for (uint32_t i = 0; i < 2; i++) {
        check_ok("install a table", r4_invoke2(TABLES + i, R4_CALL_PAGE_TABLE_MAP, PD, ADDRESS));
    }
}

static void check_attach(void)
{
    check("attach to what is not mapped", attach(OFFSET), R4_E_STATE, 1);
    check("save without a part", call(R4_CALL_THREAD_SAVE), R4_E_DETACHED, 0);
    check_ok("map", r4_invoke3(FRAME, R4_CALL_FRAME_MAP, PD, ADDRESS, READ_WRITE));
    check("attach to a page table", r4_invoke2(WORKER, R4_CALL_THREAD_ATTACH, TABLES, OFFSET),
          R4_E_TYPE, 1);
    check("attach at an odd place", attach(OFFSET + 8), R4_E_ALIGN, 2);
    check("attach at the end", attach(R4_PAGE_BYTES - 64), R4_E_RANGE, 2);
    check_ok("attach", attach(OFFSET));
    check("attach again", attach(0), R4_E_STATE, 0);
    check("attach another one over it",
          r4_invoke2(THREAD, R4_CALL_THREAD_ATTACH, FRAME, OFFSET + 64), R4_E_RANGE, 2);
    check_ok("attach another one beside it",
             r4_invoke2(THREAD, R4_CALL_THREAD_ATTACH, FRAME, OFFSET + 256));
    check("save oneself", r4_invoke0(THREAD, R4_CALL_THREAD_SAVE), R4_E_STATE, 0);
    check_ok("detach the other one", r4_invoke0(THREAD, R4_CALL_THREAD_DETACH));
}

static void wait_for_count(void)
{
    uint32_t rounds = 0;
    while (__atomic_load_n(&counted, __ATOMIC_RELAXED) == 0 && wait_a_little(&rounds)) {
    }
    check_equal("it counts", __atomic_load_n(&counted, __ATOMIC_RELAXED) != 0, 1);
}

/* A thread is stopped, one of its registers changed, and it goes on with that. */
static void check_debugger(void)
{
    check_ok("start", r4_invoke4(WORKER, R4_CALL_THREAD_START, (uint64_t)count,
                                 (uint64_t)stack + STACK_BYTES - 8, 1, 0));
    wait_for_count();
    check("save a running thread", call(R4_CALL_THREAD_SAVE), R4_E_STATE, 0);
    check_ok("stop it", call(R4_CALL_THREAD_SUSPEND));
    check_ok("save", call(R4_CALL_THREAD_SAVE));
    check_equal("its state", record()->state, R4_THREAD_STATE_STOPPED);
    check_equal("its step", record()->registers[R4_REGISTER_RBX], 1);
    check_equal("times saved", record()->saves, 1);

    uint64_t rip = record()->registers[R4_REGISTER_RIP];
    record()->registers[R4_REGISTER_RIP] = KERNEL;
    struct r4_result r = check("load a kernel address", call(R4_CALL_THREAD_LOAD), R4_E_RANGE, 0);
    check_equal("the register to blame", r.m[0], R4_REGISTER_RIP);
    record()->registers[R4_REGISTER_RIP] = rip;
    record()->registers[R4_REGISTER_RFLAGS] |= UINT64_C(3) << 12;
    r = check("load a privilege", call(R4_CALL_THREAD_LOAD), R4_E_RANGE, 0);
    check_equal("the register to blame then", r.m[0], R4_REGISTER_RFLAGS);
    record()->registers[R4_REGISTER_RFLAGS] &= ~(UINT64_C(3) << 12);

    __atomic_store_n(&counted, 0, __ATOMIC_RELAXED);
    record()->registers[R4_REGISTER_RBX] = STEP;
    check_ok("load", call(R4_CALL_THREAD_LOAD));
    check_equal("it stands still", __atomic_load_n(&counted, __ATOMIC_RELAXED), 0);
    check_ok("resume", call(R4_CALL_THREAD_RESUME));
    wait_for_count();
    check_ok("stop it again", call(R4_CALL_THREAD_SUSPEND));
    check_equal("it counted by the new step", __atomic_load_n(&counted, __ATOMIC_RELAXED) % STEP,
                0);
}

/* A thread that stopped in a system call goes on with all registers as they were loaded. */
static void check_loaded_in_call(void)
{
    uint32_t rounds = 0;
    check_ok("start it to stop itself", r4_invoke4(WORKER, R4_CALL_THREAD_START, (uint64_t)stop,
                                                   (uint64_t)stack + STACK_BYTES - 8, 0, 0));
    while (call(R4_CALL_THREAD_STATE).m[0] != R4_THREAD_STATE_STOPPED && wait_a_little(&rounds)) {
    }
    check_ok("save in a call", call(R4_CALL_THREAD_SAVE));
    check_equal("rip is in rcx", record()->registers[R4_REGISTER_RCX],
                record()->registers[R4_REGISTER_RIP]);
    record()->registers[R4_REGISTER_RIP] = (uint64_t)report;
    record()->registers[R4_REGISTER_RCX] = UINT64_C(0x1111222233334444);
    record()->registers[R4_REGISTER_R11] = UINT64_C(0x5555666677778888);
    check_ok("load in a call", call(R4_CALL_THREAD_LOAD));
    check_ok("resume from the call", call(R4_CALL_THREAD_RESUME));
    for (rounds = 0; __atomic_load_n(&seen[2], __ATOMIC_ACQUIRE) == 0 && wait_a_little(&rounds);) {
    }
    check_equal("its rcx", seen[0], UINT64_C(0x1111222233334444));
    check_equal("its r11", seen[1], UINT64_C(0x5555666677778888));
    check_ok("stop it then", call(R4_CALL_THREAD_SUSPEND));
}

/* Whatever takes the mapping away. */
static void check_detach(void)
{
    check_ok("detach", call(R4_CALL_THREAD_DETACH));
    check("load without a part", call(R4_CALL_THREAD_LOAD), R4_E_DETACHED, 0);
    check("detach again", call(R4_CALL_THREAD_DETACH), R4_E_DETACHED, 0);
    check_ok("attach once more", attach(OFFSET));
    check_ok("unmap", r4_invoke0(FRAME, R4_CALL_FRAME_UNMAP));
    check("save without a frame", call(R4_CALL_THREAD_SAVE), R4_E_DETACHED, 0);
    check_ok("map again", r4_invoke3(FRAME, R4_CALL_FRAME_MAP, PD, ADDRESS, READ_WRITE));
    check("save in another mapping", call(R4_CALL_THREAD_SAVE), R4_E_DETACHED, 0);
    check_ok("attach to that", attach(OFFSET));
    check_ok("take the table out", r4_invoke0(TABLES + 1, R4_CALL_PAGE_TABLE_UNMAP));
    check("save without a page table", call(R4_CALL_THREAD_SAVE), R4_E_DETACHED, 0);
}

void check_parts(void)
{
    make();
    check_attach();
    check_debugger();
    check_loaded_in_call();
    check_detach();
    for (uint32_t slot = WORKER; slot < TABLES + 2; slot++) {
        check_ok("delete", call_delete(slot));
    }
}
