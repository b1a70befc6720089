/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls when a function finds its stack canary broken. The canary itself is in
 * struct arch_core, at %gs:40.
 */
#include <kernel/panic.h>

_Noreturn void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
    r4_panic("stack check", "a function's stack canary is broken");
}
