/* SPDX-License-Identifier: MIT */
/*
 * Owns: counting which results were the expected ones; a wrong one is printed.
 */
#ifndef SYSCHECK_CHECK_H
#define SYSCHECK_CHECK_H

#include <r4/abi/calls.h>
#include <r4/abi/enums.h>
#include <r4/abi/errors.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/invoke.h>
#include <r4/program.h>
#include <stdbool.h>

#define TABLE   R4_PROGRAM_SLOT_TABLE
#define PD      R4_PROGRAM_SLOT_PD
#define THREAD  R4_PROGRAM_SLOT_THREAD
#define OUTPUT  R4_PROGRAM_SLOT_OUTPUT
#define UNTYPED R4_PROGRAM_SLOT_UNTYPED

/* Each part makes what it needs in slots from here on and deletes it again. */
#define SLOT(n) (R4_PROGRAM_SLOT_FREE + (n))

/* The result must be this error about this argument; R4_OK with detail 0. Returns it. */
struct r4_result check(const char *what, struct r4_result result, enum r4_err err, uint32_t detail);
/* The call must succeed. */
struct r4_result check_ok(const char *what, struct r4_result result);
/* The number must be the wanted one. */
void check_equal(const char *what, uint64_t got, uint64_t wanted);

/* Calls that all parts make. */
struct r4_result call_delete(uint32_t slot);
struct r4_result call_identify(uint32_t slot);
struct r4_result call_retype(uint32_t untyped, enum r4_type type, uint8_t bits, uint32_t dest,
                             uint32_t count);

/* Lets others run, at most so often that a test that hangs ends; true while it may go on. */
bool wait_a_little(uint32_t *rounds);

/* Of all checks so far. */
uint32_t checks_made(void);
uint32_t checks_wrong(void);

/* The parts. */
void check_caps(void);
void check_views(void);
void check_revoke(void);
void check_memory(void);
void check_threads(void);
void check_pager(void);
void check_parts(void);
void check_signals(void);

#endif
