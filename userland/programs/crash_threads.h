/* SPDX-License-Identifier: MIT */
/*
 * Owns: programs that end while another thread of theirs goes on.
 */
#ifndef PROGRAMS_CRASH_THREADS_H
#define PROGRAMS_CRASH_THREADS_H

/* Exits while another thread spins. */
int crash_orphan(void);

/* Exits while another thread moves its capabilities from slot to slot. */
int crash_restless(void);

#endif
