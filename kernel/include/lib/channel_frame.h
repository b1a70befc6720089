/* SPDX-License-Identifier: MIT */
/*
 * Owns: the form of one record on the machine channel:
 *   0x1e "R4 " LLLL " " CCCCCCCC " " JSON "\n"
 * LLLL is the number of bytes of JSON in 4 hexadecimal digits, CCCCCCCC their CRC-32 (IEEE 802.3),
 * lower case.
 *
 * Invariants
 * (frame I1) 0x1e and newline stand in a frame only at its start and end, so a reader that lost its
 *     place finds it again.
 * Pure. Used by the kernel (panic) and by user programs.
 */
#pragma once

#include <stddef.h>

#define CHANNEL_FRAME_HEADER_BYTES 18u
#define CHANNEL_FRAME_EXTRA_BYTES  (CHANNEL_FRAME_HEADER_BYTES + 1u) /* beyond the JSON itself */
#define CHANNEL_FRAME_JSON_MAX     0xffffu

/*
 * Writes the frame of `json` (which does not lie in `out`); returns its length. 0, and nothing is
 * written, if it does not fit into `capacity`, or the JSON is too long or has a byte outside of
 * printable ASCII.
 */
size_t channel_frame_encode(char *out, size_t capacity, const char *json, size_t json_bytes);
