/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/loader.h>
#include <r4/page.h>
#include <string.h>

/* Writes the part of the contents that lies in the page at `address` into the frame. */
static enum r4_err fill_page(struct r4_loader *loader, uint32_t frame, uint64_t address,
                             const struct r4_contents *contents)
{
    uint64_t contents_end = contents->start + contents->bytes;
    uint64_t from = address > contents->start ? address : contents->start;
    uint64_t to = address + R4_PAGE_BYTES < contents_end ? address + R4_PAGE_BYTES : contents_end;
    if (from >= to) {
        return R4_OK; /* frames are zero when they are made */
    }
    enum r4_err err =
        r4_vspace_map(loader->self, frame, loader->scratch, R4_RIGHT_READ | R4_RIGHT_WRITE);
    if (err != R4_OK) {
        return err;
    }
    memcpy((uint8_t *)loader->scratch + (from - address), contents->data + (from - contents->start),
           to - from);
    return r4_frame_unmap(frame);
}

static enum r4_err load_row(struct r4_loader *loader, uint64_t first, uint32_t count,
                            const struct r4_contents *contents, uint16_t access)
{
    struct r4_vspace *target = loader->target;
    uint32_t frame;
    enum r4_err err = r4_holdings_make(target->holdings, target->untyped, R4_TYPE_FRAME,
                                       R4_PAGE_BITS, count, &frame);
    for (uint32_t i = 0; err == R4_OK && i < count; i++) {
        uint64_t address = first + i * R4_PAGE_BYTES;
        err = fill_page(loader, frame + i, address, contents);
        if (err == R4_OK) {
            err = r4_vspace_map(target, frame + i, address, access);
        }
    }
    return err;
}

enum r4_err r4_load_pages(struct r4_loader *loader, uint64_t first, uint64_t end,
                          const struct r4_contents *contents, uint16_t access)
{
    enum r4_err err = R4_OK;
    while (err == R4_OK && first < end) {
        uint64_t pages = (end - first) / R4_PAGE_BYTES;
        uint32_t count = pages < R4_RETYPE_MAX ? (uint32_t)pages : R4_RETYPE_MAX;
        err = load_row(loader, first, count, contents, access);
        first += count * R4_PAGE_BYTES;
    }
    return err;
}

static uint16_t segment_access(uint32_t flags)
{
    if ((flags & ELF_WRITE) != 0) {
        return R4_RIGHT_READ | R4_RIGHT_WRITE;
    }
    return (flags & ELF_EXECUTE) != 0 ? R4_RIGHT_READ | R4_RIGHT_EXEC : R4_RIGHT_READ;
}

enum r4_err r4_load_image(struct r4_loader *loader, const uint8_t *image,
                          const struct elf_plan *plan)
{
    enum r4_err err = R4_OK;
    for (uint32_t i = 0; err == R4_OK && i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        const struct r4_contents contents = {
            .start = s->vaddr, .data = image + s->file_offset, .bytes = s->file_bytes};
        err = r4_load_pages(loader, r4_page_floor(s->vaddr), r4_page_ceil(s->vaddr + s->mem_bytes),
                            &contents, segment_access(s->flags));
    }
    return err;
}

uint64_t r4_image_bytes(const struct elf_plan *plan)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        bytes += r4_page_ceil(s->vaddr + s->mem_bytes) - r4_page_floor(s->vaddr);
    }
    return bytes;
}
