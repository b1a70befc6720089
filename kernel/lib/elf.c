/* SPDX-License-Identifier: MIT */
/* Owns: the layout of ELF64 and the order of the checks. */
#include <lib/elf.h>

#include <stdbool.h>
#include <string.h>

enum { CLASS_64 = 2, DATA_LITTLE = 1, VERSION_CURRENT = 1, TYPE_EXEC = 2, MACHINE_X86_64 = 62 };
enum { SEGMENT_LOAD = 1, SEGMENT_DYNAMIC = 2, SEGMENT_INTERP = 3, SEGMENT_TLS = 7 };

struct file_header {
    uint8_t magic[4];
    uint8_t class;
    uint8_t data;
    uint8_t ident_version;
    uint8_t padding[9];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint64_t entry;
    uint64_t table_offset;
    uint64_t section_offset;
    uint32_t flags;
    uint16_t header_bytes;
    uint16_t entry_bytes;
    uint16_t entry_count;
    uint16_t section_entry_bytes;
    uint16_t section_count;
    uint16_t section_names;
};

struct program_header {
    uint32_t type;
    uint32_t flags;
    uint64_t file_offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t file_bytes;
    uint64_t mem_bytes;
    uint64_t align;
};

_Static_assert(sizeof(struct file_header) == 64, "as in the ELF64 specification");
_Static_assert(sizeof(struct program_header) == 56, "as in the ELF64 specification");

static const char *const reason_text[ELF_REASON_COUNT] = {
    [ELF_OK] = "No error.",
    [ELF_E_HEADER] = "The image is too short for an ELF header.",
    [ELF_E_MAGIC] = "The image is not an ELF file.",
    [ELF_E_CLASS] = "The image is not a 64-bit ELF file.",
    [ELF_E_ENDIAN] = "The image is not little-endian.",
    [ELF_E_VERSION] = "The image has an unknown ELF version.",
    [ELF_E_MACHINE] = "The image is not for x86_64.",
    [ELF_E_TYPE] = "The image is not a static executable (ET_EXEC).",
    [ELF_E_ENTRY_SIZE] = "The image's program headers have an unknown size.",
    [ELF_E_TABLE] = "The image ends inside its program headers.",
    [ELF_E_INTERP] = "The image wants an interpreter.",
    [ELF_E_DYNAMIC] = "The image is dynamically linked.",
    [ELF_E_TLS] = "The image uses thread-local storage.",
    [ELF_E_NO_SEGMENT] = "The image has nothing to load.",
    [ELF_E_TOO_MANY] = "The image has too many segments.",
    [ELF_E_OUTSIDE_FILE] = "A segment lies outside the image.",
    [ELF_E_SIZE] = "A segment is longer in the file than in memory.",
    [ELF_E_OUTSIDE_USER] = "A segment lies outside the addresses for programs.",
    [ELF_E_ALIGN] = "A segment's address does not fit its place in the file.",
    [ELF_E_WRITE_EXECUTE] = "A segment is both writable and executable.",
    [ELF_E_OVERLAP] = "Two segments share a page.",
    [ELF_E_ENTRY] = "The entry point is not in an executable segment.",
};

const char *elf_reason_text(enum elf_reason reason)
{
    size_t index = (size_t)reason;
    return index < ELF_REASON_COUNT ? reason_text[index] : "Unknown reason.";
}

static enum elf_reason check_header(const struct file_header *header, size_t bytes)
{
    if (memcmp(header->magic, "\177ELF", 4) != 0) {
        return ELF_E_MAGIC;
    }
    if (header->class != CLASS_64) {
        return ELF_E_CLASS;
    }
    if (header->data != DATA_LITTLE) {
        return ELF_E_ENDIAN;
    }
    if (header->ident_version != VERSION_CURRENT || header->version != VERSION_CURRENT) {
        return ELF_E_VERSION;
    }
    if (header->machine != MACHINE_X86_64) {
        return ELF_E_MACHINE;
    }
    if (header->type != TYPE_EXEC) {
        return ELF_E_TYPE;
    }
    if (header->entry_bytes != sizeof(struct program_header)) {
        return ELF_E_ENTRY_SIZE;
    }
    size_t table_bytes = header->entry_count * sizeof(struct program_header);
    if (header->table_offset > bytes || table_bytes > bytes - header->table_offset) {
        return ELF_E_TABLE;
    }
    return ELF_OK;
}

/* Page bounds of a segment that check_segment has accepted, so nothing wraps. */
static uint64_t first_page(const struct elf_segment *segment)
{
    return segment->vaddr / ELF_PAGE_BYTES;
}

static uint64_t last_page(const struct elf_segment *segment)
{
    return (segment->vaddr + segment->mem_bytes - 1) / ELF_PAGE_BYTES;
}

static bool is_inside(const struct elf_segment *segment, struct elf_limits limits)
{
    uint64_t first = limits.first / ELF_PAGE_BYTES + (limits.first % ELF_PAGE_BYTES != 0);
    uint64_t end = limits.end / ELF_PAGE_BYTES;
    if (segment->mem_bytes - 1 > UINT64_MAX - segment->vaddr) {
        return false;
    }
    return first_page(segment) >= first && last_page(segment) < end;
}

static enum elf_reason check_segment(const struct elf_segment *segment, size_t bytes,
                                     struct elf_limits limits)
{
    if (segment->file_offset > bytes || segment->file_bytes > bytes - segment->file_offset) {
        return ELF_E_OUTSIDE_FILE;
    }
    if (segment->file_bytes > segment->mem_bytes) {
        return ELF_E_SIZE;
    }
    if (!is_inside(segment, limits)) {
        return ELF_E_OUTSIDE_USER;
    }
    if (segment->vaddr % ELF_PAGE_BYTES != segment->file_offset % ELF_PAGE_BYTES) {
        return ELF_E_ALIGN;
    }
    if ((segment->flags & ELF_WRITE) != 0 && (segment->flags & ELF_EXECUTE) != 0) {
        return ELF_E_WRITE_EXECUTE;
    }
    return ELF_OK;
}

static enum elf_reason add_segment(struct elf_plan *plan, const struct program_header *header,
                                   size_t bytes, struct elf_limits limits)
{
    const struct elf_segment segment = {.vaddr = header->vaddr,
                                        .file_offset = header->file_offset,
                                        .file_bytes = header->file_bytes,
                                        .mem_bytes = header->mem_bytes,
                                        .flags =
                                            header->flags & (ELF_READ | ELF_WRITE | ELF_EXECUTE)};
    if (segment.mem_bytes == 0 && segment.file_bytes == 0) {
        return ELF_OK;
    }
    enum elf_reason reason = check_segment(&segment, bytes, limits);
    if (reason != ELF_OK) {
        return reason;
    }
    if (plan->segment_count == ELF_MAX_SEGMENTS) {
        return ELF_E_TOO_MANY;
    }
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *other = &plan->segments[i];
        if (first_page(&segment) <= last_page(other) && first_page(other) <= last_page(&segment)) {
            return ELF_E_OVERLAP;
        }
    }
    plan->segments[plan->segment_count++] = segment;
    return ELF_OK;
}

static enum elf_reason take_header(struct elf_plan *plan, const struct program_header *header,
                                   size_t bytes, struct elf_limits limits)
{
    switch (header->type) {
    case SEGMENT_LOAD:
        return add_segment(plan, header, bytes, limits);
    case SEGMENT_INTERP:
        return ELF_E_INTERP;
    case SEGMENT_DYNAMIC:
        return ELF_E_DYNAMIC;
    case SEGMENT_TLS:
        return ELF_E_TLS;
    default: /* notes and hints */
        return ELF_OK;
    }
}

static bool is_entry(const struct elf_plan *plan, uint64_t entry)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *segment = &plan->segments[i];
        if ((segment->flags & ELF_EXECUTE) != 0 && entry >= segment->vaddr &&
            entry - segment->vaddr < segment->file_bytes) {
            return true;
        }
    }
    return false;
}

enum elf_reason elf_check(const void *image, size_t bytes, struct elf_limits limits,
                          struct elf_plan *out)
{
    const uint8_t *file = image;
    struct file_header header;
    if (bytes < sizeof header) {
        return ELF_E_HEADER;
    }
    memcpy(&header, file, sizeof header);
    enum elf_reason reason = check_header(&header, bytes);
    if (reason != ELF_OK) {
        return reason;
    }
    struct elf_plan plan = {.entry = header.entry};
    for (uint32_t i = 0; i < header.entry_count; i++) {
        struct program_header program;
        memcpy(&program, file + header.table_offset + i * sizeof program, sizeof program);
        reason = take_header(&plan, &program, bytes, limits);
        if (reason != ELF_OK) {
            return reason;
        }
    }
    if (plan.segment_count == 0) {
        return ELF_E_NO_SEGMENT;
    }
    if (!is_entry(&plan, header.entry)) {
        return ELF_E_ENTRY;
    }
    *out = plan;
    return ELF_OK;
}
