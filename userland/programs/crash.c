/* SPDX-License-Identifier: MIT */
/*
 * crash KIND: does something that ends a program, or makes it hard to end. Bad calls, which must not end
 * it, have the kind `syscall`.
 */
#include "crash_calls.h"
#include "crash_threads.h"

#include <r4/abi/layout.h>
#include <r4/abi/rights.h>
#include <r4/abi/structs.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <stdbool.h>
#include <string.h>

#define NOWHERE UINT64_C(0x10)
#define KERNEL                                                                                     \
    UINT64_C(                                                                                      \
        0xffff800000200000) /* direct map of cluster 0's first granule: mapped there, for the kernel */

static uint64_t load(uint64_t address)
{
    return *(const volatile uint64_t *)address;
}

static int crash_pagefault(void)
{
    return (int)load(NOWHERE);
}

static int crash_jump(void)
{
    ((void (*)(void))NOWHERE)();
    return 0;
}

static int crash_undefined(void)
{
    __asm__ volatile("ud2");
    return 0;
}

static int crash_divide(void)
{
    uint32_t quotient = 1;
    uint32_t high = 0;
    const uint32_t zero = 0;
    __asm__ volatile("divl %2" : "+a"(quotient), "+d"(high) : "r"(zero));
    return (int)quotient;
}

static int crash_privileged(void)
{
    __asm__ volatile("cli");
    return 0;
}

/* Asks where the kernel's descriptor table is; UMIP forbids it. */
static int crash_umip(void)
{
    uint8_t descriptor[10];
    __asm__ volatile("sgdt %0" : "=m"(descriptor));
    return 0;
}

/* Writes below its stack, page by page, until there is no page. */
static int crash_stack(void)
{
    volatile uint8_t *at = (volatile uint8_t *)__builtin_frame_address(0);
    for (;;) {
        at -= 4096;
        *at = 1;
    }
}

static int crash_kernel(void)
{
    return (int)load(KERNEL);
}

/* Writes to the readable view of its own first capability. */
static int crash_view(void)
{
    struct r4_slot_view *own = (struct r4_slot_view *)R4_PROGRAM_VIEWS + R4_PROGRAM_SLOT_TABLE;
    volatile uint64_t *view = &own->view;
    *view |= R4_RIGHTS_DEFINED << R4_CAP_VIEW_RIGHTS_LO;
    return 0;
}

/* Executes what stands there: badges could be instructions. */
static int crash_viewjump(void)
{
    ((void (*)(void))R4_PROGRAM_VIEWS)();
    return 0;
}

/* Claims to have written more than the ring holds. */
static int crash_output(void)
{
    ((volatile struct r4_output *)R4_PROGRAM_OUTPUT)->produced = UINT64_MAX / 2;
    r4_flush();
    for (;;) {
        (void)r4_yield();
    }
}

static const struct kind {
    const char *name;
    int (*act)(void);
} kinds[] = {
    {"pagefault", crash_pagefault},   {"jump", crash_jump},
    {"undefined", crash_undefined},   {"divide", crash_divide},
    {"stack", crash_stack},           {"kernel", crash_kernel},
    {"privileged", crash_privileged}, {"umip", crash_umip},
    {"syscall", crash_calls},         {"view", crash_view},
    {"viewjump", crash_viewjump},     {"output", crash_output},
    {"orphan", crash_orphan},         {"restless", crash_restless},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < KIND_COUNT; i++) {
        if (strcmp(argv[1], kinds[i].name) == 0) {
            return kinds[i].act();
        }
    }
    r4_printf("crash: expected one of:");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        r4_printf(" %s", kinds[i].name);
    }
    r4_printf("\n");
    return 2;
}
