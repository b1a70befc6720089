/* SPDX-License-Identifier: MIT */
/*
 * Owns: how the boot parsers see physical memory: a function that maps a range for reading.
 *
 * Invariants:
 *   (P1) No parser dereferences a physical address by itself; each range goes through `map` with
 *        its whole length before its first byte is read.
 *   (P2) Firmware data has no alignment: fields are read with the load_* accessors.
 *
 * Not here: the mapping itself (the machine's boot code, or a test's array).
 */
#pragma once

#include <kernel/boot/err.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `map` returns NULL when any byte of the range cannot be read. What it returns stays valid and
 * unchanged for as long as the view is in use. */
struct phys_view {
    const void *(*map)(void *ctx, uint64_t paddr, size_t bytes);
    void *ctx;
};

/* A view that shows a changed copy in place of one firmware table: a request that starts at
 * `paddr` is answered from the copy (NULL if it asks for more than `bytes`); every other request
 * goes to `under`, even where the copy is longer than the original and would reach into it. */
struct phys_overlay {
    const struct phys_view *under;
    uint64_t paddr;
    const void *copy;
    size_t bytes;
};

/* The map function of a view whose ctx is a struct phys_overlay. */
const void *phys_overlay_map(void *ctx, uint64_t paddr, size_t bytes);

/* Maps a range; NULL also for an empty range and for one that wraps around. */
const uint8_t *phys_map(const struct phys_view *view, uint64_t paddr, size_t bytes);

/* Copies a range; false (and nothing written) if it cannot be read. */
bool phys_read(const struct phys_view *view, uint64_t paddr, void *dst, size_t bytes);

/* Copies a NUL-terminated string of fewer than `capacity` characters. BOOT_E_UNREADABLE, or
 * BOOT_E_STRING_LENGTH if there is no NUL within `capacity` bytes; dst is then undefined. */
enum boot_err phys_read_string(const struct phys_view *view, uint64_t paddr, char *dst,
                               size_t capacity);

static inline uint16_t load_u16(const uint8_t *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline uint32_t load_u32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline uint64_t load_u64(const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}
