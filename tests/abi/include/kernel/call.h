/* SPDX-License-Identifier: MIT */
/* A call as the generated dispatch needs it; a stand-in for the kernel's header of this name. */
#ifndef KERNEL_CALL_H
#define KERNEL_CALL_H

#include <r4/abi/errors.h>
#include <stdint.h>

struct call {
    uint64_t words[6];
    uint32_t detail;
};

static inline uint64_t call_word(const struct call *c, unsigned i)
{
    return c->words[i];
}

static inline enum r4_err call_fail(struct call *c, enum r4_err err, uint32_t detail)
{
    c->detail = detail;
    return err;
}

#endif /* KERNEL_CALL_H */
