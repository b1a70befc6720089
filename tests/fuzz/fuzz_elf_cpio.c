/* SPDX-License-Identifier: MIT */
/*
 * The two formats that programs arrive in. The first byte chooses; an ELF header's fixed fields are
 * made right. An accepted plan must keep what lib/elf.h promises; a walked archive's names and data
 * are all touched.
 */
#include <lib/cpio.h>
#include <lib/elf.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_segment(const struct elf_segment *segment, size_t bytes, struct elf_limits limits)
{
    require(segment->file_offset <= bytes && segment->file_bytes <= bytes - segment->file_offset);
    require(segment->mem_bytes > 0 && segment->file_bytes <= segment->mem_bytes);
    require(segment->vaddr >= limits.first && segment->vaddr < limits.end);
    require(segment->mem_bytes <= limits.end - segment->vaddr);
    require((segment->flags & (ELF_WRITE | ELF_EXECUTE)) != (ELF_WRITE | ELF_EXECUTE));
}

static void check_plan(const struct elf_plan *plan, size_t bytes, struct elf_limits limits)
{
    bool has_entry = false;
    require(plan->segment_count > 0 && plan->segment_count <= ELF_MAX_SEGMENTS);
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *one = &plan->segments[i];
        check_segment(one, bytes, limits);
        has_entry |= (one->flags & ELF_EXECUTE) != 0 && plan->entry >= one->vaddr &&
                     plan->entry < one->vaddr + one->file_bytes;
        for (uint32_t j = 0; j < i; j++) {
            const struct elf_segment *other = &plan->segments[j];
            uint64_t one_last = (one->vaddr + one->mem_bytes - 1) / ELF_PAGE_BYTES;
            uint64_t other_last = (other->vaddr + other->mem_bytes - 1) / ELF_PAGE_BYTES;
            require(one_last < other->vaddr / ELF_PAGE_BYTES ||
                    other_last < one->vaddr / ELF_PAGE_BYTES);
        }
    }
    require(has_entry);
}

static void try_elf(uint8_t *image, size_t bytes)
{
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    static const uint8_t kind[] = {2, 0, 62, 0, 1, 0, 0, 0};
    const struct elf_limits limits = {.first = 0x1000, .end = 0x800000000000};
    struct elf_plan plan;
    if (bytes >= 64) {
        memcpy(image, ident, sizeof ident);
        memcpy(image + 16, kind, sizeof kind);
        image[54] = 56;
        image[55] = 0;
    }
    enum elf_reason reason = elf_check(image, bytes, limits, &plan);
    require(elf_reason_text(reason) != NULL);
    if (reason == ELF_OK) {
        check_plan(&plan, bytes, limits);
    }
}

/* Where bytes go that are read only to let the sanitizer look at the read. */
static volatile uint8_t touched;

static void try_cpio(const uint8_t *bytes, size_t length)
{
    const struct cpio_archive archive = {.bytes = bytes, .length = length};
    struct cpio_file file;
    size_t offset = 0;
    enum cpio_err err;
    for (size_t before = 0; (err = cpio_next(&archive, &offset, &file)) == CPIO_OK;) {
        require(offset > before && offset <= length);
        before = offset;
        touched = (uint8_t)strlen(file.name);
        for (size_t i = 0; i < file.bytes; i++) {
            touched = file.data[i];
        }
    }
    require(cpio_err_text(err) != NULL);
    if (cpio_find(&archive, "root", &file) == CPIO_OK) {
        require(strcmp(file.name, "root") == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    uint8_t *copy = malloc(size - 1);
    memcpy(copy, data + 1, size - 1);
    if ((data[0] & 1) != 0) {
        try_elf(copy, size - 1);
    } else {
        try_cpio(copy, size - 1);
    }
    free(copy);
    return 0;
}
