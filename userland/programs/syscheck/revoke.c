/* SPDX-License-Identifier: MIT */
/*
 * Owns: the checks of revoke: what goes, what stays, and that memory is whole again.
 */
#include "check.h"

#include <r4/page.h>

#define FIRST SLOT(0)
#define COUNT 40u

static struct r4_result copy(uint32_t cap, uint32_t dest)
{
    return r4_invoke2(cap, R4_CALL_CAP_COPY, 0, dest);
}

static struct r4_result revoke(uint32_t cap)
{
    return r4_invoke0(cap, R4_CALL_CAP_REVOKE);
}

/* Copies of a notification, and copies of copies, twice in the same slots. */
static void check_copies(void)
{
    check_ok("make a notification", call_retype(UNTYPED, R4_TYPE_NOTIFICATION, 0, FIRST, 1));
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = 1; i <= COUNT; i++) {
            check_ok("copy", copy(i % 3 == 0 ? FIRST + i - 1 : FIRST, FIRST + i));
        }
        check_ok("revoke", revoke(FIRST));
        for (uint32_t i = 1; i <= COUNT; i++) {
            check("a copy after revoke", call_identify(FIRST + i), R4_E_EMPTY, 0);
        }
        check_ok("the revoked one", r4_invoke0(FIRST, R4_CALL_NOTIFICATION_SIGNAL));
    }
    check_ok("revoke without children", revoke(FIRST));
    check_ok("derive without MODIFY",
             r4_invoke3(FIRST, R4_CALL_CAP_DERIVE, 0, FIRST + 1, R4_RIGHT_LINK));
    check("revoke without MODIFY", revoke(FIRST + 1), R4_E_RIGHTS, 0);
    check("revoke an empty slot", revoke(FIRST + 2), R4_E_EMPTY, 0);
    check_ok("delete the copy", call_delete(FIRST + 1));
    check_ok("delete the notification", call_delete(FIRST));
}

/* Objects, memory and what was made of them: all back, twice. */
static void check_memory_back(void)
{
    check_ok("make an untyped", call_retype(UNTYPED, R4_TYPE_UNTYPED, 16, FIRST, 1));
    for (unsigned round = 0; round < 2; round++) {
        check_ok("make an untyped in it", call_retype(FIRST, R4_TYPE_UNTYPED, 15, FIRST + 1, 1));
        check_ok("make frames of that", call_retype(FIRST + 1, R4_TYPE_FRAME, 12, FIRST + 2, 8));
        check_ok("make threads", call_retype(FIRST, R4_TYPE_THREAD, 0, FIRST + 10, 4));
        check_ok("copy a thread", copy(FIRST + 10, FIRST + 14));
        check("copy it with children", copy(FIRST, FIRST + 15), R4_E_BUSY, 0);
        check_ok("revoke the untyped", revoke(FIRST));
        check_equal("free bytes of it", call_identify(FIRST).m[4], 16 * R4_PAGE_BYTES);
        for (uint32_t i = 1; i < 15; i++) {
            check("what was in it", call_identify(FIRST + i), R4_E_EMPTY, 0);
        }
    }
    check_ok("delete the untyped", call_delete(FIRST));
}

void check_revoke(void)
{
    check_copies();
    check_memory_back();
}
