/* SPDX-License-Identifier: MIT */
/*
 * odd_flags: two threads of one core take turns for ever, both with the direction and the alignment-check
 * flag set, so that each interrupt of the timer meets them.
 */
#include <r4/program.h>
#include <r4/thread.h>

#define WORKER R4_PROGRAM_SLOT_FREE
#define FLAGS  (1u << 10 | 1u << 18)

static uint8_t stack[4096] __attribute__((aligned(16)));

/* Touches no memory once the flags are set. */
static void spin(uint64_t unused)
{
    (void)unused;
    __asm__ volatile("pushfq\n\torq %0, (%%rsp)\n\tpopfq\n1:\tpause\n\tjmp 1b" : : "i"(FLAGS));
}

int main(int argc, char **argv)
{
    const struct r4_thread_spec spec = {.entry = spin,
                                        .stack = stack,
                                        .stack_bytes = sizeof stack,
                                        .core = r4_startup()->core,
                                        .priority = (uint8_t)r4_startup()->priority};
    (void)argc;
    (void)argv;
    if (r4_thread_make(WORKER, &spec) == R4_OK) {
        spin(0);
    }
    return 1;
}
