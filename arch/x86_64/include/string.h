/* SPDX-License-Identifier: MIT */
/* The part of <string.h> that the freestanding kernel has; string.S has the code. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);
