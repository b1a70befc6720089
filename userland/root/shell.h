/* SPDX-License-Identifier: MIT */
/*
 * Owns: where commands come from on cluster 0: the file etc/script of the boot archive, or the console.
 */
#ifndef ROOT_SHELL_H
#define ROOT_SHELL_H

#include "root.h"

_Noreturn void shell_run(struct root *root);

#endif
