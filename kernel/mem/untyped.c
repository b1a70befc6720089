/* SPDX-License-Identifier: MIT */
/* Owns: the packing of an untyped's state, and where objects go. */
#include <kernel/untyped.h>

#include <kernel/derive.h>

#define WATERMARK_UNIT_BITS 5u
#define WATERMARK_BITS      35u
#define ZEROED_UNIT_BITS    12u

uint64_t untyped_pack(struct untyped_state state)
{
    return state.watermark_bytes >> WATERMARK_UNIT_BITS |
           state.zeroed_bytes >> ZEROED_UNIT_BITS << WATERMARK_BITS;
}

struct untyped_state untyped_unpack(uint64_t extra)
{
    const uint64_t watermark = extra & ((UINT64_C(1) << WATERMARK_BITS) - 1u);

    return (struct untyped_state){
        .watermark_bytes = watermark << WATERMARK_UNIT_BITS,
        .zeroed_bytes = extra >> WATERMARK_BITS << ZEROED_UNIT_BITS,
    };
}

struct untyped_state untyped_state_of(const struct slot *s)
{
    const struct untyped_state state = untyped_unpack(s->extra);

    if (state.watermark_bytes > 0 && !derive_has_children(s)) {
        return (struct untyped_state){0};
    }
    return state;
}

enum r4_err untyped_carve(uint8_t size_bits, uint64_t watermark, uint8_t bits, uint32_t count,
                          uint64_t *offset)
{
    const uint64_t size = UINT64_C(1) << size_bits;
    uint64_t unit;
    uint64_t first;

    if (bits > size_bits || watermark > size) {
        return R4_E_MEMORY;
    }
    unit = UINT64_C(1) << bits;
    first = (watermark + unit - 1u) & ~(unit - 1u);
    if (first > size || count > (size - first) >> bits) {
        return R4_E_MEMORY;
    }
    *offset = first;
    return R4_OK;
}
