/* SPDX-License-Identifier: MIT */
/*
 * Owns: which socket has a copy of which cache line, and how lines move between sockets. A socket
 * has one cache without limit. A load copies the line from its owner, the last writer, unless the
 * socket has a copy. A store takes the line from the owner if the socket has no copy, and all other
 * copies are gone then.
 *
 * Invariants
 * (1) The owner of a line that was touched has a copy.
 * (2) A line is shared if, while it counted, one socket stored to it and another one touched it. That
 *     does not depend on the order in which the sockets ran: without shared lines each line migrates
 *     at most once to each socket, whatever the order.
 * Pure, but for the memory of the lines. Not here: addresses and nodes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LINES_SOCKETS_MAX 16u
#define LINES_LOG_MAX     32u
#define LINE_BITS         6u

struct line {
    uint16_t holders; /* bit s: socket s has a copy */
    uint16_t readers; /* while it counted */
    uint16_t writers; /* while it counted */
    uint16_t owner;
};

struct lines_access {
    uint64_t number; /* of the line; below `count` */
    uint64_t pc;
    uint32_t socket;
    bool is_store;
    bool counts; /* else it only moves the line */
};

/* The first accesses of a kind. */
struct lines_log {
    uint64_t count; /* also of those that found no room */
    struct lines_access access[LINES_LOG_MAX];
};

struct lines {
    struct line *line;
    uint64_t count;
    uint64_t migrations[LINES_SOCKETS_MAX][LINES_SOCKETS_MAX]; /* from, to */
    /* Moves of lines that no other socket has touched while it counted. */
    uint64_t cold[LINES_SOCKETS_MAX];
    /* Stores of a socket that had a copy, as others did. */
    uint64_t invalidations[LINES_SOCKETS_MAX];
    struct lines_log moved;  /* accesses that were migrations */
    struct lines_log shared; /* accesses that made a line shared; one for each */
};

/* `line` are `count` zeroed lines. */
void lines_init(struct lines *lines, struct line *line, uint64_t count);
void lines_touch(struct lines *lines, const struct lines_access *access);
