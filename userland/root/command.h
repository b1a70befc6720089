/* SPDX-License-Identifier: MIT */
/*
 * Owns: the commands of the shell: their names, their usage, and running a line of them.
 *
 * Invariants: a command's status is STATUS_OK, STATUS_FAILED, STATUS_USAGE, or that of the program that
 * it ran; whatever is not STATUS_OK comes with a sentence.
 */
#ifndef ROOT_COMMAND_H
#define ROOT_COMMAND_H

#include "root.h"
#include "sink.h"

struct command {
    const char *name;
    const char *arguments; /* for the usage; "" for none */
    const char *summary;
    const char *details; /* more sentences for `help COMMAND`; "" for none */
    uint32_t (*run)(struct root *root, struct sink *out, const struct words *words);
};

/* The name of the `i`th command, NULL beyond the last. */
const char *command_name(size_t i);

/* Runs one line; an empty one does nothing. Returns the status. */
uint32_t command_run(struct root *root, struct sink *out, const char *line, size_t bytes);

/* Says what was wrong and how the command is used: STATUS_USAGE. */
uint32_t command_usage(struct sink *out, const char *name, const char *problem);

/* Says which step failed and why: STATUS_FAILED. */
uint32_t command_failed(struct sink *out, const char *name, const char *step, enum r4_err err);

/* The commands that have files of their own. */
uint32_t command_cluster(struct root *root, struct sink *out, const struct words *words);
uint32_t command_cores(struct root *root, struct sink *out, const struct words *words);
uint32_t command_mem(struct root *root, struct sink *out, const struct words *words);
uint32_t command_threads(struct root *root, struct sink *out, const struct words *words);
uint32_t command_caps(struct root *root, struct sink *out, const struct words *words);
uint32_t command_derive(struct root *root, struct sink *out, const struct words *words);
uint32_t command_proxies(struct root *root, struct sink *out, const struct words *words);
uint32_t command_resolve(struct root *root, struct sink *out, const struct words *words);
uint32_t command_try(struct root *root, struct sink *out, const struct words *words);
uint32_t command_proxy(struct root *root, struct sink *out, const struct words *words);
uint32_t command_counters(struct root *root, struct sink *out, const struct words *words);
uint32_t command_trace(struct root *root, struct sink *out, const struct words *words);
uint32_t command_audit(struct root *root, struct sink *out, const struct words *words);
/* The `i`th program of the boot archive, NULL beyond the last. */
const char *program_name(const struct root *root, size_t i);
uint32_t command_program(struct root *root, struct sink *out, const struct words *words);
uint32_t command_on(struct root *root, struct sink *out, const struct words *words);
uint32_t command_clusters(struct root *root, struct sink *out, const struct words *words);

#endif
