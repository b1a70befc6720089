/* SPDX-License-Identifier: MIT */
/*
 * Owns: the arithmetic of untyped memory. `extra` of an untyped slot holds
 *   watermark: bytes handed out from the start, in units of 32 (35 bits from bit 0)
 *   zeroed:    bytes from the start that were zeroed at some time, in units of 4096 (28 bits from
 *   bit 35). Bytes from the watermark up to `zeroed` are zero; bytes above both are dirty. `zeroed`
 *   may lie below the watermark: memory that becomes an untyped is not zeroed on the way.
 *
 * Invariants
 * (untyped I1) Every child lies inside [start, start + watermark).
 * (untyped I2) [watermark, zeroed) reads as zero. An untyped below 4096 bytes is clean as a whole
 * above its watermark.
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <kernel/slot.h>
#include <r4/abi/errors.h>

struct untyped_state {
    uint64_t watermark_bytes;
    uint64_t zeroed_bytes;
};

uint64_t untyped_pack(struct untyped_state state);
struct untyped_state untyped_unpack(uint64_t extra);

/*
 * Where the next retype of the untyped in `s` starts. One that has handed out memory and has no
 * children starts again: all of it counts as dirty.
 */
struct untyped_state untyped_state_of(const struct slot *s);

/*
 * Where `count` objects of 2^bits bytes go in an untyped of 2^size_bits bytes whose watermark is
 * `watermark`: offset of the first, aligned to the object size. R4_E_MEMORY if they do not fit.
 * Addresses are aligned to the untyped's size.
 */
R4_MUST_USE enum r4_err untyped_carve(uint8_t size_bits, uint64_t watermark, uint8_t bits,
                                      uint32_t count, uint64_t *offset);
