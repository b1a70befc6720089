/* SPDX-License-Identifier: MIT */
/* The end: the kernel found its own state broken. Always a kernel bug, never a user's mistake. */
#pragma once

/*
 * Writes where and what to the console and the machine channel and ends the machine with exit
 * status PANIC.
 */
_Noreturn void r4_panic(const char *where, const char *what);

#define R4_STRING_(x) #x
#define R4_STRING(x)  R4_STRING_(x)
#define R4_ASSERT(condition)                                                                       \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            r4_panic(__FILE_NAME__ ":" R4_STRING(__LINE__), #condition);                           \
        }                                                                                          \
    } while (0)
