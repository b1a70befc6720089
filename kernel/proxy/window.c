/* SPDX-License-Identifier: MIT */
#include <kernel/window.h>

#include <lib/hints.h>

/* Read-only. */
const struct window_nobody window_none;

struct pd *window_nobody(void)
{
    return (struct pd *)(uintptr_t)&window_none.pd;
}

NOINLINE uint64_t *window_word(const struct pd *pd, uint32_t index, uint64_t leaf_bit)
{
    return window_walk(pd, index, leaf_bit);
}
