/* SPDX-License-Identifier: MIT */
/*
 * Contract: words in user memory, reached through the direct map, that user programs change while
 * the kernel looks at them. Each word is read once and written only by what stands here.
 *
 * uint64_t arch_word_load(const uint64_t *word)
 *     One load of 8 bytes, not ordered against others.
 * bool arch_word_swap(uint64_t *word, uint64_t old, uint64_t new_)
 *     Writes `new_` if the word is `old`; false: it is not, and nothing was written. Full barrier.
 * void arch_word_store(uint64_t *word, uint64_t value)
 *     One store of 8 bytes. Who sees it sees what was stored before.
 */
#pragma once

#include <arch/impl/word.h>
