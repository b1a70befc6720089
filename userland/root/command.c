/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <r4/abi/names.h>
#include <string.h>

#define EXIT_STATUS_MAX 255u

static uint32_t command_help(struct root *root, struct sink *out, const struct words *words);

static uint32_t command_echo(struct root *root, struct sink *out, const struct words *words)
{
    (void)root;
    for (uint32_t i = 1; i < words->count; i++) {
        sink_printf(out, "%s%s", i > 1 ? " " : "", words->word[i]);
    }
    sink_printf(out, "\n");
    return STATUS_OK;
}

static uint32_t command_quit(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t status = 0;
    if (words->count > 2 ||
        (words->count == 2 && !words_number(words->word[1], EXIT_STATUS_MAX, &status))) {
        return command_usage(out, "quit", "expected nothing or a status from 0 to 255");
    }
    if (!root_has_console(root)) {
        sink_printf(out, "quit: only cluster 0 can end the machine\n");
        return STATUS_FAILED;
    }
    root->quits = true;
    root->quit_status = (uint32_t)status;
    return (uint32_t)status;
}

static const struct command commands[] = {
    {"help", "", "this list", command_help},
    {"clusters", "", "all clusters: cores, memory, distances", command_clusters},
    {"cluster", "", "this cluster: cores, memory, distances", command_cluster},
    {"cores", "", "what the cores of this cluster do", command_cores},
    {"mem", "", "where the memory of this cluster is", command_mem},
    {"threads", "", "the threads of this cluster", command_threads},
    {"counters", "", "what the kernel of this cluster has counted", command_counters},
    {"run", "PROGRAM [ARGUMENTS]", "run a program of the boot archive; its status",
     command_program},
    {"on", "CLUSTER COMMAND", "run a command on another cluster; its output and status",
     command_on},
    {"audit", "", "check the invariants of this cluster", command_audit},
    {"echo", "[WORDS]", "say the words", command_echo},
    {"quit", "[STATUS]", "end the machine", command_quit},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static uint32_t command_help(struct root *root, struct sink *out, const struct words *words)
{
    (void)root;
    (void)words;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *c = &commands[i];
        int width = 28 - (int)strlen(c->name);
        sink_printf(out, "%s %-*s %s\n", c->name, width, c->arguments, c->summary);
    }
    return STATUS_OK;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

uint32_t command_usage(struct sink *out, const char *name, const char *problem)
{
    const struct command *c = find_command(name);
    sink_printf(out, "%s: %s; usage: %s%s%s\n", name, problem, c->name,
                c->arguments[0] != '\0' ? " " : "", c->arguments);
    return STATUS_USAGE;
}

uint32_t command_failed(struct sink *out, const char *name, const char *step, enum r4_err err)
{
    sink_printf(out, "%s: %s: %s: %s\n", name, step, r4_err_name(err), r4_err_text(err));
    return STATUS_FAILED;
}

uint32_t command_run(struct root *root, struct sink *out, const char *line, size_t bytes)
{
    struct words words;
    enum words_err err = words_split(&words, line, bytes);
    if (err != WORDS_OK) {
        sink_printf(out, "%s\n", words_err_text(err));
        return STATUS_USAGE;
    }
    if (words.count == 0) {
        return STATUS_OK;
    }
    const struct command *c = find_command(words.word[0]);
    if (c == NULL) {
        sink_printf(out, "there is no command `%s`; `help` lists them\n", words.word[0]);
        return STATUS_USAGE;
    }
    if (c->arguments[0] == '\0' && words.count > 1) {
        return command_usage(out, c->name, "expected no arguments");
    }
    return c->run(root, out, &words);
}
