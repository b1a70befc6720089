/* SPDX-License-Identifier: MIT */
/* quiet_fault: one of its threads divides by zero, another one is told; nothing is printed. */
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <stdbool.h>

#define FAULTS R4_PROGRAM_SLOT_FREE
#define WORKER (R4_PROGRAM_SLOT_FREE + 1u)
#define BADGED (R4_PROGRAM_SLOT_FREE + 2u)

static uint8_t stack[4096] __attribute__((aligned(16)));

static void divide(uint64_t by)
{
    uint64_t quotient = 1;
    uint64_t high = 0;
    __asm__ volatile("divq %2" : "+a"(quotient), "+d"(high) : "r"(by));
}

static bool prepare(void)
{
    const r4_cap memory = R4_PROGRAM_SLOT_UNTYPED;
    const uint8_t priority = (uint8_t)r4_startup()->priority;
    return r4_untyped_retype(memory, R4_TYPE_NOTIFICATION, 0, 0, FAULTS, 1) == R4_OK &&
           r4_cap_mint(FAULTS, 0, BADGED, 1) == R4_OK &&
           r4_untyped_retype(memory, R4_TYPE_THREAD, 0, 0, WORKER, 1) == R4_OK &&
           r4_thread_configure(WORKER, R4_PROGRAM_SLOT_PD, r4_startup()->core, priority) == R4_OK &&
           r4_thread_bind_fault(WORKER, BADGED) == R4_OK &&
           r4_thread_start(WORKER, (uint64_t)divide, (uint64_t)(stack + sizeof stack - 8), 0, 0) ==
               R4_OK;
}

int main(int argc, char **argv)
{
    uint64_t bits = 0;
    (void)argc;
    (void)argv;
    return prepare() && r4_notification_wait(FAULTS, &bits) == R4_OK && bits == 1 ? 0 : 1;
}
