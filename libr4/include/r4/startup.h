/* SPDX-License-Identifier: MIT */
/*
 * Owns: the world that a program starts in: its address space, its first capabilities, the read-only
 * startup record, and the page through which its output leaves. Pure.
 *
 * Invariants: a record that r4_startup_fill made holds NUL-terminated arguments inside `text`.
 */
#ifndef R4_STARTUP_H
#define R4_STARTUP_H

#include <r4/abi/errors.h>
#include <r4/abi/limits.h>
#include <r4/page.h>
#include <r4/ring.h>
#include <stdint.h>

#define R4_STARTUP_MAGIC   UINT64_C(0x7075747261747372) /* the letters `rstartup` */
#define R4_STARTUP_VERSION 3u
#define R4_ARGS_MAX        32u
#define R4_OUTPUT_BYTES    2048u

/* Address space of a program. Below the stack and around each region nothing is mapped. */
#define R4_PROGRAM_FIRST       UINT64_C(0x200000)
#define R4_PROGRAM_END         UINT64_C(0x30000000)
#define R4_PROGRAM_RECORD      UINT64_C(0x3fe00000)
#define R4_PROGRAM_OUTPUT      UINT64_C(0x3fe02000)
#define R4_PROGRAM_VIEWS       UINT64_C(0x3fec0000) /* readable views of its capability table */
#define R4_PROGRAM_STACK_TOP   UINT64_C(0x3fff0000)
#define R4_PROGRAM_STACK_BYTES UINT64_C(0x10000)
#define R4_PROGRAM_FREE        UINT64_C(0x40000000) /* from here on the program's own */
/* The proxy window, of R4_WINDOW_BYTES_MAX. Nothing is mapped there at the start. */
#define R4_PROGRAM_WINDOW R4_ROOT_WINDOW

/* Capabilities of a program at the start. */
enum r4_program_slot {
    R4_PROGRAM_SLOT_TABLE = 1,   /* its own capability table */
    R4_PROGRAM_SLOT_PD = 2,      /* its own protection domain */
    R4_PROGRAM_SLOT_THREAD = 3,  /* its first thread */
    R4_PROGRAM_SLOT_OUTPUT = 4,  /* notification of whoever reads the output; SIGNAL only */
    R4_PROGRAM_SLOT_UNTYPED = 5, /* memory for what it makes */
    R4_PROGRAM_SLOT_PARENT = 6,  /* peer with whoever started it, if the record says so */
    R4_PROGRAM_SLOT_MORE = 7,    /* an untyped, if the record says so */
    R4_PROGRAM_SLOT_FREE = 8     /* from here on all slots are empty */
};

/* The startup record, one page, read only. Its address is the program's first argument. */
struct r4_startup {
    uint64_t magic;
    uint32_t version;
    uint32_t cluster;
    uint32_t clusters;
    uint32_t cores; /* of this cluster */
    uint32_t core;  /* where the first thread starts */
    uint32_t priority;
    uint32_t table_slots;  /* of its table; number 0 and the last one are never a capability */
    uint32_t untyped_bits; /* log2 of the size of R4_PROGRAM_SLOT_UNTYPED */
    uint64_t cycles_per_us;
    uint64_t window;       /* address of its proxy window */
    uint32_t window_bytes; /* and its size */
    uint32_t parent;       /* slot of the peer with whoever started it, 0 for none */
    uint32_t more_bits;    /* log2 of the size of R4_PROGRAM_SLOT_MORE, 0 for none */
    uint32_t argc;
    uint32_t arg_offset[R4_ARGS_MAX]; /* of each argument in `text` */
    uint8_t text[3896];
};
_Static_assert(sizeof(struct r4_startup) == R4_PAGE_BYTES, "the record is a page");

/* The output page: written by the program, except `consumed`. */
struct r4_output {
    uint64_t produced;
    uint64_t consumed;
    uint32_t has_exited; /* 1 once `status` is valid and all output is in the ring */
    uint32_t status;
    uint8_t reserved[2024];
    uint8_t data[R4_OUTPUT_BYTES];
};
_Static_assert(sizeof(struct r4_output) == R4_PAGE_BYTES, "the output is a page");

/* The ring of the page, as seen by a side that has not used it yet. */
struct r4_ring r4_output_ring(struct r4_output *page);

/*
 * Puts magic, version and arguments into a zeroed record; the other fields are the caller's.
 * R4_E_LIMIT: more than R4_ARGS_MAX arguments, or more text than fits.
 */
enum r4_err r4_startup_fill(struct r4_startup *record, uint32_t argc, const char *const *argv);

#endif
