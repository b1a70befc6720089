/* SPDX-License-Identifier: MIT */
/*
 * Owns: filling frames with contents and mapping them into another address space.
 *
 * Invariants: the scratch address of the loading task is unmapped before and after each call.
 * Not here: whether an image can be loaded at all (<lib/elf.h>).
 */
#ifndef R4_LOADER_H
#define R4_LOADER_H

#include <lib/elf.h>
#include <r4/vspace.h>

/* What the loading task does it with. */
struct r4_loader {
    struct r4_vspace *self;   /* its own address space */
    uint64_t scratch;         /* a page of it where nothing is mapped */
    struct r4_vspace *target; /* where frames go, made from target->untyped */
};

/* Part of what is to be at an address: `bytes` of `data` from `start` on, zeros around it. */
struct r4_contents {
    uint64_t start;
    const uint8_t *data;
    uint64_t bytes;
};

/*
 * Makes pages from `first` up to `end`, fills them and maps them with `access`. Addresses are page
 * aligned. Errors: those of the calls that it makes.
 */
enum r4_err r4_load_pages(struct r4_loader *loader, uint64_t first, uint64_t end,
                          const struct r4_contents *contents, uint16_t access);

/* Loads all segments of an image that elf_check accepted. */
enum r4_err r4_load_image(struct r4_loader *loader, const uint8_t *image,
                          const struct elf_plan *plan);

/* Bytes of the pages that r4_load_image makes. */
uint64_t r4_image_bytes(const struct elf_plan *plan);

#endif
