/* SPDX-License-Identifier: MIT */
/*
 * Owns: the console and the machine channel as streams of bytes, on cluster 0.
 *
 * Invariants: no control character but newline and tab reaches the console from a program or a peer.
 */
#ifndef ROOT_CONSOLE_H
#define ROOT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes text: newline becomes carriage return and newline, other control characters `?`. */
void console_write(const char *text, size_t bytes);
/* Writes bytes as they are. */
void console_write_raw(const char *bytes, size_t count);
/* The next byte that was typed; false if there is none. */
bool console_read(char *out);

void channel_write(const char *bytes, size_t count);

#endif
