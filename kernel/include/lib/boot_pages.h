/* SPDX-License-Identifier: MIT */
/*
 * Owns: the only allocator there is: it takes memory off the bottom of a cluster's granules at boot
 * and never gives back. What is left when boot ends becomes untyped; then the allocator is gone.
 * Pure over the memory given: `pointer` turns a physical address into a pointer.
 * Locking: none; the boot core.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOOT_PAGES_RUNS_MAX 32u

struct boot_pages_run {
    uint64_t base;
    uint64_t bytes;
};

struct boot_pages {
    struct boot_pages_run run[BOOT_PAGES_RUNS_MAX]; /* what is left, ascending */
    uint32_t count;
    uint64_t taken_bytes;
    void *(*pointer)(uint64_t paddr);
};

/*
 * Takes `bytes` (a multiple of 4096) aligned to `align` (a power of two, at least 4096) from the
 * first run that has room, zeroed. What alignment skips stays available. Returns its physical
 * address, or 0 if nothing fits (address 0 is never handed out).
 */
uint64_t boot_pages_take(struct boot_pages *pages, uint64_t bytes, uint64_t align);

/* The same as a pointer, NULL if nothing fits. */
void *boot_pages_take_pointer(struct boot_pages *pages, uint64_t bytes, uint64_t align);
