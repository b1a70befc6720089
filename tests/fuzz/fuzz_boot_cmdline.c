/* SPDX-License-Identifier: MIT */
/* The command line, in a heap block of exactly its largest size. */
#include <kernel/boot/options.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_word(const char *text)
{
    return memchr(text, 0, BOOT_WORD_BYTES) != NULL;
}

static void check_options(const struct boot_options *options)
{
    require(options->policy <= BOOT_POLICY_CORE);
    require(options->slice_us >= BOOT_SLICE_US_MIN && options->slice_us <= BOOT_SLICE_US_MAX);
    require(is_word(options->root) && options->root[0] != '\0');
    require(is_word(options->plant));
    require(options->fault_count <= BOOT_MAX_FAULTS);
    for (uint32_t i = 0; i < options->fault_count; i++) {
        require(is_word(options->faults[i].point) && is_word(options->faults[i].action));
        require(options->faults[i].nth > 0);
    }
    require(options->corruption.table <= BOOT_CORRUPT_MODULE);
    require(options->corruption.kind <= BOOT_CORRUPT_TOO_MANY);
    require(memchr(options->args, 0, sizeof options->args) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_options options;
    struct boot_problem problem = {0};
    char *line = calloc(1, BOOT_CMDLINE_BYTES);
    memcpy(line, data, size < BOOT_CMDLINE_BYTES ? size : BOOT_CMDLINE_BYTES);
    enum boot_err err = cmdline_parse(line, &options, &problem);
    if (err == BOOT_OK)
        check_options(&options);
    else
        require(problem.err == err && memchr(problem.where, 0, sizeof problem.where) != NULL);
    free(line);
    return 0;
}
