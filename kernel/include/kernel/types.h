/* SPDX-License-Identifier: MIT */
/*
 * Addresses as distinct types, so that the compiler keeps them apart.
 * A physical address becomes a pointer only through arch_dmap_ptr(); a user
 * address never becomes a pointer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Physical address. */
struct paddr {
    uint64_t a;
};

/* User virtual address. Compared and looked up, never dereferenced. */
struct uaddr {
    uint64_t a;
};

#define R4_PAGE_BITS     12u
#define R4_PAGE_BYTES    (UINT64_C(1) << R4_PAGE_BITS)
#define R4_GRANULE_BYTES (UINT64_C(1) << R4_GRANULE_BITS)

/* Marks a result that must be looked at. */
#define R4_MUST_USE __attribute__((warn_unused_result))

/* The structure that holds `member`, from a pointer to that member. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
