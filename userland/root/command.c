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
    {"help", "[COMMAND]", "this list, or more about a command",
     "Keys: cursor keys, Home, End, Delete, Ctrl-A E B F D K U W L; Up and Down show earlier\n"
     "lines; Tab completes commands and programs; Ctrl-C gives up the line or ends a program.\n",
     command_help},
    {"clusters", "", "all clusters: cores, memory, distances", "", command_clusters},
    {"cluster", "", "this cluster: cores, memory, distances", "", command_cluster},
    {"cores", "", "what the cores of this cluster do", "", command_cores},
    {"mem", "", "where the memory of this cluster is", "", command_mem},
    {"threads", "", "the threads of this cluster", "", command_threads},
    {"counters", "[NAME]", "what the kernel of this cluster has counted",
     "All of it, or the counter of that name, as `counters longest_irqs_off`. One column for\n"
     "each core, or one for the cluster. The ABI's pages say what each means.\n",
     command_counters},
    {"caps", "[TYPE|SLOT]", "the capabilities of this cluster's root task",
     "Counts them by type; with a type, as `caps notification`, or a slot it shows them.\n",
     command_caps},
    {"derive", "[SLOT]", "what was made from the capabilities of this cluster's root task",
     "A tree for each capability that was made from no other one of the root task's table, or for\n"
     "that in the slot. Each line says where a capability stands and what it is; what was made\n"
     "from it follows further to the right, the youngest first. A tree ends after 256 of them.\n",
     command_derive},
    {"proxies", "[SLOT]", "the words of this cluster's root task's proxy window",
     "Those of the domain in the slot, if one is given. Each line is one word that is not empty: "
     "what\n"
     "it hands on (GRANT) or takes up (USE), of or to which peer and where its other end is, and\n"
     "whether it stands in a marked page: nowhere else GRANTs count. `proxy demo` writes some.\n",
     command_proxies},
    {"resolve", "[PEER:]INDEX [SLOT]", "why a chain of proxies works or does not",
     "An index is the number of a slot or, as `w5`, of a word of the proxy window; behind the slot "
     "of\n"
     "a peer and a colon, a word of the other side. The chain begins in the root task's own "
     "domain,\n"
     "or in that in the slot. Shows it hop by hop and what comes through, or what breaks it.\n",
     command_resolve},
    {"try", "[PEER:]INDEX", "make a call through an index",
     "What it names, or what a program would be told. Uses up GRANTs for one use.\n", command_try},
    {"proxy", "demo|undo|erase WORD", "words for `proxies` and `resolve` to show",
     "`demo` makes a domain that has a peer with the root task, and writes words that work and "
     "words\n"
     "that do not; `erase` stores 0 in one of the root task's, which takes back what it granted;\n"
     "`undo` takes everything away.\n",
     command_proxy},
    {"run", "[-m MIB] PROGRAM [ARGUMENTS]", "run a program of the boot archive; its status",
     "Tab after `run` shows the programs. -m: memory that it gets besides, a power of two.\n"
     "Programs of the laboratory, archive folder lab/, may also make domains and read counters.\n"
     "Status 254: broken off by Ctrl-C. Status 128 and the cause: it faulted.\n",
     command_program},
    {"on", "CLUSTER COMMAND", "run a command on another cluster; its output and status",
     "Clusters are numbered from 0; `clusters` lists them; `all` is one after the other and\n"
     "says whose output it is. Ctrl-C goes to the program that runs there, and ends `all`.\n",
     command_on},
    {"audit", "", "check the invariants of this cluster",
     "Looks at everything the kernel has. Fails if a rule is broken, and says which.\n",
     command_audit},
    {"trace", "on|off|dump [N]", "record what this cluster's cores do; the records",
     "`dump` puts the last N records of each core, or all there are, on the machine channel;\n"
     "`scripts/r4 trace` makes a picture of them.\n",
     command_trace},
    {"echo", "[WORDS]", "say the words", "", command_echo},
    {"quit", "[STATUS]", "end the machine",
     "Status 0, the default, is a pass; others, up to 255, a failure.\n", command_quit},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

const char *command_name(size_t i)
{
    return i < COMMAND_COUNT ? commands[i].name : NULL;
}

static uint32_t no_such_command(struct sink *out, const char *name)
{
    sink_printf(out, "there is no command `%s`; `help` lists them\n", name);
    return STATUS_USAGE;
}

static uint32_t help_about(struct sink *out, const char *name)
{
    const struct command *c = find_command(name);
    if (c == NULL) {
        return no_such_command(out, name);
    }
    sink_printf(out, "%s%s%s: %s\n%s", c->name, c->arguments[0] != '\0' ? " " : "", c->arguments,
                c->summary, c->details);
    return STATUS_OK;
}

static uint32_t command_help(struct root *root, struct sink *out, const struct words *words)
{
    (void)root;
    if (words->count > 2) {
        return command_usage(out, "help", "expected nothing or one command");
    }
    if (words->count == 2) {
        return help_about(out, words->word[1]);
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *c = &commands[i];
        int width = 28 - (int)strlen(c->name);
        sink_printf(out, "%s %-*s %s\n", c->name, width, c->arguments, c->summary);
    }
    return STATUS_OK;
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
        return no_such_command(out, words.word[0]);
    }
    if (c->arguments[0] == '\0' && words.count > 1) {
        return command_usage(out, c->name, "expected no arguments");
    }
    return c->run(root, out, &words);
}
