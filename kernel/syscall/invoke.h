/* SPDX-License-Identifier: MIT */
/* Owns: calls of the table. The thread is the one that runs here; `word` is its call register. */
#pragma once

#include <kernel/types.h>
#include <r4/abi/errors.h>

struct core;
struct thread;

/* From the door on: as kernel_call_begin (entry.h). */
struct thread *invoke_call(struct core *core, uint64_t word);

/* The reply of a call that is refused: about which argument (layout `reply`). */
void invoke_refuse(struct thread *t, enum r4_err err, uint32_t detail);

/* The call alone, which is one of the table. The lock is held, and the choice is the caller's. */
void invoke_any(struct core *core, struct thread *t, uint64_t word);
