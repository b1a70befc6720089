/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t arch_word_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline bool arch_word_swap(uint64_t *word, uint64_t old, uint64_t new_)
{
    return __atomic_compare_exchange_n(word, &old, new_, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline void arch_word_store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
