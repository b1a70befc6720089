/* SPDX-License-Identifier: MIT */
/*
 * Owns: further threads of a program, from its own memory and in its own protection domain.
 */
#ifndef R4_THREAD_H
#define R4_THREAD_H

#include <r4/abi/errors.h>
#include <stddef.h>
#include <stdint.h>

struct r4_thread_spec {
    void (*entry)(uint64_t arg); /* must not return */
    uint64_t arg;
    void *stack; /* lowest byte; 16-byte aligned */
    size_t stack_bytes;
    uint32_t core;
    uint8_t priority;
};

/*
 * Makes a thread out of R4_PROGRAM_SLOT_UNTYPED in the empty slot `slot` of the program's table,
 * and starts it. Errors: those of untyped_retype, thread_configure, thread_start.
 */
enum r4_err r4_thread_make(uint32_t slot, const struct r4_thread_spec *spec);

#endif
