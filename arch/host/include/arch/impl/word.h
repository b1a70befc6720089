/* SPDX-License-Identifier: MIT */
/*
 * Every access passes `host.on_word` first, if there is one: that is where a test lets other cores'
 * programs run, and counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

uint64_t arch_word_load(const uint64_t *word);
bool arch_word_swap(uint64_t *word, uint64_t old, uint64_t new_);
void arch_word_store(uint64_t *word, uint64_t value);
