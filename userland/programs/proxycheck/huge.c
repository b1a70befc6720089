/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of a marked page of 1 GiB. It is larger than any window, so a window of another
 * domain lies in its beginning. Only where `run -m` gave memory for it.
 */
#include "parts.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>

#define HUGE_BITS    30u
#define HERE         (LAB_SCRATCH + (UINT64_C(1) << 32)) /* where the words are written */
#define WINDOW_BYTES (UINT64_C(32) << 20)
#define READ_WRITE   (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define BADGE        0x1f

static r4_cap grant_at(uint16_t near, uint64_t offset)
{
    return r4_through(near, R4_INDEX_WORD | (uint32_t)(offset / sizeof(uint64_t)));
}

/* The words of the frame, which nobody has mapped yet. */
static void write_grants(uint32_t frame, uint64_t word)
{
    lab_must("mapping 1 GiB here", r4_vspace_map(lab_vspace(), frame, HERE, READ_WRITE));
    *(uint64_t *)HERE = *(uint64_t *)(HERE + WINDOW_BYTES - sizeof word) = word;
    *(uint64_t *)(HERE + WINDOW_BYTES) = word;
    lab_must("unmapping it", r4_frame_unmap(frame));
}

static void check_reached(const char *what, uint16_t near, enum r4_err wanted)
{
    check(what, r4_invoke0(grant_at(near, 0), R4_CALL_CAP_IDENTIFY), wanted, 0);
    check(what, r4_invoke0(grant_at(near, WINDOW_BYTES - sizeof(uint64_t)), R4_CALL_CAP_IDENTIFY),
          wanted, 0);
}

/* The domain has everything but the words: its window is the beginning of the frame. */
static void check_frame(uint32_t frame)
{
    const uint32_t target = lab_badged(BADGE);
    const uint16_t near = (uint16_t)lab_slots(1);
    const uint16_t far = (uint16_t)lab_slots(1);
    struct domain domain;

    write_grants(frame, r4_word_of(r4_grant_to(far, ALL_RIGHTS, 1), target));
    lab_window_domain(&domain, WINDOW_BYTES);
    lab_peer(R4_PROGRAM_SLOT_PD, near, domain.vspace.pd, far);
    lab_must("mapping 1 GiB there",
             r4_vspace_map(&domain.vspace, frame, R4_PROGRAM_WINDOW, READ_WRITE));
    check_reached("a page of 1 GiB that is not marked", near, R4_E_PROXY);
    check_ok("mark 1 GiB", r4_invoke0(frame, R4_CALL_FRAME_MARK));
    check_reached("a marked page of 1 GiB", near, R4_OK);
    check("behind the window", r4_invoke0(grant_at(near, WINDOW_BYTES), R4_CALL_CAP_IDENTIFY),
          R4_E_PROXY, 0);
    check_ok("unmark 1 GiB", r4_invoke0(frame, R4_CALL_FRAME_UNMARK));
    check_reached("1 GiB unmarked", near, R4_E_PROXY);
    check_ok("mark it again", r4_invoke0(frame, R4_CALL_FRAME_MARK));
    check_reached("1 GiB marked again", near, R4_OK);
    check_ok("unmap 1 GiB", r4_invoke0(frame, R4_CALL_FRAME_UNMAP));
    check_reached("1 GiB unmapped", near, R4_E_PROXY);
    lab_audit();
    lab_domain_end(&domain);
}

void check_huge(void)
{
    if (r4_startup()->more_bits < HUGE_BITS) {
        r4_printf("no memory for a page of 1 GiB: not marked\n");
        return;
    }
    const uint32_t slot = lab_slots(1);
    check_ok("make a frame of 1 GiB",
             call_retype(R4_PROGRAM_SLOT_MORE, R4_TYPE_FRAME, HUGE_BITS, slot, 1));
    check_frame(slot);
    r4_printf("a page of 1 GiB was marked\n");
}
