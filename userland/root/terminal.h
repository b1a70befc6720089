/* SPDX-License-Identifier: MIT */
/*
 * Owns: the terminal of cluster 0's shell: what is written there and what is typed. Once the
 * console server runs
 * (../console), bytes go over the rings shared with it, and waiting is sleeping. Before that, and
 * if the server has ended, output goes by calls of the kernel, and nothing can be typed.
 *
 * Invariants: what was typed is not lost: what does not fit here stays in the ring, what does not
 * fit there in the device.
 */
#ifndef ROOT_TERMINAL_H
#define ROOT_TERMINAL_H

#include "root.h"

/* Starts the console server. Does not return if that fails. */
void terminal_start(struct root *root);

/* As console_write and console_write_raw (console.h). */
void terminal_write(const char *text, size_t bytes);
void terminal_write_raw(const char *bytes, size_t count);

/* Waits until everything that was written has reached the device. */
void terminal_flush(void);

/*
 * The next byte that was typed; sleeps until there is one. Ends the machine if the server has
 * ended.
 */
char terminal_read(void);

/*
 * Whether Ctrl-C was typed; if so, it and what was typed before it are forgotten. Suits
 * r4_process_env.
 */
bool terminal_is_interrupted(void *unused);

/* How often it said yes until now, to anybody; looks at nothing new. */
uint32_t terminal_interrupts(void);

#endif
