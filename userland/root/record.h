/* SPDX-License-Identifier: MIT */
/*
 * Owns: the records that cluster 0's root task writes to the machine channel.
 *
 * Invariants: each record is one whole frame (<lib/channel_frame.h>).
 */
#ifndef ROOT_RECORD_H
#define ROOT_RECORD_H

#include "sink.h"

#include <r4/abi/structs.h>
#include <stdbool.h>

#define RECORD_OUTPUT_MAX 1500u

/* The output of one command as it goes into its record; `bytes` counts beyond RECORD_OUTPUT_MAX. */
struct record_output {
    size_t bytes;
    char text[RECORD_OUTPUT_MAX];
};

void record_output_add(struct record_output *output, const char *text, size_t bytes);

void record_boot(const struct r4_bootinfo *info);
/* The shell takes a command. */
void record_ready(void);
void record_command(const char *line, size_t bytes, uint32_t status,
                    const struct record_output *output);
void record_event(const struct event *event);
/* A line of a program's output, which is a record if it is a result (result.h). */
void record_result(const char *line, size_t bytes);
void record_exit(uint32_t status);
/* Whether an audit of any cluster has found something. */
bool record_saw_violation(void);

#endif
