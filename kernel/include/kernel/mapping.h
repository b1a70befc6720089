/* SPDX-License-Identifier: MIT */
/*
 * Owns: the word that says where a frame, page table or table's views are mapped: virtual page number (36 bits),
 * ASID index (12), ASID generation (16). It is only a hint of where to look: the ASID may have gone
 * (generation), or the table above.
 * Pure.
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/layout.h>

/* Index and generation lie side by side, as in layout `asid`. */
#define MAPPING_ASID_SHIFT 36u
_Static_assert(R4_ASID_INDEX_LO == 0 && R4_ASID_INDEX_BITS == R4_ASID_GENERATION_LO &&
                   MAPPING_ASID_SHIFT + R4_ASID_GENERATION_LO + R4_ASID_GENERATION_BITS == 64,
               "the upper bits of a mapping are an ASID");

/* `va` is a user address; `asid` is layout `asid`. */
static inline uint64_t mapping_pack(uint64_t va, uint32_t asid)
{
    return va >> 12 | (uint64_t)asid << MAPPING_ASID_SHIFT;
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
