/* SPDX-License-Identifier: MIT */
/* Owns: the contract arch/word.h on the host. */
#include <arch/word.h>
#include <host/machine.h>

static void meet(enum host_word_access access, const uint64_t *word)
{
    if (host.on_word != NULL) {
        host.on_word(access, word);
    }
}

uint64_t arch_word_load(const uint64_t *word)
{
    meet(HOST_WORD_LOAD, word);
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

bool arch_word_swap(uint64_t *word, uint64_t old, uint64_t new_)
{
    meet(HOST_WORD_SWAP, word);
    return __atomic_compare_exchange_n(word, &old, new_, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void arch_word_store(uint64_t *word, uint64_t value)
{
    meet(HOST_WORD_STORE, word);
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
