/* SPDX-License-Identifier: MIT */
/*
 * Owns: how the parts of a program's start and end fit together; private to libr4.
 */
#ifndef R4_START_H
#define R4_START_H

#include <r4/startup.h>

/* Called by start.S with the startup record. */
_Noreturn void r4_start(const struct r4_startup *record);

/* Makes the output usable. */
void r4_output_start(void);
/* Shows all output, then announces the exit status. */
void r4_output_end(uint32_t status);

#endif
