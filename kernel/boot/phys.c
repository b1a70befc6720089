/* SPDX-License-Identifier: MIT */
/* Owns: bounded reads of physical memory through a view. */
#include <kernel/boot/phys.h>

#define PAGE_BYTES 4096u

const void *phys_overlay_map(void *ctx, uint64_t paddr, size_t bytes)
{
    const struct phys_overlay *overlay = ctx;
    if (paddr != overlay->paddr) {
        return overlay->under->map(overlay->under->ctx, paddr, bytes);
    }
    return bytes <= overlay->bytes ? overlay->copy : NULL;
}

const uint8_t *phys_map(const struct phys_view *view, uint64_t paddr, size_t bytes)
{
    if (bytes == 0 || paddr > UINT64_MAX - (bytes - 1)) {
        return NULL;
    }
    return view->map(view->ctx, paddr, bytes);
}

bool phys_read(const struct phys_view *view, uint64_t paddr, void *dst, size_t bytes)
{
    const uint8_t *from = phys_map(view, paddr, bytes);
    if (from == NULL) {
        return false;
    }
    memcpy(dst, from, bytes);
    return true;
}

/* Page by page: a string may end just before memory that cannot be read. */
enum boot_err phys_read_string(const struct phys_view *view, uint64_t paddr, char *dst,
                               size_t capacity)
{
    size_t done = 0;
    while (done < capacity) {
        size_t chunk = PAGE_BYTES - (size_t)((paddr + done) % PAGE_BYTES);
        if (chunk > capacity - done) {
            chunk = capacity - done;
        }
        if (paddr > UINT64_MAX - done) {
            return BOOT_E_UNREADABLE;
        }
        const uint8_t *from = phys_map(view, paddr + done, chunk);
        if (from == NULL) {
            return BOOT_E_UNREADABLE;
        }
        for (size_t i = 0; i < chunk; i++) {
            dst[done + i] = (char)from[i];
            if (from[i] == 0) {
                return BOOT_OK;
            }
        }
        done += chunk;
    }
    return BOOT_E_STRING_LENGTH;
}
