/* SPDX-License-Identifier: MIT */
/*
 * Owns: physical memory for tests: a few regions, each in a heap block of exactly its size, so that
 * the address sanitizer sees any read past the end of a region.
 */
#pragma once

#include <kernel/boot/phys.h>

#define FAKE_PHYS_REGIONS 24

struct fake_region {
    uint64_t paddr;
    size_t bytes;
    uint8_t *data;
};

struct fake_phys {
    struct fake_region regions[FAKE_PHYS_REGIONS];
    size_t count;
    struct phys_view view;
};

void fake_phys_init(struct fake_phys *phys);
void fake_phys_fini(struct fake_phys *phys);

/* Copies the bytes to a new region, or over an older region at the same address. */
void fake_phys_put(struct fake_phys *phys, uint64_t paddr, const void *from, size_t bytes);
