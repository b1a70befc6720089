/* SPDX-License-Identifier: MIT */
/*
 * bounds_cores: takes back mapped frames by one revoke while every other core runs in this address space, so
 * that each of them has to be asked for each frame.
 */
#include <r4/abi/calls.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>

#define AREA      R4_PROGRAM_SLOT_FREE
#define PAGES     (R4_PROGRAM_SLOT_FREE + 1u)  /* two page tables */
#define FRAME     (R4_PROGRAM_SLOT_FREE + 8u)  /* FRAMES of them */
#define THREAD    (R4_PROGRAM_SLOT_FREE + 32u) /* one for each other core */
#define FRAMES    18u
#define AREA_BITS 17u
#define WINDOW    UINT64_C(0x4000000000)

static unsigned wrong;
static uint32_t up;
static char stack[64] __attribute__((aligned(16)));

static void must(const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        r4_printf("bounds_cores: %s: %s\n", what, r4_err_name(err));
        wrong++;
    }
}

/* Needs no stack. */
static void spin(void)
{
    __atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        __builtin_ia32_pause();
    }
}

static void occupy_other_cores(void)
{
    const uint32_t cores = r4_startup()->cores;
    for (uint32_t i = 1; i < cores; i++) {
        const uint32_t t = THREAD + i;
        must("thread", r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_THREAD, 0, 0, t, 1));
        must("configure",
             r4_thread_configure(t, R4_PROGRAM_SLOT_PD, (r4_startup()->core + i) % cores, 50));
        must("start", r4_thread_start(t, (uint64_t)(uintptr_t)spin,
                                      (uint64_t)(uintptr_t)(stack + sizeof stack - 8), 0, 0));
    }
    while (wrong == 0 && __atomic_load_n(&up, __ATOMIC_SEQ_CST) < cores - 1) {
        __builtin_ia32_pause();
    }
}

int main(int argc, char **argv)
{
    uint64_t level;
    (void)argc;
    (void)argv;
    must("area",
         r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_UNTYPED, AREA_BITS, 0, AREA, 1));
    must("tables", r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_PAGE_TABLE, 0, 0, PAGES, 2));
    for (uint32_t i = 0; i < 2; i++) {
        must("table", r4_page_table_map(PAGES + i, R4_PROGRAM_SLOT_PD, WINDOW, &level));
    }
    must("frames", r4_untyped_retype(AREA, R4_TYPE_FRAME, 12, 0, FRAME, FRAMES));
    for (uint32_t i = 0; i < FRAMES; i++) {
        must("map", r4_frame_map(FRAME + i, R4_PROGRAM_SLOT_PD, WINDOW + i * UINT64_C(4096), 3));
    }
    occupy_other_cores();
    must("revoke", r4_cap_revoke(AREA));
    r4_printf("core %u\n", r4_startup()->core);
    return wrong == 0 ? 0 : 1;
}
