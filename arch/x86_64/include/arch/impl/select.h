/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

static inline uint64_t arch_select_if_any(uint64_t word, uint64_t bits, uint64_t yes, uint64_t no)
{
    __asm__("testq %2, %1\n\tcmovneq %3, %0" : "+&r"(no) : "r"(word), "er"(bits), "r"(yes) : "cc");
    return no;
}

static inline uint64_t arch_select_if_equal(uint64_t a, uint64_t b, uint64_t yes, uint64_t no)
{
    __asm__("cmpq %2, %1\n\tcmoveq %3, %0" : "+&r"(no) : "r"(a), "er"(b), "r"(yes) : "cc");
    return no;
}

static inline uint64_t arch_select_if_below(uint64_t a, uint64_t b, uint64_t yes, uint64_t no)
{
    __asm__("cmpq %2, %1\n\tcmovbq %3, %0" : "+&r"(no) : "r"(a), "er"(b), "r"(yes) : "cc");
    return no;
}

static inline uint64_t arch_unknown(uint64_t word)
{
    __asm__("" : "+r"(word));
    return word;
}
