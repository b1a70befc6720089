/* SPDX-License-Identifier: MIT */
/*
 * Owns: the words for one use while a call uses them. The granter may write to them at any time and
 * takes no lock: what it wrote is never overwritten.
 */
#include <kernel/proxy.h>

#include <arch/word.h>
#include <kernel/proxy_word.h>

static void replace_busy(struct once_words *once, uint32_t count, bool is_spent)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t grant = once->at[i].grant;

        (void)arch_word_swap(once->at[i].word, proxy_busy(grant), is_spent ? 0 : grant);
    }
}

bool once_claim(struct once_words *once)
{
    for (uint32_t i = 0; i < once->count; i++) {
        const uint64_t grant = once->at[i].grant;

        if (!arch_word_swap(once->at[i].word, grant, proxy_busy(grant))) {
            replace_busy(once, i, false);
            return false;
        }
    }
    return true;
}

void once_give_back(struct once_words *once)
{
    replace_busy(once, once->count, false);
}

void once_spend(struct once_words *once)
{
    replace_busy(once, once->count, true);
}
