/* SPDX-License-Identifier: MIT */
/*
 * Owns: the decision whether a program image can be loaded: a static ELF64 executable for x86_64.
 *
 * Invariants of a plan: segments lie in the image and in the allowed addresses, no two share a
 * page, none is writable and executable, and the entry is in the file part of an executable one.
 *
 * Not here: the loading (kernel for the root task, libr4 for the rest).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 16
#define ELF_PAGE_BYTES   4096u

enum elf_reason {
    ELF_OK = 0,
    ELF_E_HEADER, /* the image ends inside the ELF header */
    ELF_E_MAGIC,
    ELF_E_CLASS,
    ELF_E_ENDIAN,
    ELF_E_VERSION,
    ELF_E_MACHINE,
    ELF_E_TYPE,
    ELF_E_ENTRY_SIZE, /* program headers of an unknown size */
    ELF_E_TABLE,      /* program headers outside the image */
    ELF_E_INTERP,
    ELF_E_DYNAMIC,
    ELF_E_TLS,
    ELF_E_NO_SEGMENT,
    ELF_E_TOO_MANY,
    ELF_E_OUTSIDE_FILE,
    ELF_E_SIZE, /* more bytes in the file than in memory */
    ELF_E_OUTSIDE_USER,
    ELF_E_ALIGN, /* address and file offset differ within a page */
    ELF_E_WRITE_EXECUTE,
    ELF_E_OVERLAP,
    ELF_E_ENTRY,
    ELF_REASON_COUNT
};

enum elf_flag { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

struct elf_segment {
    uint64_t vaddr;
    uint64_t file_offset;
    uint64_t file_bytes;
    uint64_t mem_bytes; /* > 0; what file_bytes leaves is zero */
    uint32_t flags;     /* enum elf_flag */
};

struct elf_plan {
    uint64_t entry;
    uint32_t segment_count;
    struct elf_segment segments[ELF_MAX_SEGMENTS];
};

/* Where segments may lie: whole pages inside [first, end). */
struct elf_limits {
    uint64_t first;
    uint64_t end;
};

/* A full sentence; never NULL. */
const char *elf_reason_text(enum elf_reason reason);

/* Checks everything that a plan promises; `out` is written only on ELF_OK. The image needs no
 * alignment and must not change meanwhile: an image in memory that others can write is copied
 * first. */
enum elf_reason elf_check(const void *image, size_t bytes, struct elf_limits limits,
                          struct elf_plan *out);
