/* SPDX-License-Identifier: MIT */
/*
 * Owns: the console and the machine channel as streams of bytes that the kernel writes, on cluster
 * 0.
 * Not here: what people type, and the console once its server runs (terminal.h).
 *
 * Invariants: no control character but newline and tab reaches the console from a program or a
 * peer.
 */
#ifndef ROOT_CONSOLE_H
#define ROOT_CONSOLE_H

#include <stddef.h>

/* Writes text: newline becomes carriage return and newline, other control characters `?`. */
void console_write(const char *text, size_t bytes);
/* Writes bytes as they are. */
void console_write_raw(const char *bytes, size_t count);
/* Cleans text as console_write does and hands it to `raw` in pieces. */
void console_clean(void (*raw)(const char *bytes, size_t count), const char *text, size_t bytes);

void channel_write(const char *bytes, size_t count);

#endif
