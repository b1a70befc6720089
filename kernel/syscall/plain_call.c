/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls without a capability. `null` is answered in entry.c already; the table of calls
 * still has it.
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/sched.h>

enum r4_err decode_null(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_null(struct call *c)
{
    (void)c;
}

enum r4_err decode_null_locked(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_null_locked(struct call *c)
{
    (void)c;
}

enum r4_err decode_fence(struct call *c)
{
    (void)c;
    return R4_OK;
}

/*
 * Words are read and used by one hold of the lock, and this call has it now: who read an older value
 * is done. Long operations that were interrupted read their words again.
 */
void commit_fence(struct call *c)
{
    (void)c;
}

enum r4_err decode_yield(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_yield(struct call *c)
{
    sched_rotate(c->core);
}
