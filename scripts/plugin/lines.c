/* SPDX-License-Identifier: MIT */
#include "lines.h"

void lines_init(struct lines *lines, struct line *line, uint64_t count)
{
    *lines = (struct lines){.line = line, .count = count};
}

static bool is_shared(const struct line *line)
{
    const uint32_t touched = line->readers | line->writers;
    return line->writers != 0 && (touched & (touched - 1)) != 0;
}

static void put(struct lines_log *log, const struct lines_access *access)
{
    if (log->count < LINES_LOG_MAX) {
        log->access[log->count] = *access;
    }
    log->count++;
}

static void count_move(struct lines *lines, const struct line *line,
                       const struct lines_access *access)
{
    const uint32_t own = 1u << access->socket;
    if (line->holders != 0 && (line->holders & own) == 0) {
        if (((line->readers | line->writers) & ~own) == 0) {
            lines->cold[access->socket]++;
            return;
        }
        lines->migrations[line->owner][access->socket]++;
        put(&lines->moved, access);
    } else if (access->is_store && (line->holders & ~own) != 0) {
        lines->invalidations[access->socket]++;
    }
}

static void count_sharing(struct lines *lines, struct line *line, const struct lines_access *access)
{
    const uint16_t own = (uint16_t)(1u << access->socket);
    const bool was_shared = is_shared(line);
    if (access->is_store) {
        line->writers |= own;
    } else {
        line->readers |= own;
    }
    if (!was_shared && is_shared(line)) {
        put(&lines->shared, access);
    }
}

static void move(struct line *line, const struct lines_access *access)
{
    const uint16_t own = (uint16_t)(1u << access->socket);
    if (access->is_store || line->holders == 0) {
        line->holders = own;
        line->owner = (uint16_t)access->socket;
    } else {
        line->holders |= own;
    }
}

void lines_touch(struct lines *lines, const struct lines_access *access)
{
    struct line *line = &lines->line[access->number];
    if (access->counts) {
        count_move(lines, line, access);
        count_sharing(lines, line, access);
    }
    move(line, access);
}
