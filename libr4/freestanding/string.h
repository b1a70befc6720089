/* SPDX-License-Identifier: MIT */
/*
 * Owns: the declarations of src/string.c, under the name that pure files include. Only programs for R4
 * have this folder on their include path; host tests have their C library's header.
 */
#ifndef R4_STRING_H
#define R4_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);

#endif
