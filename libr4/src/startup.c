/* SPDX-License-Identifier: MIT */
#include <r4/startup.h>
#include <string.h>

struct r4_ring r4_output_ring(struct r4_output *page)
{
    return (struct r4_ring){
        .data = page->data,
        .size = sizeof page->data,
        .produced = &page->produced,
        .consumed = &page->consumed,
    };
}

enum r4_err r4_startup_fill(struct r4_startup *record, uint32_t argc, const char *const *argv)
{
    size_t used = 0;
    if (argc > R4_ARGS_MAX) {
        return R4_E_LIMIT;
    }
    for (uint32_t i = 0; i < argc; i++) {
        size_t bytes = strlen(argv[i]) + 1;
        if (bytes > sizeof record->text - used) {
            return R4_E_LIMIT;
        }
        memcpy(record->text + used, argv[i], bytes);
        record->arg_offset[i] = (uint32_t)used;
        used += bytes;
    }
    record->argc = argc;
    record->magic = R4_STARTUP_MAGIC;
    record->version = R4_STARTUP_VERSION;
    return R4_OK;
}
