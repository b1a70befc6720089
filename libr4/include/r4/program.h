/* SPDX-License-Identifier: MIT */
/*
 * Owns: what a program has from its start: its startup record, its output, its end.
 *
 * Locking: output is written by one thread at a time; the caller sees to that.
 * Not here: the root task, which has a different start and none of this.
 */
#ifndef R4_PROGRAM_H
#define R4_PROGRAM_H

#include <r4/startup.h>
#include <stddef.h>

/* Every program defines it; its result is the exit status. argv[argc] is NULL. */
int main(int argc, char **argv);

/* The startup record. */
const struct r4_startup *r4_startup(void);

/* Writes text to the output; waits for room. Shown at the next newline, flush or exit. */
void r4_write(const char *text, size_t bytes);
/* Formats (see <r4/format.h>) to the output. */
void r4_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Has everything written so far shown. */
void r4_flush(void);

/* Shows the output and ends the program. */
_Noreturn void r4_exit(int status);

#endif
