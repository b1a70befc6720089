/* SPDX-License-Identifier: MIT */
/*
 * fpu [ROUNDS]: two threads on one core keep different values in all SSE registers while they preempt
 * each other: in every other round by yielding, else by the timer. Each looks at its registers after every
 * round.
 */
#include "number.h"

#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <r4/thread.h>

#define ROUNDS_DEFAULT 2000u
#define SPIN           20000u
#define STACK_BYTES    4096u
#define DONE_SLOT      R4_PROGRAM_SLOT_FREE
#define OTHER_SLOT     (R4_PROGRAM_SLOT_FREE + 1u)

static uint64_t rounds;
static uint64_t lost_by_other;
static uint32_t other_is_done;
static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));

/*
 * Loads `value` into both halves of xmm0 to xmm15, spins, makes one call, and says how many registers
 * have not got it any more. The call keeps all registers but rax, rcx and r11.
 */
static uint64_t keep(uint64_t value, uint64_t call)
{
    uint64_t other_bits = 0;
    uint64_t spin = SPIN;
    __asm__ volatile("movq %[value], %%xmm0\n\tpunpcklqdq %%xmm0, %%xmm0\n\t"
                     ".irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
                     "movdqa %%xmm0, %%xmm\\n\n\t"
                     ".endr\n\t"
                     "1: decq %[spin]\n\tjnz 1b\n\t"
                     "movq %[call], %%rax\n\tsyscall\n\t"
                     "movq %[value], %%rax\n\tmovq %%rax, %%rcx\n\t"
                     ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
                     "movq %%xmm\\n, %%r11\n\txorq %%rax, %%r11\n\torq %%r11, %[bits]\n\t"
                     "psrldq $8, %%xmm\\n\n\t"
                     "movq %%xmm\\n, %%r11\n\txorq %%rax, %%r11\n\torq %%r11, %[bits]\n\t"
                     ".endr\n\t"
                     : [bits] "+r"(other_bits), [spin] "+r"(spin)
                     : [value] "r"(value), [call] "r"(call)
                     : "rax", "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
                       "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
                       "xmm14", "xmm15");
    return other_bits;
}

/* Rounds in which some register lost its value. */
static uint64_t count_lost(uint64_t seed)
{
    uint64_t lost = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        lost += keep(seed + i, i % 2 == 0 ? R4_CALL_YIELD : R4_CALL_NULL) != 0;
    }
    return lost;
}

static void other(uint64_t seed)
{
    lost_by_other = count_lost(seed);
    /* Pairs with the acquire in main. */
    __atomic_store_n(&other_is_done, 1, __ATOMIC_RELEASE);
    (void)r4_notification_signal(DONE_SLOT);
    for (;;) {
        (void)r4_thread_suspend(OTHER_SLOT);
    }
}

static enum r4_err start_other(void)
{
    const struct r4_thread_spec spec = {
        .entry = other,
        .arg = UINT64_C(0x5555aaaa00000000),
        .stack = stack,
        .stack_bytes = sizeof stack,
        .core = r4_startup()->core,
        .priority = (uint8_t)r4_startup()->priority,
    };
    enum r4_err err =
        r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_NOTIFICATION, 0, 0, DONE_SLOT, 1);
    return err == R4_OK ? r4_thread_make(OTHER_SLOT, &spec) : err;
}

int main(int argc, char **argv)
{
    rounds = ROUNDS_DEFAULT;
    if (argc > 2 || (argc == 2 && !number_parse_count(argv[1], &rounds))) {
        r4_printf("fpu: expected [ROUNDS], at least 1 round\n");
        return 2;
    }
    enum r4_err err = start_other();
    uint64_t lost = err == R4_OK ? count_lost(UINT64_C(0x1234567800000000)) : 0;
    while (err == R4_OK && __atomic_load_n(&other_is_done, __ATOMIC_ACQUIRE) == 0) {
        err = r4_notification_wait(DONE_SLOT, NULL);
    }
    if (err != R4_OK) {
        r4_printf("fpu: %s: %s\n", r4_err_name(err), r4_err_text(err));
        return 1;
    }
    r4_printf("fpu: values lost in %lu and %lu of %lu rounds\n", lost, lost_by_other, rounds);
    return lost == 0 && lost_by_other == 0 ? 0 : 1;
}
