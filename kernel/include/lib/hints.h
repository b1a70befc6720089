/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the hot ways tell the compiler: which branch is usual, and what is to be part of its caller
 * or not. Nothing depends on it but the number of instructions (docs/bench.md).
 */
#pragma once

#define LIKELY(x)     __builtin_expect((x), 1)
#define UNLIKELY(x)   __builtin_expect((x), 0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
/* Off the way of the usual case, or kept apart so that its registers are not its callers'. */
#define NOINLINE __attribute__((noinline))
