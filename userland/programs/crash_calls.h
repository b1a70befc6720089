/* SPDX-License-Identifier: MIT */
/*
 * Owns: bad system calls, each with the one error that it must give.
 */
#ifndef PROGRAMS_CRASH_CALLS_H
#define PROGRAMS_CRASH_CALLS_H

/* Makes all of them and prints each. 0 if every error and detail was the expected one, else 1. */
int crash_calls(void);

#endif
