/* SPDX-License-Identifier: MIT */
/*
 * bench: the experiments that `scripts/r4 bench` runs. The names of the rows stand behind `--` on
 * the kernel's command line, a blank between two of them.
 */
#include "world.h"

#include <string.h>

static const struct bench_row *const groups[] = {
    rows_entry, rows_switch,  rows_memory,  rows_caps,  rows_revoke,  rows_views,
    rows_proxy, rows_refused, rows_explain, rows_cores, rows_cluster,
};

#define GROUPS (sizeof groups / sizeof groups[0])

static struct bench bench;

/* What stands behind `--`, or nothing. */
static const char *arguments_of(const char *line)
{
    static const char mark[] = " -- ";
    const size_t bytes = sizeof mark - 1;
    for (size_t length = strlen(line); length >= bytes; length--, line++) {
        if (memcmp(line, mark, bytes) == 0) {
            return line + bytes;
        }
    }
    return "";
}

static size_t word_bytes(const char *text)
{
    size_t bytes = 0;
    while (text[bytes] != ' ' && text[bytes] != '\0') {
        bytes++;
    }
    return bytes;
}

/* The row whose name stands at the start of the line, and what is left of the line. */
static const struct bench_row *take_row(const char **line)
{
    const char *name = *line;
    const size_t bytes = word_bytes(name);
    *line = name + bytes + (name[bytes] == ' ');
    for (size_t g = 0; g < GROUPS; g++) {
        for (const struct bench_row *row = groups[g]; row->name != NULL; row++) {
            if (strlen(row->name) == bytes && memcmp(row->name, name, bytes) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

/* Called by start.S with the address of the boot-info page. */
_Noreturn void root_main(const struct r4_bootinfo *info);

_Noreturn void root_main(const struct r4_bootinfo *info)
{
    const char *line = arguments_of((const char *)info->command_line);
    bench.info = info;
    world_begin(info, &bench.page);
    if (info->cluster != 0) {
        cluster_partner(info);
    }
    bench_calibrate(&bench);
    while (*line != '\0') {
        const struct bench_row *row = take_row(&line);
        bench_check("there is no such row", row != NULL, true);
        bench_begin(&bench);
        row->run(&bench);
    }
    bench_exit(0);
}
