/* SPDX-License-Identifier: MIT */
#ifndef ROOT_MAIN_H
#define ROOT_MAIN_H

#include "root.h"

/* Called by start.S with the address of the boot-info page. */
_Noreturn void root_main(const struct r4_bootinfo *info);

#endif
