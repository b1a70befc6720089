/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the simulation remembers of each thread's program: what it left in the FPU, and the
 * call under way. By cluster and thread number, which is never reused.
 */
#pragma once

#include <kernel/core.h>
#include <kernel/thread.h>

/* Forgets everything. */
void sim_user_reset(void);
/* Remembers what is known now; makes that what is known again. */
void sim_user_keep(void);
void sim_user_return(void);

/* The core enters the kernel. */
void sim_user_leave(const struct core *core);
/*
 * After any entry: if another program than before computes on the core, or it entered the kernel
 * meanwhile, the FPU must hold what that program left there; then it leaves something else.
 */
void sim_user_enter(struct core *core);

/* The thread is about to execute a call instruction where its instruction pointer stands. */
void sim_user_begin_call(const struct thread *t);
/* It stands there again. */
bool sim_user_must_repeat(const struct thread *t);
/* thread_start gave it fresh registers. */
void sim_user_restart(const struct thread *t);
