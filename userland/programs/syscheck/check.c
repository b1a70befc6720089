/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <r4/abi/names.h>

#define ROUNDS_MAX 10000000u

static uint32_t made;
static uint32_t wrong;

uint32_t checks_made(void)
{
    return made;
}

uint32_t checks_wrong(void)
{
    return wrong;
}

struct r4_result check(const char *what, struct r4_result r, enum r4_err err, uint32_t detail)
{
    made++;
    if (r.err != err || r.detail != detail) {
        wrong++;
        r4_printf("%s: %s/%u instead of %s/%u\n", what, r4_err_name(r.err), r.detail,
                  r4_err_name(err), detail);
    }
    return r;
}

struct r4_result check_ok(const char *what, struct r4_result r)
{
    return check(what, r, R4_OK, 0);
}

void check_equal(const char *what, uint64_t got, uint64_t wanted)
{
    made++;
    if (got != wanted) {
        wrong++;
        r4_printf("%s: 0x%lx instead of 0x%lx\n", what, got, wanted);
    }
}

struct r4_result call_delete(uint32_t slot)
{
    return r4_invoke0(slot, R4_CALL_CAP_DELETE);
}

struct r4_result call_identify(uint32_t slot)
{
    return r4_invoke0(slot, R4_CALL_CAP_IDENTIFY);
}

struct r4_result call_retype(uint32_t untyped, enum r4_type type, uint8_t bits, uint32_t dest,
                             uint32_t count)
{
    return r4_invoke5(untyped, R4_CALL_UNTYPED_RETYPE, type, bits, 0, dest, count);
}

bool wait_a_little(uint32_t *rounds)
{
    __builtin_ia32_pause();
    (void)r4_invoke0(0, R4_CALL_YIELD);
    return ++*rounds < ROUNDS_MAX;
}
