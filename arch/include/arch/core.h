/* SPDX-License-Identifier: MIT */
/*
 * Contract: struct arch_core, the arch's part of the per-core block (arch/impl/core.h), and
 *
 * struct core *arch_this_core(void)      the block of the core that executes
 * uint64_t arch_cycles(void)             time-stamp counter
 * uint64_t arch_now_ns(const struct core *)   nanoseconds since boot
 * void arch_pause(void)                  in every spin loop
 * bool arch_interrupt_pending(struct core *)  whether an interrupt waits; interrupts are off
 * void arch_set_return_stack(struct core *, struct thread *)  the thread into whose context entries save from now on
 * bool arch_stacks_are_intact(const struct core *)  whether the words at the bottom of the core's stacks are untouched
 */
#pragma once

#include <arch/impl/core.h>
