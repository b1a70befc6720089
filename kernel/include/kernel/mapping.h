/* SPDX-License-Identifier: MIT */
/*
 * Owns: the word that says where a frame, page table or table's views are mapped: virtual page number (36 bits),
 * ASID index (12), ASID generation (16). It is only a hint of where to look: the ASID may have gone
 * (generation), or the table above.
 * Pure.
 */
#pragma once

#include <kernel/types.h>

static inline uint64_t mapping_pack(uint64_t va, uint32_t asid_index, uint16_t generation)
{
    return (va >> 12 & ((UINT64_C(1) << 36) - 1)) | (uint64_t)asid_index << 36 |
           (uint64_t)generation << 48;
}

static inline uint64_t mapping_address(uint64_t word)
{
    return word << 28 >> 16;
}

static inline uint32_t mapping_asid_index(uint64_t word)
{
    return (uint32_t)(word >> 36 & 0xfffu);
}

static inline uint16_t mapping_generation(uint64_t word)
{
    return (uint16_t)(word >> 48);
}
