/* SPDX-License-Identifier: MIT */
#include <lib/channel_frame.h>
#include <lib/fmt.h>
#include <stdbool.h>
#include <string.h>

/* Reflected polynomial of CRC-32, half a byte at a time. */
static uint32_t crc32(const char *bytes, size_t count)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        crc ^= (unsigned char)bytes[i];
        crc = crc >> 4 ^ table[crc & 0xfu];
        crc = crc >> 4 ^ table[crc & 0xfu];
    }
    return ~crc;
}

static bool is_printable(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned char byte = (unsigned char)bytes[i];

        if (byte < 0x20 || byte > 0x7e) {
            return false;
        }
    }
    return true;
}

size_t channel_frame_encode(char *out, size_t capacity, const char *json, size_t json_bytes)
{
    if (json_bytes > CHANNEL_FRAME_JSON_MAX || capacity < json_bytes + CHANNEL_FRAME_EXTRA_BYTES ||
        !is_printable(json, json_bytes)) {
        return 0;
    }
    static const char start[] = {0x1e, 'R', '4', ' '};
    size_t at = sizeof start;

    memcpy(out, start, sizeof start);
    at += fmt_hex(out + at, json_bytes, 4);
    out[at++] = ' ';
    at += fmt_hex(out + at, crc32(json, json_bytes), 8);
    out[at++] = ' ';
    memcpy(out + at, json, json_bytes);
    at += json_bytes;
    out[at++] = '\n';
    return at;
}
