/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/startup.h>
#include <r4/thread.h>

enum r4_err r4_thread_make(uint32_t slot, const struct r4_thread_spec *spec)
{
    /* As after a call instruction, which the compiler expects at the entry of a function. */
    uint64_t top = (uint64_t)spec->stack + spec->stack_bytes - 8;
    enum r4_err err = r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, R4_TYPE_THREAD, 0, 0, slot, 1);
    if (err == R4_OK) {
        err = r4_thread_configure(slot, R4_PROGRAM_SLOT_PD, spec->core, spec->priority);
    }
    if (err == R4_OK) {
        err = r4_thread_start(slot, (uint64_t)spec->entry, top, spec->arg, 0);
    }
    return err;
}
