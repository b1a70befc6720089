/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of marks (P4, P8, D4): which frames can be marked, that words count in marked pages
 * only, at every size of page that there is memory for, and that a mark goes with its mapping; 2^20
 * GRANTs (P20).
 */
#include "parts.h"

#include <r4/abi/stubs.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define BADGE      UINT64_C(0x20)
#define LARGE_BITS 21u
#define LARGE      (UINT64_C(1) << LARGE_BITS)
/* Where large frames stand in the window, behind the pages of the library. */
#define OFFSET (LARGE * 4)
#define GRANTS (UINT64_C(1) << 20)

static uint32_t target;

static uint32_t index_at(uint64_t offset)
{
    return R4_INDEX_WORD | (uint32_t)(offset / sizeof(uint64_t));
}

static uint64_t *word_at(uint64_t offset)
{
    return (uint64_t *)(R4_PROGRAM_WINDOW + offset);
}

static r4_cap direct(uint64_t offset)
{
    return r4_through(lab_self()->near, index_at(offset));
}

static struct r4_result mark(uint32_t frame)
{
    return r4_invoke0(frame, R4_CALL_FRAME_MARK);
}

/* The frame, not mapped yet, at `offset` of the window; its first and its last word are GRANTs. */
static void check_size(const char *what, uint32_t frame, uint64_t offset, uint64_t bytes)
{
    const uint64_t last = offset + bytes - sizeof(uint64_t);
    check("mark what is not mapped", mark(frame), R4_E_STATE, 0);
    lab_must("mapping into the window",
             r4_vspace_map(lab_vspace(), frame, R4_PROGRAM_WINDOW + offset, READ_WRITE));
    *word_at(offset) = *word_at(last) = chain_grant(target, ALL_RIGHTS, 1);
    check(what, r4_invoke0(direct(offset), R4_CALL_CAP_IDENTIFY), R4_E_PROXY, 0);
    check_ok("mark", mark(frame));
    check("mark again", mark(frame), R4_E_MARKED, 0);
    check_ok(what, r4_invoke0(direct(offset), R4_CALL_CAP_IDENTIFY));
    check_ok(what, r4_invoke0(direct(last), R4_CALL_CAP_IDENTIFY));
    check("copy a marked frame", r4_invoke2(frame, R4_CALL_CAP_COPY, 0, lab_slots(1)), R4_E_MARKED,
          0);
    check_equal("the view says so", r4_cap_view_marked(call_identify(frame).m[0]), 1);
    check_ok("unmark", r4_invoke0(frame, R4_CALL_FRAME_UNMARK));
    check("unmark again", r4_invoke0(frame, R4_CALL_FRAME_UNMARK), R4_E_STATE, 0);
    check(what, r4_invoke0(direct(last), R4_CALL_CAP_IDENTIFY), R4_E_PROXY, 0);
    check_ok("mark", mark(frame));
    /* So that a chain is kept which ends with the mapping. */
    check_ok(what, r4_invoke0(direct(last), R4_CALL_CAP_IDENTIFY));
    check_ok("unmap", r4_invoke0(frame, R4_CALL_FRAME_UNMAP));
    check(what, r4_invoke0(direct(last), R4_CALL_CAP_IDENTIFY), R4_E_PROXY, 0);
    check_ok("map again",
             r4_invoke3(frame, R4_CALL_FRAME_MAP, PD, R4_PROGRAM_WINDOW + offset, READ_WRITE));
    check("a new mapping is not marked", r4_invoke0(direct(last), R4_CALL_CAP_IDENTIFY), R4_E_PROXY,
          0);
}

static void check_shared(uint32_t frame)
{
    const uint32_t copy = lab_slots(1);
    check_ok("copy a frame", r4_invoke2(frame, R4_CALL_CAP_COPY, 0, copy));
    check("mark what is shared", mark(frame), R4_E_SHARED, 0);
    check_ok("delete the copy", call_delete(copy));
    check_ok("mark what is not shared any more", mark(frame));
    check("copy it now", r4_invoke2(frame, R4_CALL_CAP_COPY, 0, copy), R4_E_MARKED, 0);
    check_ok("unmap", r4_invoke0(frame, R4_CALL_FRAME_UNMAP));
}

static uint64_t kernel_bytes(void)
{
    uint64_t kernel = 0;
    lab_must("asking for memory",
             r4_monitor_memory(LAB_MONITOR, NULL, &kernel, NULL, NULL, NULL, NULL));
    return kernel;
}

/* As many words as four large frames hold; the kernel is asked for nothing. */
static void check_many(uint32_t first)
{
    for (uint32_t i = 0; i < 4; i++) {
        lab_must("mapping into the window",
                 r4_vspace_map(lab_vspace(), first + i, R4_PROGRAM_WINDOW + OFFSET + i * LARGE,
                               READ_WRITE));
        check_ok("mark", mark(first + i));
    }
    const uint64_t kernel = kernel_bytes();
    const uint64_t own = call_identify(UNTYPED).m[4];
    for (uint64_t i = 0; i < GRANTS; i++) {
        r4_grant(word_at(OFFSET) + i, chain_grant(target, ALL_RIGHTS, 1));
    }
    check_ok("the last of them",
             r4_invoke0(direct(OFFSET + (GRANTS - 1) * sizeof(uint64_t)), R4_CALL_CAP_IDENTIFY));
    check_equal("memory of the kernel", kernel_bytes(), kernel);
    check_equal("memory of the program", call_identify(UNTYPED).m[4], own);
}

void check_marks(void)
{
    target = lab_badged(BADGE);
    const uint32_t large = lab_slots(4);
    lab_must("making large frames",
             r4_untyped_retype(UNTYPED, R4_TYPE_FRAME, LARGE_BITS, 0, large, 4));
    check_size("a word in a small page", lab_make(R4_TYPE_FRAME, 12), OFFSET * 2, R4_PAGE_BYTES);
    const uint32_t shared = lab_make(R4_TYPE_FRAME, 12);
    lab_must("mapping into the window",
             r4_vspace_map(lab_vspace(), shared, R4_PROGRAM_WINDOW + OFFSET * 2 + R4_PAGE_BYTES,
                           READ_WRITE));
    check_shared(shared);
    check_size("a word in a large page", large, OFFSET, LARGE);
    check_ok("unmap", r4_invoke0(large, R4_CALL_FRAME_UNMAP));
    check_many(large);
}
