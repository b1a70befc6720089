/* SPDX-License-Identifier: MIT */
/*
 * parts [ROUNDS]: one thread loads and saves another one's registers through a user part, while a third one, on another core,
 * writes into the record as fast as it can: values that are allowed, and values that are not. What is loaded must be allowed,
 * register by register, whatever the record held before and afterwards. Now and then the thread that is loaded runs.
 */
#include <r4/abi/enums.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/structs.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>
#include <stdbool.h>

#define FRAME       R4_PROGRAM_SLOT_FREE
#define TABLES      (R4_PROGRAM_SLOT_FREE + 1u)
#define SUBJECT     (R4_PROGRAM_SLOT_FREE + 4u)
#define SCRIBBLER   (R4_PROGRAM_SLOT_FREE + 5u)
#define ADDRESS     R4_PROGRAM_FREE
#define OFFSET      1024u
#define ROUNDS      10000u
#define ROUNDS_MAX  (100u * ROUNDS)
#define SAVE_EVERY  4u
#define RUN_EVERY   64u
#define REGISTERS   18u
#define STACK_BYTES 4096u
#define STACK_A     UINT64_C(0x11110000)
#define STACK_B     UINT64_C(0x22220000)
#define FLAGS_A     UINT64_C(0x202)
#define FLAGS_B     UINT64_C(0x246)
#define PATTERN_A   UINT64_C(0x5555555555555500)
#define PATTERN_B   UINT64_C(0xaaaaaaaaaaaaaa00)
#define KERNEL      UINT64_C(0xffff800000001000)
#define HOLE        UINT64_C(0x0000800000000000)
#define PRIVILEGE   UINT64_C(0x3202) /* flags with IOPL 3 */

/* Two loops that change no register. */
extern const uint8_t loop_a[];
extern const uint8_t loop_b[];
__asm__(".globl loop_a, loop_b\n"
        "loop_a: jmp loop_a\n"
        "loop_b: jmp loop_b\n");

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint64_t wrong;
static bool is_over;

static volatile struct r4_thread_part *record(void)
{
    return (volatile struct r4_thread_part *)(ADDRESS + OFFSET);
}

static void must(const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        r4_printf("parts: %s: %s\n", what, r4_err_name(err));
        wrong++;
    }
}

/* The two values that a register may have here, and one that it must not have. */
static void values_of(uint32_t number, uint64_t value[3])
{
    switch (number) {
    case R4_REGISTER_RIP:
        value[0] = (uint64_t)loop_a;
        value[1] = (uint64_t)loop_b;
        value[2] = KERNEL;
        break;
    case R4_REGISTER_RSP:
        value[0] = STACK_A;
        value[1] = STACK_B;
        value[2] = HOLE;
        break;
    case R4_REGISTER_RFLAGS:
        value[0] = FLAGS_A;
        value[1] = FLAGS_B;
        value[2] = PRIVILEGE;
        break;
    default:
        value[0] = PATTERN_A + number;
        value[1] = PATTERN_B + number;
        value[2] = value[0];
        break;
    }
}

static void fill(void)
{
    for (uint32_t i = 0; i < REGISTERS; i++) {
        uint64_t value[3];
        values_of(i, value);
        record()->registers[i] = value[0];
    }
}

static void scribble(uint64_t seed)
{
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
        for (uint32_t i = 0; i < REGISTERS; i++) {
            uint64_t value[3];
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            values_of(i, value);
            record()->registers[i] = value[(seed >> 33) % 3];
        }
        record()->state = seed;
        record()->priority = seed;
    }
    for (;;) {
        (void)r4_thread_suspend(SCRIBBLER);
    }
}

static void check_registers(void)
{
    uint64_t reg[REGISTERS];
    for (uint8_t first = 0; first < REGISTERS; first += 6) {
        uint64_t *r = &reg[first];
        must("registers",
             r4_thread_registers(SUBJECT, first, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5]));
    }
    for (uint32_t i = 0; i < REGISTERS; i++) {
        uint64_t value[3];
        values_of(i, value);
        if (reg[i] != value[0] && reg[i] != value[1]) {
            r4_printf("parts: %s is 0x%lx\n", r4_register_name(i), reg[i]);
            wrong++;
        }
    }
}

static void run_a_little(void)
{
    must("resume", r4_thread_resume(SUBJECT));
    must("yield", r4_yield());
    must("suspend", r4_thread_suspend(SUBJECT));
}

/* Until enough loads were made, and some of them refused: at most so many that a run ends. */
static void race(void)
{
    uint64_t taken = 0;
    uint64_t refused = 0;
    uint64_t rounds = 0;
    while (rounds < ROUNDS_MAX && (rounds < ROUNDS || taken == 0 || refused == 0)) {
        enum r4_err err = r4_thread_load(SUBJECT);
        taken += err == R4_OK;
        refused += err == R4_E_RANGE;
        check_registers();
        rounds++;
        if (rounds % SAVE_EVERY == 0) {
            must("save", r4_thread_save(SUBJECT));
        }
        if (rounds % RUN_EVERY == 0) {
            run_a_little();
        }
    }
    r4_printf("parts: %lu loads, %lu taken, %lu refused, %lu wrong\n", rounds, taken, refused,
              wrong);
    wrong += taken == 0 || refused == 0 || taken + refused != rounds;
}

static void make_record(void)
{
    must("frame", r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_FRAME, 12, 0, FRAME, 1));
    must("page tables",
         r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_PAGE_TABLE, 0, 0, TABLES, 2));
    for (uint32_t i = 0; i < 2; i++) {
        must("page table", r4_page_table_map(TABLES + i, R4_PROGRAM_SLOT_PD, ADDRESS, NULL));
    }
    must("map", r4_frame_map(FRAME, R4_PROGRAM_SLOT_PD, ADDRESS, R4_RIGHT_READ | R4_RIGHT_WRITE));
}

/* The subject never starts but by a load. */
static void make_threads(void)
{
    const struct r4_thread_spec spec = {
        .entry = scribble,
        .arg = 1,
        .stack = stack,
        .stack_bytes = sizeof stack,
        .core = (r4_startup()->core + 1) % r4_startup()->cores,
        .priority = (uint8_t)r4_startup()->priority,
    };
    must("thread", r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_THREAD, 0, 0, SUBJECT, 1));
    must("configure", r4_thread_configure(SUBJECT, R4_PROGRAM_SLOT_PD, r4_startup()->core,
                                          (uint8_t)r4_startup()->priority));
    must("attach", r4_thread_attach(SUBJECT, FRAME, OFFSET));
    fill();
    must("load", r4_thread_load(SUBJECT));
    must("scribbler", r4_thread_make(SCRIBBLER, &spec));
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    make_record();
    make_threads();
    race();
    __atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
    must("unmap", r4_frame_unmap(FRAME));
    must("save without a frame", r4_thread_save(SUBJECT) == R4_E_DETACHED ? R4_OK : R4_E_STATE);
    return wrong == 0 ? 0 : 1;
}
