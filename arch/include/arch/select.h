/* SPDX-License-Identifier: MIT */
/*
 * Contract: choices that cost the same whichever way they go: no branch, the same instructions, for
 * code whose cost must tell nothing (kernel/window.h).
 *
 * uint64_t arch_select_if_any(uint64_t word, uint64_t bits, uint64_t yes, uint64_t no)    word & bits is not 0
 * uint64_t arch_select_if_equal(uint64_t a, uint64_t b, uint64_t yes, uint64_t no)        a == b
 * uint64_t arch_select_if_below(uint64_t a, uint64_t b, uint64_t yes, uint64_t no)        a < b
 * uint64_t arch_unknown(uint64_t word)    the word, of which the compiler forgets how it was made: one test of it stays one
 */
#pragma once

#include <arch/impl/select.h>
