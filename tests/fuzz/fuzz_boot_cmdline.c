/* SPDX-License-Identifier: MIT */
/*
 * The command line, in a heap block of exactly its largest size. Bytes of the input from 128 on
 * stand for whole words, since the mutator cannot guess those letter by letter.
 */
#include <kernel/boot/options.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static const char *const words[] = {
    "clusters=", "numa",    "package", "single", "core",   "root=",   "slice_us=",  "fault=",
    "corrupt=",  "plant=",  "rsdp",    "srat",   "memmap", "module",  "checksum",   "length",
    "truncate",  "overlap", "toomany", " -- ",   ":1:",    "1000000", "4294967295", " ",
};

/* Writes at most `capacity` bytes; the line then has no NUL. */
static void expand(const uint8_t *data, size_t size, char *line, size_t capacity)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        const char plain[2] = {(char)data[i], '\0'};
        size_t word = (size_t)(data[i] & 0x7f) % (sizeof words / sizeof words[0]);
        const char *text = data[i] < 0x80 ? plain : words[word];
        size_t bytes = data[i] < 0x80 ? 1 : strlen(text);
        if (bytes > capacity - length) {
            bytes = capacity - length;
        }
        memcpy(line + length, text, bytes);
        length += bytes;
    }
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
    expand(data, size, line, BOOT_CMDLINE_BYTES);
    enum boot_err err = cmdline_parse(line, &options, &problem);
    if (err == BOOT_OK) {
        check_options(&options);
    } else {
        require(problem.err == err && memchr(problem.where, 0, sizeof problem.where) != NULL);
    }
    free(line);
    return 0;
}
