/* SPDX-License-Identifier: MIT */
#include "start.h"

#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <string.h>

/* What the program was started with; set once, before main. */
static const struct r4_startup *startup;
static char text[sizeof startup->text];
static char *arguments[R4_ARGS_MAX + 1];

const struct r4_startup *r4_startup(void)
{
    return startup;
}

_Noreturn void r4_start(const struct r4_startup *record)
{
    if (record->magic != R4_STARTUP_MAGIC || record->version != R4_STARTUP_VERSION) {
        __builtin_trap(); /* another library made the record: nothing can be said, not even that */
    }
    startup = record;
    memcpy(text, record->text, sizeof text);
    for (uint32_t i = 0; i < record->argc; i++) {
        arguments[i] = text + record->arg_offset[i];
    }
    r4_output_start();
    r4_exit(main((int)record->argc, arguments));
}

_Noreturn void r4_exit(int status)
{
    r4_output_end((uint32_t)status);
    for (;;) {
        (void)r4_thread_suspend(R4_PROGRAM_SLOT_THREAD);
        (void)r4_yield();
    }
}
