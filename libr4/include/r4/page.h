/* SPDX-License-Identifier: MIT */
/*
 * Owns: the sizes of pages, and rounding to them. Pure.
 */
#ifndef R4_PAGE_H
#define R4_PAGE_H

#include <stdint.h>

#define R4_PAGE_BITS  12u
#define R4_PAGE_BYTES (UINT64_C(1) << R4_PAGE_BITS)

static inline uint64_t r4_page_floor(uint64_t address)
{
    return address & ~(R4_PAGE_BYTES - 1);
}

/* The caller knows that the result does not overflow. */
static inline uint64_t r4_page_ceil(uint64_t address)
{
    return r4_page_floor(address + R4_PAGE_BYTES - 1);
}

#endif
